/**
 * A small fully connected network that classifies MNIST's digits, with its weights in bytes beside it. It measures
 * digitFrom's results. Trained by train.ts.
 */
import { readFileSync } from 'node:fs';

/** Units of the layers, the image first. */
export const UNITS = [784, 240, 64, 10] as const;

/** One fully connected layer: `kernel` is `inputs × units`, row-major. */
export interface Layer {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** The weights' file. */
export const file = new URL('mlp.bin', import.meta.url);

const shapes = UNITS.slice(1).map((units, i) => ({ units, weights: units * (UNITS[i] ?? 0) }));

/** Layers as bytes: of each, the size of one step and the biases as float32, then the weights in such steps as int8. */
export function pack(layers: readonly Layer[]): Uint8Array {
  const parts = layers.map(({ kernel, bias }) => {
    const step = kernel.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127;
    const weights = Int8Array.from(kernel, (weight) => Math.round(weight / step));
    return Buffer.concat([new Uint8Array(Float32Array.of(step, ...bias).buffer), new Uint8Array(weights.buffer)]);
  });
  return Buffer.concat(parts);
}

export function unpack(bytes: Uint8Array): Layer[] {
  let at = 0;
  // A Buffer's own slice would share its memory.
  const take = (length: number): ArrayBuffer => Uint8Array.from(bytes.subarray(at, (at += length))).buffer;
  return shapes.map(({ units, weights }) => {
    const [step = 0, ...bias] = new Float32Array(take(4 * (units + 1)));
    const kernel = Float32Array.from(new Int8Array(take(weights)), (weight) => weight * step);
    return { kernel, bias: Float32Array.from(bias) };
  });
}

/** The network in the file: which digit an image of 784 values is. */
export function loadMlp(): (image: Float32Array) => number {
  const layers = unpack(readFileSync(file));
  return (image) => {
    const outputs = layers.reduce((values, layer, i) => {
      const sums = apply(layer, values);
      return i + 1 < layers.length ? sums.map((sum) => Math.max(0, sum)) : sums;
    }, image);
    return outputs.indexOf(Math.max(...outputs));
  };
}

function apply({ kernel, bias }: Layer, inputs: Float32Array): Float32Array {
  const sums = Float32Array.from(bias);
  inputs.forEach((input, row) => {
    if (input === 0) return;
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + input * (kernel[row * sums.length + i] ?? 0);
  });
  return sums;
}
