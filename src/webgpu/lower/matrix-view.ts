/**
 * Views of a product's operands: a stored matrix, or a strided view of another tensor. Patches of images are such views, so a
 * convolution is a product that reads its images where they are stored.
 */
import { stridesOf, sizeOfShape } from '../../graph/shape.ts';
import { isConstant } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { datasetRowsOp, type DatasetRowsAttrs } from './internal-ops.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';

/** The tensor below any aliases: the one that has the elements. */
export function baseOf(tensor: Tensor): Tensor {
  let base = tensor;
  while (base.op.kernel.kind === 'alias' && base.inputs[0] !== undefined) base = base.inputs[0];
  return base;
}

/** Axes of a view: their sizes, and their strides in the base. */
export interface ViewAxes {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A matrix whose element (r, c) is in `base` at `offset` + Σ coordinates of r and c, in the axes' shapes, times their strides. */
export interface MatrixView {
  readonly base: Tensor;
  readonly rows: ViewAxes;
  readonly columns: ViewAxes;
  readonly offset: number;
}

/** The view through which a product reads an operand: of another tensor where possible, else of the operand itself. */
export function viewOf(operand: Tensor): MatrixView {
  const [height = 1, width = 1] = sizesOf(operand);
  const base = baseOf(operand);
  return (
    stridedView(base, height) ?? {
      base,
      rows: { shape: [height], strides: [width] },
      columns: { shape: [width], strides: [1] },
      offset: 0,
    }
  );
}

/** The view of the tensor that an index op with strides reads; `undefined` for other ops. */
function stridedView(node: Tensor, height: number): MatrixView | undefined {
  const [input] = node.inputs;
  const { kernel } = node.op;
  if (input === undefined || kernel.kind !== 'index' || kernel.view === undefined) return undefined;
  const base = baseOf(input);
  const shape = sizesOf(node);
  const split = shape.findIndex((_, axis) => sizeOfShape(shape.slice(0, axis)) === height);
  const { strides, offset } = kernel.view({ shape, inputs: [sizesOf(input)] }, node.attrs);
  if (split === -1 || (isConstant(base) && elementsOf(base) === 1)) return undefined;
  const view = {
    base,
    rows: { shape: shape.slice(0, split), strides: strides.slice(0, split) },
    columns: { shape: shape.slice(split), strides: strides.slice(split) },
    offset,
  };
  return base.op !== datasetRowsOp || startsWithSamples(view) ? view : undefined;
}

/** Tells whether the first axis of a view's rows is the sample axis of a column, so that each row is within one sample. */
function startsWithSamples({ base, rows, offset }: MatrixView): boolean {
  const { format, rowSize } = base.attrs as DatasetRowsAttrs;
  return (
    format !== 'labels' &&
    offset === 0 &&
    rows.shape[0] === sizesOf(base)[0] &&
    rows.strides[0] === rowSize &&
    stridesOf(sizesOf(base))[0] === rowSize
  );
}

/** The number of rows of a view in one sample. */
export function rowsPerSample({ rows }: MatrixView): number {
  return sizeOfShape(rows.shape.slice(1));
}
