/** Class ids as rows with a single 1. */
import { GraphError } from '../errors.ts';
import type { Attrs, Op } from '../graph/op.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
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
  kernel: { kind: 'index', wgsl: (_context, _attrs, index) => `i32(${index})`, js: () => (index) => index },
};

/**
 * A new last axis of `depth` elements, 1 at the index and 0 elsewhere, in float32; an index out of range gives zeros.
 * @throws GraphError where `indices` are not int32 or `depth` is no size.
 */
export function oneHot(indices: Tensor, depth: number): Tensor {
  checkDType('oneHot', indices, ['int32']);
  if (!Number.isSafeInteger(depth) || depth < 1) {
    throw new GraphError(`oneHot: depth ${depth} is not a number of classes; give a whole number from 1 on.`);
  }
  return cast(equal(expandDims(indices, -1), createTensor(iotaOp, [], { length: depth })), 'float32');
}
