/**
 * Translation of WGSL into JavaScript, for the part of WGSL that the compiler emits. Integers have 32 bits and their sign, a barrier
 * is a `yield`, and a {@link Shared} sees every access to storage and workgroup memory. Floats are float64: no address depends on them.
 */
import { WgslParser } from 'wgsl_reflect/wgsl_reflect.module.js';
import { Translator, U32, type Node } from './wgsl-translator.ts';

/** The memory that the invocations of a dispatch share. */
export interface Shared {
  read(buffer: string, index: number): number;
  write(buffer: string, index: number, value: number): void;
  /** Changes a word in one piece, and returns what it was. */
  atomic(buffer: string, index: number, change: (old: number) => number): number;
}

/** Built-in values by name: `workgroup_id`, `local_invocation_index`… */
export type Builtins = Readonly<Record<string, unknown>>;

export interface Translated {
  readonly workgroupSize: number;
  /** Names of the variables in `var<workgroup>`. */
  readonly workgroupVariables: ReadonlySet<string>;
  /** Starts an invocation of `main`, which yields at each barrier. */
  start(shared: Shared, builtins: Builtins, uniforms: Readonly<Record<string, unknown>>): Iterator<void>;
}

const words = new Uint32Array(1);
const views: Readonly<Record<string, Uint32Array | Int32Array | Float32Array>> = {
  u32: words,
  x32: new Int32Array(words.buffer),
  i32: new Int32Array(words.buffer),
  f32: new Float32Array(words.buffer),
};
/** Functions that the translation calls. */
const helpers = {
  bitcast: (value: number, from: string, to: string): number => {
    (views[from] ?? words)[0] = value;
    return (views[to] ?? words)[0] ?? 0;
  },
  unpack: (word: number): number[] => [0, 8, 16, 24].map((shift) => ((word >>> shift) & 255) / 255),
  copy: <T>(value: T): T => (Array.isArray(value) ? (value.map(helpers.copy) as T) : value),
};

export function translate(code: string): Translated {
  // wgsl_reflect reads `workgroup` as an address space, also where it is a name.
  const tree = new WgslParser().parse(code.replace(/\bworkgroup(?=[.:])/g, 'workgroupId')) as unknown as Node[];
  const functions = new Map(tree.filter(({ astNodeType }) => astNodeType === 'function').map((one) => [one.name, one]));
  const main = functions.get('main');
  if (main === undefined) throw new Error('There is no main.');
  const translator = new Translator(functions);
  const globals = tree.filter(({ astNodeType }) => astNodeType === 'var' || astNodeType === 'const');
  const texts = globals.map((node) => {
    const type = node.type ?? U32;
    if (node.storage === 'uniform') return `const ${translator.declare(node.name, type)} = uniforms.${node.name};`;
    if (node.storage !== 'storage' && node.storage !== 'workgroup') return translator.variable(node);
    translator.declare(node.name, type, true);
    return '';
  });
  texts.push(...[...functions.values()].map((one) => translator.functionText(one)));
  const names = (main.args ?? []).map(({ attributes }) => attributes?.find(({ name }) => name === 'builtin')?.value);
  const call = `return main(${names.map((name) => `builtins['${String(name)}']`).join(', ')});`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const invoke = new Function(
    'helpers',
    'shared',
    'builtins',
    'uniforms',
    `const { ${Object.keys(helpers).join(', ')} } = helpers;\n${texts.join('\n')}\n${call}`,
  ) as (...values: readonly unknown[]) => Iterator<void>;
  const size = main.attributes?.find(({ name }) => name === 'workgroup_size')?.value ?? '1';
  return {
    workgroupSize: [size].flat().reduce((product, part) => product * Number(part), 1),
    workgroupVariables: new Set(globals.filter(({ storage }) => storage === 'workgroup').map(({ name }) => name)),
    start: (shared, builtins, uniforms) => invoke(helpers, shared, builtins, uniforms),
  };
}
