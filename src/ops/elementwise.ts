/**
 * Common parts of elementwise ops: operands that may be numbers, dtype checks, broadcasting and its adjoint.
 * An op's own file has the WGSL expression, the JS function and the gradient.
 */
import { GraphError } from '../errors.ts';
import { sumToShapeOf } from '../graph/broadcast.ts';
import type { DType } from '../graph/dtype.ts';
import type { Attrs, MapKernel, Op } from '../graph/op.ts';
import { broadcastShapes, type Shape } from '../graph/shape.ts';
import type { Snippet } from '../graph/snippet.ts';
import { constant } from '../graph/sources.ts';
import { calledAs, checkTensor, createTensor, describeTensor, input, Tensor } from '../graph/tensor.ts';

/** An operand of a binary op: a number becomes a scalar constant of the other operand's dtype. */
export type Operand = Tensor | number;

/** The dtypes of numbers. */
export const NUMBERS: readonly DType[] = ['float32', 'int32'];
export const FLOAT: readonly DType[] = ['float32'];
export const BOOL: readonly DType[] = ['bool'];
export const ANY: readonly DType[] = ['float32', 'int32', 'bool'];

interface Elementwise
  extends Pick<Op, 'name' | 'simplify' | 'absorbedBy' | 'role'>, Pick<MapKernel, 'functions' | 'library'> {
  /** The dtypes of operands. */
  readonly takes: readonly DType[];
  /** The dtype of the result; that of the operands by default. */
  readonly gives?: DType;
}

interface Unary<A extends Attrs> extends Elementwise {
  readonly wgsl: (x: Snippet, attrs: A, type: DType) => Snippet;
  readonly js: (attrs: A, type: DType) => (x: number) => number;
  /** The adjoint of `x`, given the adjoint of the result `y`; without it the gradient stops. */
  readonly gradient?: (dy: Tensor, x: Tensor, y: Tensor) => Tensor;
}

interface Binary extends Elementwise {
  readonly wgsl: (a: Snippet, b: Snippet, type: DType) => Snippet;
  readonly js: (type: DType) => (a: number, b: number) => number;
  /**
   * The adjoints of the operands in the shape of the result `y`, given its adjoint. Without the function, or with `null` for
   * an operand, the gradient stops.
   */
  readonly gradient?: (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor | null];
}

/** An op of one operand that keeps its shape. */
export function unaryOp<A extends Attrs>(definition: Unary<A>): Op<A> {
  const { takes, gives, functions, library, wgsl, js, gradient, ...rest } = definition;
  return {
    ...rest,
    infer(inputs) {
      const x = input(inputs, 0);
      checkDType(rest.name, x, takes);
      return { shape: x.shape, dtype: gives ?? x.dtype };
    },
    gradient: (node, dy) => [gradient === undefined ? null : gradient(dy, input(node.inputs, 0), node)],
    kernel: {
      kind: 'map',
      functions,
      library,
      wgsl: (args, attrs, [type = 'float32']) => wgsl(input(args, 0), attrs, type),
      js: (attrs, [type = 'float32']) => js(attrs, type),
    },
  };
}

/** An op of two operands of one dtype that broadcast to each other. */
export function binaryOp(definition: Binary): Op {
  const { takes, gives, functions, library, wgsl, js, gradient, ...rest } = definition;
  return {
    ...rest,
    infer(inputs) {
      const [a, b] = [input(inputs, 0), input(inputs, 1)];
      const shape = broadcastShapes(a.shape, b.shape);
      if (shape === undefined) {
        throw new GraphError(
          `${calledAs(rest.name)}: ${describeTensor(a)} and ${describeTensor(b)} do not broadcast; ` +
            `sizes, counted from the last axis, must be equal or 1: reshape one of them.`,
        );
      }
      checkDType(rest.name, a, takes);
      checkSameDType(rest.name, a, b);
      return { shape, dtype: gives ?? a.dtype };
    },
    gradient(node, dy) {
      if (gradient === undefined) return [null, null];
      const [a, b] = [input(node.inputs, 0), input(node.inputs, 1)];
      const [da, db] = gradient(dy, a, b, node);
      return [sumToShapeOf(da, a), db && sumToShapeOf(db, b)];
    },
    kernel: {
      kind: 'map',
      functions,
      library,
      wgsl: (args, _, [type = 'float32']) => wgsl(input(args, 0), input(args, 1), type),
      js: (_, [type = 'float32']) => js(type),
    },
  };
}

/** A node of a binary op; numbers become constants. */
export function binary<S extends Shape>(op: Op, a: Operand, b: Operand): Tensor<S> {
  return createTensor(op, toTensors(op.name, [a, b]));
}

/** Operands as tensors: numbers become scalar constants of the first tensor's dtype (float32 if there is none). */
export function toTensors(op: string, operands: readonly Operand[]): Tensor[] {
  const dtype = operands.find((operand) => operand instanceof Tensor)?.dtype ?? 'float32';
  return operands.map((operand) => (operand instanceof Tensor ? operand : scalar(op, operand, dtype)));
}

function scalar(op: string, value: number, dtype: DType): Tensor {
  if (typeof value !== 'number') checkTensor(op, value, 'a tensor or a number');
  if (dtype === 'bool' || (dtype === 'int32' && !Number.isInteger(value))) {
    throw new GraphError(
      `${calledAs(op)}: ${value} cannot be an operand beside a tensor of ${dtype}; cast the tensor first.`,
    );
  }
  return constant(dtype === 'int32' ? Int32Array.of(value) : value, []);
}

export function checkDType(op: string, x: Tensor, takes: readonly DType[]): void {
  checkTensor(op, x);
  if (!takes.includes(x.dtype)) {
    const called = calledAs(op);
    throw new GraphError(
      `${called}: ${describeTensor(x)} is ${x.dtype}; ${called} takes ${takes.join(' or ')}: cast it first.`,
    );
  }
}

export function checkSameDType(op: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype) {
    throw new GraphError(
      `${calledAs(op)}: ${describeTensor(a)} is ${a.dtype}, ${describeTensor(b)} is ${b.dtype}; both must be the same: cast one of them.`,
    );
  }
}

/** A number as a WGSL literal of `dtype`. */
export function literal(value: number, dtype: DType): string {
  if (dtype === 'bool') return value === 0 ? 'false' : 'true';
  if (dtype === 'int32') return `i32(${value})`;
  return `f32(${Math.fround(value)})`;
}
