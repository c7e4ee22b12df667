/**
 * Elementwise kernels (operands broadcast) and kernels that compute the index to read.
 * Axes are collapsed first: equal shapes, a scalar, a row vector or a column become one or two loops with fixed strides.
 */
import type { MapKernel, IndexKernel } from '../graph/op.ts';
import { broadcastStrides, sizeOfShape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import {
  collapse,
  concreteShape,
  offsetOf,
  unitsPerBlock,
  type CpuKernel,
  type Operand,
  type Values,
} from './kernel.ts';

type ScalarFunction = (...args: number[]) => number;

/** An operand of the inner loop: element `start + i·stride` for the i-th output. */
interface Strided {
  readonly values: Values;
  start: number;
  readonly stride: number;
}

/** `out[i] = f(inputs[0][i], …)`; a unit is an element. */
export function mapKernel(node: Tensor, kernel: MapKernel, inputs: readonly Operand[], out: Values): CpuKernel {
  const shape = concreteShape(node);
  const types = node.inputs.map((input) => input.dtype);
  const f = kernel.js(node.attrs, types);
  const walk = collapse(
    shape,
    inputs.map((input) => broadcastStrides(input.shape, shape)),
  );
  const outerSizes = walk.sizes.slice(0, -1);
  const inner = walk.sizes.at(-1) ?? 1;
  const operands = inputs.map(({ values }, i) => ({ values, start: 0, stride: walk.strides[i]?.at(-1) ?? 0 }));
  return {
    units: sizeOfShape(shape),
    unitsPerBlock: unitsPerBlock(1),
    run(from, to) {
      let row = Math.floor(from / inner);
      let column = from - row * inner;
      for (let at = from; at < to; row++) {
        const end = Math.min(to, at + inner - column);
        operands.forEach((operand, i) => {
          operand.start = offsetOf(row, outerSizes, walk.strides[i] ?? []) + column * operand.stride;
        });
        applyAlong(f, operands, out, at, end);
        at = end;
        column = 0;
      }
    },
  };
}

/** The inner loop, with special cases for up to three operands, which cover nearly every op. */
function applyAlong(f: ScalarFunction, operands: readonly Strided[], out: Values, at: number, end: number): void {
  const [a, b, c] = operands;
  if (a === undefined) out.fill(f(), at, end);
  else if (b === undefined) unary(f, a, out, at, end);
  else if (c === undefined) binary(f, a, b, out, at, end);
  else if (operands.length === 3) ternary(f, a, b, c, out, at, end);
  else {
    const args = new Array<number>(operands.length);
    for (let i = at; i < end; i++) {
      operands.forEach(({ values, start, stride }, k) => (args[k] = values[start + (i - at) * stride] ?? NaN));
      out[i] = f(...args);
    }
  }
}

function unary(f: ScalarFunction, a: Strided, out: Values, at: number, end: number): void {
  const { values: x, stride: dx } = a;
  let p = a.start;
  for (let i = at; i < end; i++, p += dx) out[i] = f(x[p] ?? NaN);
}

function binary(f: ScalarFunction, a: Strided, b: Strided, out: Values, at: number, end: number): void {
  const { values: x, stride: dx } = a;
  const { values: y, stride: dy } = b;
  let p = a.start;
  let q = b.start;
  for (let i = at; i < end; i++, p += dx, q += dy) out[i] = f(x[p] ?? NaN, y[q] ?? NaN);
}

function ternary(f: ScalarFunction, a: Strided, b: Strided, c: Strided, out: Values, at: number, end: number): void {
  const { values: x, stride: dx } = a;
  const { values: y, stride: dy } = b;
  const { values: z, stride: dz } = c;
  let p = a.start;
  let q = b.start;
  let r = c.start;
  for (let i = at; i < end; i++, p += dx, q += dy, r += dz) out[i] = f(x[p] ?? NaN, y[q] ?? NaN, z[r] ?? NaN);
}

/** `out[i] = element(i, load)`; a unit is an element. */
export function indexKernel(node: Tensor, kernel: IndexKernel, inputs: readonly Operand[], out: Values): CpuKernel {
  const shape = concreteShape(node);
  const element = kernel.js({ shape, inputs: inputs.map((input) => input.shape) }, node.attrs);
  const load = (input: number, flat: number): number => inputs[input]?.values[flat] ?? NaN;
  return {
    units: sizeOfShape(shape),
    unitsPerBlock: unitsPerBlock(4),
    run(from, to) {
      for (let i = from; i < to; i++) out[i] = element(i, load);
    },
  };
}
