/** The remainder of a division. */
import remainder from '../../shaders/remainder.wgsl';
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import type { Tensor } from '../graph/tensor.ts';
import { div } from './div.ts';
import { binary, binaryOp, NUMBERS, type Operand } from './elementwise.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { round } from './round.ts';
import { sub } from './sub.ts';

const modOp = /* @__PURE__ */ binaryOp({
  name: 'mod',
  takes: NUMBERS,
  library: remainder,
  wgsl: (a, b, type) => wgsl`${type === 'float32' ? 'floatRemainder' : 'wholeRemainder'}(${a}, ${b})`,
  js: (type) => (a, b) => {
    if (b === 0) return type === 'int32' ? 0 : NaN;
    const r = a % b;
    if (r === 0) return b < 0 ? -0 : 0;
    return r < 0 === b < 0 ? r : r + b;
  },
  // Not floor(a / b), where a rounding error may be a whole number.
  gradient: (dy, a, b, y) => [dy, neg(mul(dy, round(div(sub(a, y), b))))],
});

/**
 * The remainder of `a / b` with the sign of `b`, as in Python: `a - b · floor(a / b)`, elementwise, with NumPy's broadcasting.
 * It is exact, but for one rounding where the signs differ. In float32, it is NaN for an infinite `a` and for `b = 0`; in int32,
 * it is 0 for `b = 0`.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function mod<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(modOp, a, b);
}
