/** Parts of a tensor along an axis. */
import { isList, show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { calledAs, checkTensor, compose, describeTensor, type Tensor } from '../graph/tensor.ts';
import { resolveAxis } from './axes.ts';
import { slice } from './slice.ts';

/**
 * Splits a tensor along `axis`, the reverse of `concat`.
 * @param parts - The number of equal parts, or the size of each.
 * @param axis - By default the first; its size is known.
 * @throws GraphError where the axis is out of range, its size is not known, or the parts do not fill it.
 */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  checkTensor('split', x);
  const at = resolveAxis('split', describeTensor(x), axis, x.shape.length);
  const length = x.shape[at] ?? null;
  if (length === null) {
    throw new GraphError(
      `split: axis ${at} of ${describeTensor(x)} is decided by the feed; give an axis of a known size, or use slice().`,
    );
  }
  const sizes = typeof parts === 'number' ? equalParts(length, parts) : isList(parts) ? [...parts] : [];
  const isFilled = sizes.every((size) => Number.isInteger(size) && size >= 0) && sum(sizes) === length;
  if (sizes.length === 0 || !isFilled) {
    throw new GraphError(
      `${calledAs('split')}: ${show(parts)} does not split the ${length} elements along axis ${at} of ${describeTensor(x)}; ` +
        `give a number that divides ${length}, or sizes whose sum it is.`,
    );
  }
  return compose({ op: 'split' }, () =>
    sizes.map((size, i): Tensor =>
      slice(
        x,
        x.shape.map((_, other) => (other === at ? sum(sizes.slice(0, i)) : 0)),
        x.shape.map((_, other) => (other === at ? size : -1)),
      ),
    ),
  );
}

/** The sizes of equal parts; none where `count` is not a number of parts. */
function equalParts(length: number, count: number): number[] {
  return Number.isInteger(count) && count > 0 && count <= Math.max(1, length)
    ? Array.from({ length: count }, () => length / count)
    : [];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
