/**
 * Every kernel of shaders/ in its own form, at sizes that fill no tile and no workgroup: inputs and expected outputs.
 */
import { readFileSync } from 'node:fs';

export interface ShaderCase {
  /** The file's name without folder and extension. */
  readonly name: string;
  /** Values for its overrides and constants; as written, where it says none. */
  readonly constants: Readonly<Record<string, number>>;
  /** What the bindings hold, by number. */
  readonly buffers: readonly Float32Array[];
  readonly invocations: number;
  /** What the last bindings hold afterwards. */
  readonly expected: readonly (readonly number[])[];
}

/** Uneven numbers in (-2, 2). */
function numbers(length: number, phase: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 4 * (((i + 1) * 0.6180339887 + phase) % 1) - 2);
}

const at = (array: ArrayLike<number>, i: number): number => array[i] ?? NaN;

function descent(size: number, rate: number, constants: ShaderCase['constants']): ShaderCase {
  const [dw, w] = [numbers(size, 0.1), numbers(size, 0.2)];
  const expected = Array.from(w, (value, i) => value - rate * at(dw, i));
  return { name: 'map', constants, buffers: [dw, w], invocations: size, expected: [expected] };
}

function softmax(rows: number, classes: number, constants: ShaderCase['constants']): ShaderCase {
  const x = numbers(rows * classes, 0.3);
  const expected = Array.from(x, (value, i) => {
    const start = i - (i % classes);
    const row = x.subarray(start, start + classes);
    return Math.exp(value) / row.reduce((sum, other) => sum + Math.exp(other), 0);
  });
  return { name: 'rows', constants, buffers: [x, new Float32Array(x.length)], invocations: rows, expected: [expected] };
}

type Sizes = readonly [M: number, K: number, N: number];

/** A · B, in float64. */
function product([M, K, N]: Sizes, a: Float32Array, b: Float32Array): number[] {
  return Array.from({ length: M * N }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += at(a, Math.floor(i / N) * K + k) * at(b, k * N + (i % N));
    return sum;
  });
}

/** `tile`: the elements that one invocation makes, down and across. */
function matmul(sizes: Sizes, tile: readonly [number, number], constants: ShaderCase['constants']): ShaderCase {
  const [M, K, N] = sizes;
  const [a, b] = [numbers(M * K, 0.4), numbers(K * N, 0.5)];
  const invocations = Math.ceil(M / tile[0]) * Math.ceil(N / tile[1]);
  const buffers = [a, b, new Float32Array(M * N)];
  return { name: 'matmul', constants, buffers, invocations, expected: [product(sizes, a, b)] };
}

function matmulShared(sizes: Sizes, constants: ShaderCase['constants']): ShaderCase {
  const side = 32;
  const [M, , N] = sizes;
  const invocations = 64 * Math.ceil(M / side) * Math.ceil(N / side);
  return { ...matmul(sizes, [1, 1], constants), name: 'matmul-shared', invocations };
}

function crossEntropy(sizes: Sizes, tile: number, constants: ShaderCase['constants']): ShaderCase {
  const [M, K, N] = sizes;
  const [a, b, y] = [numbers(M * K, 0.4), numbers(K * N, 0.5), numbers(M * N, 0.6)];
  const z = product(sizes, a, b);
  const rows = Array.from({ length: M }, (_, row) => {
    const [own, labels] = [z.slice(row * N, row * N + N), Array.from(y.slice(row * N, row * N + N))];
    const logSum = Math.log(own.reduce((sum, value) => sum + Math.exp(value), 0));
    const weight = labels.reduce((sum, value) => sum + value, 0);
    return {
      loss: own.reduce((sum, value, n) => sum + at(labels, n) * (logSum - value), 0),
      dz: own.map((value, n) => Math.exp(value - logSum) * weight - at(labels, n)),
    };
  });
  return {
    name: 'matmul-rows',
    constants,
    buffers: [a, b, y, new Float32Array(M), new Float32Array(M * N)],
    invocations: Math.ceil(M / tile),
    expected: [rows.map(({ loss }) => loss), rows.flatMap(({ dz }) => dz)],
  };
}

export const shaderCases: readonly ShaderCase[] = [
  descent(8, 0.01, {}),
  descent(65, 0.25, { SIZE: 65, RATE: 0.25 }),
  softmax(8, 10, {}),
  softmax(17, 3, { R: 17, C: 3 }),
  softmax(3, 1, { R: 3, C: 1 }),
  matmul([8, 8, 8], [4, 4], {}),
  matmul([9, 10, 7], [4, 4], { M: 9, K: 10, N: 7, RUNS: 2, RUN: 6 }),
  matmul([1, 3, 1], [4, 4], { M: 1, K: 3, N: 1 }),
  matmul([17, 20, 10], [4, 2], { M: 17, K: 20, N: 10, TN: 2, KQ: 4, RUNS: 2, RUN: 12 }),
  matmulShared([8, 8, 8], {}),
  matmulShared([33, 19, 40], { M: 33, K: 19, N: 40, RUNS: 2, RUN: 16 }),
  crossEntropy([8, 8, 10], 4, {}),
  crossEntropy([9, 10, 7], 4, { M: 9, K: 10, N: 7, RUNS: 2, RUN: 6 }),
  crossEntropy([5, 8, 3], 1, { M: 5, K: 8, N: 3, TM: 1, KQ: 2 }),
];

/** The text of a shader, its constants given other values. */
export function shaderText(name: string, constants: ShaderCase['constants'] = {}): string {
  const text = readFileSync(new URL(`../../shaders/${name}.wgsl`, import.meta.url), 'utf8');
  return Object.entries(constants).reduce((code, [key, value]) => {
    const declaration = new RegExp(`^(?:override|const) ${key}: (\\w+) = [^;]+;`, 'm');
    if (!declaration.test(code)) throw new Error(`${name}.wgsl has no constant ${key}.`);
    return code.replace(
      declaration,
      (_, type: string) => `const ${key}: ${type} = ${value}${type === 'u32' ? 'u' : ''};`,
    );
  }, text);
}

export function describeCase({ name, constants }: ShaderCase): string {
  const sizes = Object.entries(constants).map(([key, value]) => `${key} ${value}`);
  return `${name}.wgsl, ${sizes.length === 0 ? 'as written' : sizes.join(', ')}`;
}
