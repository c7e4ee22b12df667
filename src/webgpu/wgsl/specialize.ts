/**
 * Specializes a `.wgsl` file to one kernel: sizes become constants, hooks get bodies, marked loops are unrolled, and the file's own
 * names get a prefix so that a module can have several kernels. The plugin finds all of these places at build time.
 */
import type { ShaderSource } from '../../../shaders/shader-source.ts';
import type { TileChoice } from '../../compile/plan.ts';
import { invariant } from '../../errors.ts';
import { join, wgsl, type Snippet } from '../../graph/snippet.ts';

/** The code of a group, and the number of invocations of its function `<prefix>run`. */
export interface Kernel {
  /** The name of its file, e.g. `matmul.wgsl`. */
  readonly source: string;
  readonly prefix: string;
  readonly code: Snippet;
  readonly invocations: number;
  /** For a chained kernel: the number of invocations that one workgroup runs. */
  readonly invocationsPerWorkgroup: number | undefined;
  /** Set where the kernel's tile size is worth tuning. */
  readonly tiles?: TileChoice | undefined;
}

/** The values that a kernel gives a file. */
export interface Specialization {
  readonly prefix: string;
  /** Values of the file's `override`s and `const`s. */
  readonly constants: Readonly<Record<string, number>>;
  /** The text of the file's hooks from their parameters on. In it, the file's own names have the prefix. */
  readonly hooks: Readonly<Record<string, Snippet>>;
}

/** Returns the functions and constants of a kernel, without entry point and bindings. */
export function specialize(shader: ShaderSource, { prefix, constants, hooks }: Specialization): Snippet {
  if (import.meta.env.DEV) checkNames(shader, constants, hooks);
  const sizes = Object.entries(constants).map(([size, value]) => wgsl`const ${prefix}${size}: u32 = ${value}u;`);
  const functions = Object.entries(shader.templates)
    .filter(([name]) => !(name in hooks))
    .map(([, template]) => wgsl`${fillTemplate(template, prefix, constants)}`);
  const filled = Object.entries(hooks).map(([name, text]) => wgsl`fn ${prefix}${name}${text}`);
  return join([...sizes, ...functions, ...filled]);
}

/** Throws if a file lacks a hook or constant. A production build has no list of them. */
function checkNames({ name, hooks, declarations }: ShaderSource, constants: object, filled: object): void {
  const wrong =
    Object.keys(filled).find((hook) => hooks?.includes(hook) === false) ??
    Object.keys(constants).find((constant) => declarations?.includes(constant) === false);
  invariant(wrong === undefined, `${name}.wgsl has no hook or constant '${wrong}'`);
}

/** Returns a template's text: names get `prefix`, and marked loops are unrolled. */
export function fillTemplate(template: string, prefix: string, constants: Readonly<Record<string, number>>): string {
  const pieces = template.split('#');
  let at = 0;
  // Fills up to the end of a loop's body, or of the template. `counters`: the values of the enclosing loops' counters.
  const fill = (counters: Readonly<Record<string, number>>): string => {
    let text = '';
    for (; at < pieces.length; at++) {
      const piece = pieces[at] ?? '';
      if (at % 2 === 0) {
        text += piece;
        continue;
      }
      if (piece === 'end') return text;
      const [name = '', counter, bound = ''] = piece.split(' ');
      if (counter !== undefined) {
        const start = at + 1;
        const copies = Array.from({ length: constants[bound] ?? 0 }, (_, value) => {
          at = start;
          return `{${fill({ ...counters, [counter]: value })}}`;
        });
        text += copies.join('\n');
      } else {
        text += name in counters ? `${counters[name]}u` : prefix + name;
      }
    }
    return text;
  };
  return fill({});
}
