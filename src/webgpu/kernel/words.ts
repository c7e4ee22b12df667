/**
 * The 32-bit words that store values: in the arena, in the state, in a data set's column.
 */
import { elementsOf } from '../../compile/known-shapes.ts';
import type { DType } from '../../graph/dtype.ts';
import { name, u32, wgsl, type Snippet } from '../../graph/snippet.ts';
import { constantValue } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { DatasetRowsAttrs } from '../lower/internal-ops.ts';
import { isRepeated } from '../schedule/stages.ts';
import type { Layout } from './layout.ts';

const wgslTypes: Record<DType, string> = { float32: 'f32', int32: 'i32', bool: 'bool' };

/** The index of the slice that a workgroup takes through a chain. */
export const sliceIndex = name('sliceIndex');

/** The word of a stored tensor's element. */
export function wordOf(tensor: Tensor, flat: Snippet, layout: Layout): Snippet {
  const word = scratchWord(tensor, flat, layout);
  if (word !== undefined) return word;
  return wgsl`state[${name(`from${layout.variables.get(tensor.name ?? '') ?? 0}`)} + ${flat}]`;
}

/** The word of an element in the arena; `undefined` for tensors elsewhere. The arena has a copy per workgroup of some tensors. */
export function scratchWord(tensor: Tensor, flat: Snippet, layout: Layout): Snippet | undefined {
  const { scratch, schedule, carry } = layout;
  if (!scratch.has(tensor)) return undefined;
  const copy =
    tensor === carry?.carryIn ? wgsl`params.generation` : isRepeated(tensor, schedule) ? sliceIndex : undefined;
  return copyWord(tensor, copy, flat, layout);
}

/** The word of an element in copy number `copy` of a tensor; in its only copy if `undefined`. */
export function copyWord(tensor: Tensor, copy: Snippet | undefined, flat: Snippet, { scratch }: Layout): Snippet {
  const first = copy === undefined ? '' : wgsl`${copy} * ${elementsOf(tensor)}u + `;
  return wgsl`scratch[${scratch.get(tensor) ?? 0}u + ${first}${flat}]`;
}

/** The element of a column at `element`, an index in the whole column. */
export function datasetElement({ format, wordOffset, binding }: DatasetRowsAttrs, element: Snippet): Snippet {
  const word = wgsl`data${binding}[${wordOffset}u + ${element}]`;
  switch (format) {
    case 'uint8':
      return wgsl`byteAt${binding}(${wordOffset * 4}u + ${element})`;
    case 'float32':
      return wgsl`bitcast<f32>(${word})`;
    case 'labels':
      return wgsl`bitcast<i32>(${word})`;
    default:
      return format satisfies never;
  }
}

/** A 32-bit word as a value of `dtype`. */
export function loadWord(word: Snippet, dtype: DType): Snippet {
  return dtype === 'bool' ? wgsl`(${word} != 0u)` : wgsl`bitcast<${wgslTypes[dtype]}>(${word})`;
}

/** A value of `dtype` as the word that stores it. */
export function storeWord(value: Snippet, dtype: DType): Snippet {
  return dtype === 'bool' ? wgsl`select(0u, 1u, ${value})` : wgsl`bitcast<u32>(${value})`;
}

/** A constant of one element as a WGSL literal, exact to the bit. */
export function literal(tensor: Tensor): Snippet {
  const value = constantValue(tensor)[0] ?? 0;
  if (tensor.dtype === 'bool') return wgsl`${value === 0 ? 'false' : 'true'}`;
  if (tensor.dtype === 'int32') return value === -2147483648 ? wgsl`i32(-2147483647 - 1)` : wgsl`${value}i`;
  if (Number.isFinite(value) && !Object.is(value, -0)) {
    const isWhole = Number.isInteger(value) && Math.abs(value) < 1e21;
    return wgsl`f32(${value}${isWhole ? '.0' : ''})`;
  }
  // A constant expression must not be NaN or infinite, so the value is computed with `params.zero`.
  return wgsl`bitcast<f32>(${u32(new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0)} + params.zero)`;
}
