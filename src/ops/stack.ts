/** Tensors along a new axis, and back. */
import { checkList } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Reduced } from '../graph/shape-types.ts';
import { shapesMayEqual, type Shape } from '../graph/shape.ts';
import { checkTensor, compose, describeTensor, type Tensor } from '../graph/tensor.ts';
import { resolveAxis } from './axes.ts';
import { concat } from './concat.ts';
import { checkSameDType } from './elementwise.ts';
import { expandDims, squeeze } from './reshape.ts';
import { split } from './split.ts';

/**
 * Joins tensors of one shape along a new axis: three of [2, 5] become [3, 2, 5].
 * @param axis - The new axis' position in the result, negative from its end; by default the first.
 * @throws GraphError where there are no tensors, they differ in shape or dtype, or the axis is out of range.
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkList('stack: the first argument', tensors, 'a list of tensors');
  for (const x of tensors as readonly unknown[]) checkTensor('stack', x);
  const [first] = tensors;
  if (first === undefined) throw new GraphError('stack: there are no tensors; give at least one.');
  const { shape } = first;
  const at = resolveAxis('stack', `the result of ${shape.length + 1} axes`, axis, shape.length + 1);
  for (const x of tensors) {
    if (!shapesMayEqual(x.shape, shape)) {
      throw new GraphError(
        `stack: ${describeTensor(first)} and ${describeTensor(x)} differ in shape; reshape one of them.`,
      );
    }
    checkSameDType('stack', first, x);
  }
  return compose({ op: 'stack' }, () =>
    concat(
      tensors.map((x): Tensor => expandDims(x, at)),
      at,
    ),
  );
}

/**
 * Takes a tensor apart along `axis`, the reverse of {@link stack}: [3, 2, 5] becomes three of [2, 5].
 * @param axis - By default the first; its size is known.
 * @throws GraphError where the axis is out of range, or its size is not known.
 */
export function unstack<S extends Shape, A extends number = 0>(
  x: Tensor<S>,
  axis = 0 as A,
): Tensor<Reduced<S, A, false>>[] {
  checkTensor('unstack', x);
  const at = resolveAxis('unstack', describeTensor(x), axis, x.shape.length);
  const size = x.shape[at] ?? null;
  if (size === null) {
    throw new GraphError(
      `unstack: axis ${at} of ${describeTensor(x)} is decided by the feed; give an axis of a known size.`,
    );
  }
  return compose({ op: 'unstack' }, () =>
    split(
      x,
      Array.from({ length: size }, () => 1),
      at,
    ).map((part) => squeeze<Shape, number>(part, at) as Tensor<Reduced<S, A, false>>),
  );
}
