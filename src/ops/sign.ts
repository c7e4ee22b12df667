/** The sign. */
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { NUMBERS, unaryOp } from './elementwise.ts';

const signOp = /* @__PURE__ */ unaryOp({
  name: 'sign',
  takes: NUMBERS,
  wgsl: (x) => `sign(${x})`,
  js: () => Math.sign,
});

/** -1, 0 or 1 by the sign of `x`, elementwise. No gradient flows through it. */
export function sign(x: Tensor): Tensor {
  return createTensor(signOp, [x]);
}
