/** Indices of least elements. */
import { refuse } from '../checks.ts';
import type { Reduced } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { compose, type Tensor } from '../graph/tensor.ts';
import { argMax } from './arg-max.ts';
import { checkDType, NUMBERS } from './elementwise.ts';
import { sub } from './sub.ts';

/**
 * The index of the least element along `axis` as int32, without that axis; the first of equal elements.
 * NaN counts as the least, as in NumPy.
 * No gradient flows through it.
 * @throws GraphError where the axis is out of range.
 */
export function argMin<S extends Shape, A extends number>(x: Tensor<S>, axis: A): Tensor<Reduced<S, A, false>> {
  if (typeof axis !== 'number') refuse('argMin: the axis', axis, 'a whole number, e.g. -1');
  return compose({ op: 'argMin' }, () => {
    checkDType('argMin', x, NUMBERS);
    // -1 - x has the reverse order for every int32; -x wraps around at the least one. In float32, adding 1 would round.
    const reversed: Tensor = sub<number, Tensor>(x.dtype === 'int32' ? -1 : 0, x);
    return argMax(reversed, axis) as Tensor as Tensor<Reduced<S, A, false>>;
  });
}
