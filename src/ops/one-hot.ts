/** One-hot rows of class ids. */
import { show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Attrs, Op } from '../graph/op.ts';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { compose, createTensor, type Tensor } from '../graph/tensor.ts';
import { cast } from './cast.ts';
import { equal } from './compare.ts';
import { checkDType } from './elementwise.ts';
import { expandDims } from './reshape.ts';

interface LengthAttrs extends Attrs {
  readonly length: number;
}

const iotaOp: Op<LengthAttrs> = {
  name: 'iota',
  infer: (_, { length }) => ({ shape: [length], dtype: 'int32' }),
  kernel: { kind: 'index', wgsl: (_context, _attrs, index) => wgsl`i32(${index})`, js: () => (index) => index },
};

/**
 * Adds a last axis of `depth` elements, 1 at the index and 0 elsewhere, in float32; the row of an index out of range is 0.
 * @throws GraphError where `indices` are not int32 or `depth` is not a size.
 */
export function oneHot<S extends Shape, Depth extends number>(indices: Tensor<S>, depth: Depth): Tensor<[...S, Depth]> {
  checkDType('oneHot', indices, ['int32']);
  if (!Number.isSafeInteger(depth) || depth < 1) {
    throw new GraphError(`oneHot: depth ${show(depth)} is not a number of classes; give a whole number from 1 on.`);
  }
  const rows = compose({ op: 'oneHot' }, (): Tensor => {
    const classes = createTensor(iotaOp, [], { length: depth });
    return cast(equal<Tensor, Tensor>(expandDims<Shape, -1>(indices, -1), classes), 'float32');
  });
  return rows as Tensor<[...S, Depth]>;
}
