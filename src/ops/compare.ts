/**
 * Comparisons of two operands that broadcast; the results are bool. No gradient flows through them. As in IEEE 754, NaN equals
 * nothing, itself included, and is neither less nor greater.
 */
import type { DType } from '../graph/dtype.ts';
import type { Op } from '../graph/op.ts';
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import type { Tensor } from '../graph/tensor.ts';
import { ANY, binary, binaryOp, NUMBERS, type Operand } from './elementwise.ts';

function compareOp(name: string, takes: readonly DType[], sign: string, js: (a: number, b: number) => boolean): Op {
  return binaryOp({
    name,
    takes,
    gives: 'bool',
    functions: ['comparable'],
    wgsl(a, b, type) {
      const holds = wgsl`${a} ${sign} ${b}`;
      if (type !== 'float32') return holds;
      return sign === '!=' ? wgsl`(${holds}) | !comparable(${a}, ${b})` : wgsl`(${holds}) & comparable(${a}, ${b})`;
    },
    js: () => (a, b) => Number(js(a, b)),
  });
}

const equalOp = /* @__PURE__ */ compareOp('equal', ANY, '==', (a, b) => a === b);
const notEqualOp = /* @__PURE__ */ compareOp('notEqual', ANY, '!=', (a, b) => a !== b);
const lessOp = /* @__PURE__ */ compareOp('less', NUMBERS, '<', (a, b) => a < b);
const lessEqualOp = /* @__PURE__ */ compareOp('lessEqual', NUMBERS, '<=', (a, b) => a <= b);
const greaterOp = /* @__PURE__ */ compareOp('greater', NUMBERS, '>', (a, b) => a > b);
const greaterEqualOp = /* @__PURE__ */ compareOp('greaterEqual', NUMBERS, '>=', (a, b) => a >= b);

/** `a = b`, elementwise, as bool, with broadcasting; takes bools too. */
export function equal<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(equalOp, a, b);
}

/** `a ≠ b`, elementwise, as bool, with broadcasting; takes bools too. */
export function notEqual<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(notEqualOp, a, b);
}

/** `a < b`, elementwise, as bool, with broadcasting. */
export function less<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(lessOp, a, b);
}

/** `a ≤ b`, elementwise, as bool, with broadcasting. */
export function lessEqual<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(lessEqualOp, a, b);
}

/** `a > b`, elementwise, as bool, with broadcasting. */
export function greater<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(greaterOp, a, b);
}

/** `a ≥ b`, elementwise, as bool, with broadcasting. */
export function greaterEqual<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(greaterEqualOp, a, b);
}
