/**
 * Makes one kernel's text of a `.wgsl` file: sizes become constants, hooks are replaced, marked loops are unrolled, and all
 * module-scope names get a prefix so that several kernels can stand in one module.
 */
import type { ShaderSource } from '../../../shaders/shader-source.ts';
import { fault } from '../../errors.ts';
import type { TileChoice } from '../../compile/plan.ts';

export interface Specialization {
  readonly prefix: string;
  /** Values of the file's `override`s and `const`s. */
  readonly constants: Readonly<Record<string, number>>;
  /** Replacement text of hooks, whole functions under the hook's own name. */
  readonly hooks: Readonly<Record<string, string>>;
  /** Loops that count up to one of these constants are unrolled. */
  readonly unroll: readonly string[];
}

/** A kernel's text, and how many invocations of its `<prefix>run` it takes. */
export interface EmittedKernel {
  readonly shader: ShaderSource;
  readonly prefix: string;
  readonly code: string;
  /** The texts of the functions that its expressions call. */
  readonly functions: ReadonlySet<string>;
  readonly invocations: number;
  /** Of a chained kernel: how many of them one workgroup takes. */
  readonly share: number | undefined;
  readonly tiles?: TileChoice | undefined;
}

/** The functions and constants of a kernel, without its entry point and bindings. */
export function specializeShader(shader: ShaderSource, { prefix, constants, hooks, unroll }: Specialization): string {
  const wrong =
    Object.keys(hooks).find((name) => shader.hooks?.includes(name) === false) ??
    Object.keys(constants).find((name) => shader.declarations?.includes(name) === false);
  if (wrong !== undefined) throw fault(`${shader.name}.wgsl has no '${wrong}'`);
  const { main: _, ...functions } = shader.functions;
  const own = [
    ...Object.entries(functions)
      .filter(([name]) => !(name in hooks))
      .map(([, text]) => unrollLoops(text, unroll, constants)),
    ...Object.values(hooks),
  ];
  const sizes = Object.entries(constants).map(([name, value]) => `const ${name}: u32 = ${value}u;`);
  const names = [...Object.keys(constants), ...Object.keys(functions), ...Object.keys(hooks)];
  return prefixNames([...sizes, ...own].join('\n'), [...new Set(names)], prefix);
}

/** Puts `prefix` before every use of `names` that is not a member (`.name`). */
export function prefixNames(code: string, names: readonly string[], prefix: string): string {
  return names.length === 0 ? code : code.replace(new RegExp(`(?<![.\\w])(${names.join('|')})\\b`, 'g'), `${prefix}$1`);
}

/** Writes out `for (var i = 0u; i < BOUND; i++) {…}` for each bound named in `bounds`, inner loops too. */
export function unrollLoops(code: string, bounds: readonly string[], values: Readonly<Record<string, number>>): string {
  if (bounds.length === 0) return code;
  const head = new RegExp(
    `for\\s*\\(var (\\w+)\\s*=\\s*0u;\\s*\\1\\s*<\\s*(${bounds.join('|')});\\s*\\1\\+\\+\\)\\s*\\{`,
  );
  let text = code;
  for (let match = head.exec(text); match !== null; match = head.exec(text)) {
    const [opening, counter = '', bound = ''] = match;
    const start = match.index + opening.length;
    const end = closingBrace(text, start);
    const body = text.slice(start, end);
    const copies = Array.from(
      { length: values[bound] ?? 0 },
      (_, i) => `{${body.replace(new RegExp(`\\b${counter}\\b`, 'g'), `${i}u`)}}`,
    );
    text = text.slice(0, match.index) + copies.join('\n') + text.slice(end + 1);
  }
  return text;
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return text.length;
}
