/**
 * Types of the used parts of the peers, which only `npm run bench` installs, under the names that site.ts bundles.
 */

declare module 'peer:jax' {
  /** Whatever takes an array takes ownership of it; `ref` keeps it. */
  export interface Array {
    readonly ref: this;
    readonly shape: readonly number[];
    add(other: Array | number): Array;
    sub(other: Array | number): Array;
    mul(other: Array | number): Array;
    div(other: Array | number): Array;
    sum(axis?: number): Array;
    reshape(shape: readonly number[]): Array;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  type Tree = Array | readonly Tree[] | { readonly [name: string]: Tree };

  export function init(device: string): Promise<string[]>;
  export function defaultDevice(device: string): string;
  export function jit<P extends Tree[], R extends Tree>(work: (...parameters: P) => R): (...parameters: P) => R;
  export function valueAndGrad<F extends Tree, P extends Tree[]>(
    work: (first: F, ...others: P) => Array,
  ): (first: F, ...others: P) => [Array, F];
  /** Does not take ownership. */
  export function blockUntilReady<T extends Tree>(tree: T): Promise<T>;
  export const numpy: {
    array(values: Float32Array, options?: { readonly shape?: readonly number[] }): Array;
    dot(a: Array, b: Array): Array;
    matmul(a: Array, b: Array): Array;
    max(x: Array): Array;
    sqrt(x: Array): Array;
    square(x: Array): Array;
  };
  export const nn: {
    relu(x: Array): Array;
    softmax(x: Array): Array;
    logSoftmax(x: Array): Array;
  };
  export const lax: {
    convGeneralDilated(x: Array, filter: Array, strides: readonly number[], padding: string): Array;
    reduceWindow(
      x: Array,
      computation: (x: Array) => Array,
      window: readonly number[],
      strides: readonly number[],
    ): Array;
  };
  export const tree: { ref<T extends Tree>(tree: T): T };
}

declare module 'peer:tfjs' {
  const tf: import('../tfjs.ts').Tfjs;
  export = tf;
}

declare module 'peer:tfjs-wasm' {
  export function setWasmPaths(folder: string): void;
}

declare module 'peer:tfjs-webgpu' {}
