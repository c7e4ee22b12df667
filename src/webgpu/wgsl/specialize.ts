/**
 * Makes one kernel of a `.wgsl` file: sizes become constants, hooks get bodies, marked loops are written out, and the file's own
 * names get a prefix so that several kernels can stand in one module. The plugin found all of these places at build time.
 */
import type { ShaderSource } from '../../../shaders/shader-source.ts';
import type { TileChoice } from '../../compile/plan.ts';
import { invariant } from '../../errors.ts';
import { join, wgsl, type Snippet } from '../../graph/snippet.ts';

/** A group's code, and how many invocations of its `<prefix>run` it takes. */
export interface Kernel {
  /** The file it is made from, e.g. `matmul.wgsl`. */
  readonly source: string;
  readonly prefix: string;
  readonly code: Snippet;
  readonly invocations: number;
  /** Of a chained kernel: how many of them one workgroup takes. */
  readonly share: number | undefined;
  readonly tiles?: TileChoice | undefined;
}

export interface Specialization {
  readonly prefix: string;
  /** Values of the file's `override`s and `const`s. */
  readonly constants: Readonly<Record<string, number>>;
  /** The file's hooks from their parameters on, in which the file's own names have the prefix. */
  readonly hooks: Readonly<Record<string, Snippet>>;
}

/** The functions and constants of a kernel, without its entry point and bindings. */
export function specialize(shader: ShaderSource, { prefix, constants, hooks }: Specialization): Snippet {
  if (import.meta.env.DEV) checkNames(shader, constants, hooks);
  const sizes = Object.entries(constants).map(([size, value]) => wgsl`const ${prefix}${size}: u32 = ${value}u;`);
  const functions = Object.entries(shader.templates)
    .filter(([name]) => !(name in hooks))
    .map(([, template]) => wgsl`${fillTemplate(template, prefix, constants)}`);
  const filled = Object.entries(hooks).map(([name, text]) => wgsl`fn ${prefix}${name}${text}`);
  return join([...sizes, ...functions, ...filled]);
}

/** Throws where a file has no such hook or constant. A production build has no list of them. */
function checkNames({ name, hooks, declarations }: ShaderSource, constants: object, filled: object): void {
  const wrong =
    Object.keys(filled).find((hook) => hooks?.includes(hook) === false) ??
    Object.keys(constants).find((constant) => declarations?.includes(constant) === false);
  invariant(wrong === undefined, `${name}.wgsl has no '${wrong}'`);
}

/** A template's text: names get `prefix`, and the loops that count up to a constant are written out. */
export function fillTemplate(template: string, prefix: string, constants: Readonly<Record<string, number>>): string {
  const pieces = template.split('#');
  let at = 0;
  // Up to the end of a loop's body, or of the template. `counters`: values of the loops around.
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
