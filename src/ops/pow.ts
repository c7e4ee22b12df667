/** Powers. */
import power from '../../shaders/power.wgsl';
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import { input, type Tensor } from '../graph/tensor.ts';
import { abs } from './abs.ts';
import { equal, greater, less } from './compare.ts';
import { shapesEqual } from '../graph/shape.ts';
import { binary, binaryOp, FLOAT, uniformValue, type Operand } from './elementwise.ts';
import { log } from './log.ts';
import { mul } from './mul.ts';
import { square } from './square.ts';
import { sub } from './sub.ts';
import { where } from './where.ts';

/** The least float32 whose reciprocal is sure to be finite. */
const LEAST_NORMAL = 2 ** -126;

const powOp = /* @__PURE__ */ binaryOp({
  name: 'pow',
  takes: FLOAT,
  functions: ['exponentOf', 'mantissaOf', 'scaledExponential', 'twiceArtanh'],
  library: power,
  wgsl: (a, b) => wgsl`power(${a}, ${b})`,
  js: () => powerOf,
  gradient(dy, a, b, y) {
    // Where b is 0 so is the slope, also where a⁻¹ is infinite.
    const base = where(equal(b, 0), where(less(abs(a), LEAST_NORMAL), 1, a), a);
    return [mul(dy, mul(b, pow(base, sub(b, 1)))), mul(dy, mul(y, log(where(greater(a, 0), a, 1))))];
  },
  simplify(node) {
    const [base, exponent] = [input(node.inputs, 0), uniformValue(input(node.inputs, 1))];
    if (!shapesEqual(base.shape, node.shape)) return undefined;
    return exponent === 1 ? base : exponent === 2 ? square(base) : undefined;
  },
});

/** IEEE 754's, in which JavaScript has NaN for 1 to any power and ±1 to ±Infinity. */
function powerOf(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/**
 * `a` to the power of `b`, elementwise, with NumPy's broadcasting, on float32, as IEEE 754 has it: exact where
 * both are whole and the result is a whole number that float32 holds; 1 to the exponent 0; to a negative exponent infinite
 * at base 0. A negative base has powers to whole exponents, else NaN; the gradient towards the exponent is 0 where the base is not positive.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function pow<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(powOp, a, b);
}
