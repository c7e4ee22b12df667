/** Conversion to another dtype. */
import { checkIsDType, type DType } from '../graph/dtype.ts';
import type { Attrs, Op } from '../graph/op.ts';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { checkTensor, createTensor, input, type Tensor } from '../graph/tensor.ts';

interface CastAttrs extends Attrs {
  readonly dtype: DType;
}

const TYPES = { float32: 'f32', int32: 'i32', bool: 'bool' } as const;

const castOp: Op<CastAttrs> = {
  name: 'cast',
  infer: (inputs, { dtype }) => ({ shape: input(inputs, 0).shape, dtype }),
  kernel: {
    kind: 'map',
    functions: ['isNan'],
    wgsl([x], { dtype }, [from]) {
      if (from === 'float32' && dtype === 'int32') return wgsl`select(i32(${x}), 0, isNan(${x}))`;
      if (from === 'float32' && dtype === 'bool') return wgsl`(bitcast<u32>(${x}) & 0x7fffffffu) != 0u`;
      return wgsl`${TYPES[dtype]}(${x})`;
    },
    js: ({ dtype }) => CONVERSIONS[dtype],
  },
};

const CONVERSIONS: Readonly<Record<DType, (x?: number) => number>> = {
  float32: (x = NaN) => x,
  // As in WGSL: towards zero, limited to the numbers that both types represent. NaN becomes 0.
  int32: (x = NaN) => Math.max(-2147483648, Math.min(2147483520, Math.trunc(x))) || 0,
  bool: (x = NaN) => Number(x !== 0),
};

/**
 * `x` as another dtype. To int32, it rounds towards zero and limits to -2147483648…2147483520; NaN becomes 0. To bool, it is
 * `x ≠ 0`, so NaN is true. From bool, it is 0 or 1.
 * No gradient flows through it, unless `x` has the dtype already.
 */
export function cast<S extends Shape>(x: Tensor<S>, dtype: DType): Tensor<S> {
  checkTensor('cast', x);
  checkIsDType('cast', dtype);
  return x.dtype === dtype ? x : createTensor(castOp, [x], { dtype });
}
