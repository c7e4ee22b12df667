/** Powers. */
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import type { Tensor } from '../graph/tensor.ts';
import { equal, greater } from './compare.ts';
import { shapesEqual } from '../graph/shape.ts';
import { binary, binaryOp, FLOAT, input, uniformValue, type Operand } from './elementwise.ts';
import { log } from './log.ts';
import { mul } from './mul.ts';
import { square } from './square.ts';
import { sub } from './sub.ts';
import { where } from './where.ts';

const powOp = /* @__PURE__ */ binaryOp({
  name: 'pow',
  takes: FLOAT,
  // WGSL's pow knows positive bases only. A negative one has a power where the exponent is whole, NaN elsewhere.
  wgsl(a, b) {
    const odd = `fract(0.5 * ${b}) != 0.0`;
    const power = `select(pow(abs(${a}), ${b}), select(0.0, 1.0, ${b} == 0.0), ${a} == 0.0 && ${b} >= 0.0)`;
    const ofNegative = `select(${power} * select(1.0, -1.0, ${odd}), bitcast<f32>(bitcast<u32>(${a}) | 0x7fc00000u), floor(${b}) != ${b})`;
    return `select(${power}, ${ofNegative}, ${a} < 0.0)`;
  },
  js: () => Math.pow,
  gradient: (dy, a, b, y) => [
    mul(dy, mul(b, pow(a, where(equal(b, 0), 1, sub(b, 1))))),
    mul(dy, mul(y, log(where(greater(a, 0), a, 1)))),
  ],
  simplify(node) {
    const [base, exponent] = [input(node.inputs, 0), uniformValue(input(node.inputs, 1))];
    if (!shapesEqual(base.shape, node.shape)) return undefined;
    return exponent === 1 ? base : exponent === 2 ? square(base) : undefined;
  },
});

/**
 * `a` to the power of `b`, elementwise, with NumPy's broadcasting, on float32. A negative base has powers to whole exponents,
 * else NaN; the gradient towards the exponent is 0 where the base is not positive.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function pow<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(powOp, a, b);
}
