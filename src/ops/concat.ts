/** Concatenation along an axis: a tree of pairs, since a kernel has few bindings. */
import { checkList } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Attrs, IndexContext, Op } from '../graph/op.ts';
import { shapesEqual, sizeOfShape, type Dim } from '../graph/shape.ts';
import { type Snippet, wgsl } from '../graph/snippet.ts';
import { calledAs, checkTensor, createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { resolveAxis } from './axes.ts';
import { checkSameDType } from './elementwise.ts';
import { sliceToShapeOf } from './slice.ts';

interface ConcatAttrs extends Attrs {
  readonly axis: number;
}

const concatOp: Op<ConcatAttrs> = {
  name: 'concat',
  infer(inputs, { axis }) {
    const [a, b] = [input(inputs, 0), input(inputs, 1)];
    const fits = a.shape.length === b.shape.length && a.shape.every((dim, i) => i === axis || sameDim(dim, b.shape[i]));
    if (!fits) {
      throw new GraphError(
        `${calledAs('concat')}: ${describeTensor(a)} and ${describeTensor(b)} differ in more than axis ${axis}; reshape or slice one of them.`,
      );
    }
    checkSameDType('concat', a, b);
    const sum = (x: Dim, y: Dim): Dim => (x === null || y === null ? null : x + y);
    return {
      shape: a.shape.map((dim, i) => (i === axis ? sum(dim, b.shape[i] ?? null) : (dim ?? b.shape[i] ?? null))),
      dtype: a.dtype,
    };
  },
  gradient: (node, dy) => [
    sliceToShapeOf(
      dy,
      input(node.inputs, 0),
      node.shape.map(() => 0),
    ),
    sliceToShapeOf(dy, input(node.inputs, 1), 'end'),
  ],
  // An input of the result's shape: the other one is empty.
  simplify: (node) => node.inputs.find((x) => shapesEqual(x.shape, node.shape)),
  kernel: {
    kind: 'index',
    keepsSamples: (_, { axis }) => axis > 0,
    // Both elements are loaded and one is selected, so each index is clamped to its tensor.
    wgsl(context, { axis }, index, load, write) {
      const { inner, sizeA, sizeB } = sizesOf(context, axis);
      const shape = [sizeOfShape(context.shape.slice(0, axis)), sizeA + sizeB, inner];
      const at = (part: 0 | 1 | 2): Snippet => write.coordinate(index, shape, part);
      const a = load(0, wgsl`(${at(0)} * ${sizeA}u + min(${at(1)}, ${sizeA - 1}u)) * ${inner}u + ${at(2)}`);
      const b = load(1, wgsl`(${at(0)} * ${sizeB}u + max(${at(1)}, ${sizeA}u) - ${sizeA}u) * ${inner}u + ${at(2)}`);
      return wgsl`select(${b}, ${a}, ${at(1)} < ${sizeA}u)`;
    },
    js(context, { axis }) {
      const { inner, sizeA, sizeB } = sizesOf(context, axis);
      return (index, load) => {
        const c = Math.floor(index / inner) % (sizeA + sizeB);
        const outer = Math.floor(index / (inner * (sizeA + sizeB)));
        const rest = index % inner;
        return c < sizeA
          ? load(0, (outer * sizeA + c) * inner + rest)
          : load(1, (outer * sizeB + c - sizeA) * inner + rest);
      };
    },
  },
};

/**
 * Concatenates tensors along `axis`.
 * @throws GraphError where there are none, or they differ in dtype or in other axes.
 */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  checkList('concat: the first argument', tensors, 'a list of tensors');
  for (const x of tensors as readonly unknown[]) checkTensor('concat', x);
  const [first] = tensors;
  if (first === undefined) throw new GraphError('concat: there are no tensors; give at least one.');
  return tree(tensors, resolveAxis('concat', describeTensor(first), axis, first.shape.length));
}

function tree(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 1) return input(tensors, 0);
  const half = Math.ceil(tensors.length / 2);
  return createTensor(concatOp, [tree(tensors.slice(0, half), axis), tree(tensors.slice(half), axis)], { axis });
}

function sameDim(a: Dim, b: Dim | undefined): boolean {
  return a === b || a === null || b === null;
}

function sizesOf(
  { inputs: [a = [], b = []] }: IndexContext,
  axis: number,
): { inner: number; sizeA: number; sizeB: number } {
  return { inner: sizeOfShape(a.slice(axis + 1)), sizeA: a[axis] ?? 1, sizeB: b[axis] ?? 1 };
}
