/** Rounding to the nearest whole number. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';

const roundOp = /* @__PURE__ */ unaryOp({
  name: 'round',
  takes: FLOAT,
  functions: ['keepNan'],
  wgsl: (x) => wgsl`keepNan(round(${x}), ${x})`,
  js: () => (x) => {
    const up = Math.round(x);
    return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
  },
});

/** The whole number nearest to `x`, elementwise; halves go to the even one, as in NumPy. No gradient flows through it. */
export function round<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(roundOp, [x]);
}
