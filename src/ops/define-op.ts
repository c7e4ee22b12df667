/** Elementwise ops that users define. */
import { checkOptions, refuse, show } from '../checks.ts';
import { GraphError, UsageError } from '../errors.ts';
import { sumToShapeOf } from '../graph/broadcast.ts';
import type { Op } from '../graph/op.ts';
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { broadcastShapes, formatShape, shapesMayEqual, type Shape } from '../graph/shape.ts';
import { createTensor, describeTensor, input, Tensor } from '../graph/tensor.ts';
import { checkDType, FLOAT, toTensors, type Operand } from './elementwise.ts';
import { parseExpression, type Expression } from './expression.ts';

/** Inputs and result of an op where its gradient is taken, and the gradient that arrives there. */
export interface GradientOf<Operands extends readonly string[]> {
  readonly inputs: { readonly [I in keyof Operands]: Tensor };
  readonly output: Tensor;
  /** The gradient with respect to the result, in the shape of the result. */
  readonly gradient: Tensor;
}

/** An op for {@link defineOp}. `Operands` are as many strings as the op has operands. */
export interface OpDefinition<Operands extends readonly string[]> {
  /** The op's name in messages and plans: letters, digits and `_`. */
  readonly name: string;
  /** Returns the result as a WGSL expression, given the texts of the operands. */
  readonly expression: (...operands: Operands) => string;
  /** The same for the CPU. */
  readonly js: (...operands: { [I in keyof Operands]: number }) => number;
  /**
   * Returns the gradients with respect to the inputs, as graph: each in the shape of the result, or `null` where none flows.
   * Axes along which an input was broadcast are summed afterwards.
   */
  readonly gradient?: ((call: GradientOf<Operands>) => readonly (Tensor | null)[]) | undefined;
}

/** An op that {@link defineOp} returns: with one operand it takes a tensor, with several also numbers, which broadcast. */
export type OwnOp<Operands extends readonly string[]> = Operands extends readonly [string]
  ? <S extends Shape>(x: Tensor<S>) => Tensor<S>
  : Operands extends readonly [string, string]
    ? <A extends Operand, B extends Operand>(a: A, b: B & Broadcasts<A, B>) => Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>>
    : (...operands: { [I in keyof Operands]: Operand }) => Tensor;

/**
 * Defines an elementwise op on float32, which is fused, checked and differentiated like Inkling's own.
 *
 * The expression is WGSL arithmetic: operands, numbers, `+ - * /`, comparisons, `&& || !`, parentheses, and the functions `abs
 * atan ceil clamp cos exp f32 floor fma fract inverseSqrt log max min mix pow saturate select sign sin sqrt step tanh trunc`.
 * All numbers are float32: `1 / 2` is 0.5. Functions and operators are those of Inkling's ops, so NaN and infinities
 * follow IEEE 754. `atan` is WGSL's.
 *
 * The parameters of `expression` are the operands. `js` must compute the same function; they are compared at some numbers.
 * `js` computes in float64: where a step of the expression may overflow float32, put `Math.fround` around that step.
 * Each call defines another op, so define an op once, outside of loops.
 *
 * @example
 * ```ts
 * const softsign = defineOp({
 *   name: 'softsign',
 *   expression: (x) => `${x} / (1 + abs(${x}))`,
 *   js: (x) => x / (1 + Math.abs(x)),
 *   gradient: ({ inputs: [x], gradient }) => [div(gradient, square(add(1, abs(x))))],
 * });
 * const hidden = softsign(add(matmul(images, W), b));
 * ```
 *
 * @throws UsageError where the definition is not valid, or `js` and `expression` differ. The op throws `GraphError` where operands
 * do not fit, and where gradients through it are wanted that the definition lacks.
 */
