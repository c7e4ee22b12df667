/** Powers. */
import power from '../../shaders/power.wgsl';
import { uniformValue } from '../graph/broadcast.ts';
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import { input, type Tensor } from '../graph/tensor.ts';
import { abs } from './abs.ts';
import { equal, greater, less } from './compare.ts';
import { shapesEqual } from '../graph/shape.ts';
import { binary, binaryOp, FLOAT, type Operand } from './elementwise.ts';
import { log } from './log.ts';
import { mul } from './mul.ts';
import { square } from './square.ts';
import { sub } from './sub.ts';
import { where } from './where.ts';

/** The least normal float32: its reciprocal is finite. */
const LEAST_NORMAL = 2 ** -126;

const powOp = /* @__PURE__ */ binaryOp({
  name: 'pow',
  takes: FLOAT,
  functions: ['exponentOf', 'mantissaOf', 'scaledExponential', 'twiceArtanh'],
  library: power,
  wgsl: (a, b) => wgsl`power(${a}, ${b})`,
  js: () => powerOf,
  gradient(dy, a, b, y) {
    // The derivative is 0 where b is, even where a⁻¹ is infinite.
    const base = where(equal(b, 0), where(less(abs(a), LEAST_NORMAL), 1, a), a);
    return [mul(dy, mul(b, pow(base, sub(b, 1)))), mul(dy, mul(y, log(where(greater(a, 0), a, 1))))];
  },
  simplify(node) {
    const [base, exponent] = [input(node.inputs, 0), uniformValue(input(node.inputs, 1))];
    if (!shapesEqual(base.shape, node.shape)) return undefined;
    return exponent === 1 ? base : exponent === 2 ? square(base) : undefined;
  },
});

/** IEEE 754's `pow`. JavaScript's differs: NaN for 1 to the power NaN and for ±1 to the powers ±Infinity. */
function powerOf(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/**
 * `a` to the power of `b`, elementwise, with NumPy's broadcasting, on float32, as in IEEE 754.
 * It is exact where both are whole and float32 represents the result. It is 1 at exponent 0, infinite at base 0 with a negative
 * exponent, and NaN at a negative base with a fractional exponent. The gradient of the exponent is 0 where the base is not
 * positive.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function pow<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(powOp, a, b);
}