export function defineOp<Operands extends readonly string[]>(definition: OpDefinition<Operands>): OwnOp<Operands> {
  checkOptions('defineOp', definition, '{ name, expression, js, gradient }');
  const { name, expression: write, js, gradient } = definition as unknown as Untyped;
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name))
    refuse('defineOp: `name`', name, "a text of letters, digits and '_', e.g. 'softsign'");
  checkFunction(name, 'expression', write);
  checkFunction(name, 'js', js);
  if (gradient !== undefined) checkFunction(name, 'gradient', gradient);
  const count = write.length;
  if (count === 0 || js.length !== count) {
    throw new UsageError(
      `defineOp: \`expression\` of '${name}' has ${count} parameters, \`js\` ${js.length}; give both one for each operand, without defaults.`,
    );
  }
  const expression = parseExpression(name, write, count);
  checkTwins(name, expression, js, count);
  const { code, functions, library } = expression;
  const op: Op = {
    name,
    infer: (inputs) => ({ shape: commonShape(name, inputs), dtype: 'float32' }),
    gradient: (node, dy) => inputGradients(node, dy, gradient),
    kernel: { kind: 'map', functions, library, wgsl: code, js: () => js },
  };
  const own = (...operands: Operand[]): Tensor => {
    const taken = Array.from({ length: count }, (_, i) => operands[i]) as Operand[];
    return createTensor(op, count === 1 ? (taken as Tensor[]) : toTensors(name, taken));
  };
  return own as OwnOp<Operands>;
}

type Untyped = OpDefinition<string[]>;
type GradientRule = (call: GradientOf<string[]>) => unknown;

function checkFunction(op: string, option: string, given: unknown): void {
  if (typeof given !== 'function') refuse(`defineOp: \`${option}\` of '${op}'`, given, 'a function');
}

/** Numbers of both signs that are no likely steps of a function. */
const PROBES = [-2.57, -1.13, -0.41, 0.29, 0.73, 1.61, 3.37];

/** @throws UsageError unless `js` and the expression have nearly the same values. */
function checkTwins(name: string, { value }: Expression, js: (...operands: number[]) => unknown, count: number): void {
  for (let i = 0; i < PROBES.length; i++) {
    const at = Array.from({ length: count }, (_, k) => PROBES[((1 + (k % 6)) * i + k) % PROBES.length] ?? NaN);
    const [twin, expected] = [js(...at), value(at)];
    const where = `at (${at.join(', ')})`;
    if (typeof twin !== 'number') refuse(`defineOp: the value of \`js\` of '${name}' ${where}`, twin, 'a number');
    if (Object.is(twin, expected) || Math.abs(twin - expected) <= 1e-4 * Math.max(1, Math.abs(expected))) continue;
    throw new UsageError(
      `defineOp: ${where} \`js\` of '${name}' is ${twin}, \`expression\` ${expected}; make them the same function.`,
    );
  }
}

/** The shape that all operands broadcast to. */
function commonShape(name: string, inputs: readonly Tensor[]): Shape {
  let shape: Shape | undefined = [];
  for (const x of inputs) {
    checkDType(name, x, FLOAT);
    shape &&= broadcastShapes(shape, x.shape);
  }
  if (shape !== undefined) return shape;
  throw new GraphError(
    `${name}: ${inputs.map(describeTensor).join(', ')} do not broadcast; ` +
      `sizes, counted from the last axis, must be equal or 1: reshape one of them.`,
  );
}

/** The gradients that a rule returns, checked. */
function inputGradients(node: Tensor, dy: Tensor, rule: GradientRule | undefined): (Tensor | null)[] {
  const { inputs, shape } = node;
  const { name } = node.op;
  if (rule === undefined) {
    throw new GraphError(`${name} has no gradient; give defineOp a \`gradient\`, or put stopGradient() around it.`);
  }
  const given = rule({ inputs, output: node, gradient: dy });
  if (!Array.isArray(given) || given.length !== inputs.length) {
    throw new GraphError(
      `${name}: its \`gradient\` returns ${show(given)}; return a list of ${inputs.length}, a tensor or null for each input.`,
    );
  }
  return given.map((part: unknown, i) => {
    if (part === null) return null;
    const x = part instanceof Tensor ? (part as Tensor) : undefined;
    if (x?.dtype !== 'float32' || !shapesMayEqual(x.shape, shape)) {
      const got = x === undefined ? show(part) : `${describeTensor(x)} of ${x.dtype}`;
      throw new GraphError(
        `${name}: its \`gradient\` returns ${got} for input ${i + 1}; return float32 ${formatShape(shape)}, the shape of the ` +
          `result: multiply the derivative by \`gradient\`.`,
      );
    }
    return sumToShapeOf(x, input(inputs, i));
  });
}
