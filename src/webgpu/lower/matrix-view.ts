/**
 * How a product reads an operand: a matrix that is stored as it is, or one whose elements lie elsewhere at strides.
 * Patches of images are such views, so a convolution is a product that reads its images where they are.
 */
import { stridesOf, sizeOfShape } from '../../graph/shape.ts';
import { isConstant } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { columnOp, type ColumnAttrs } from './internal-ops.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';

/** The tensor whose elements an alias shows. */
export function baseOf(tensor: Tensor): Tensor {
  let base = tensor;
  while (base.op.kernel.kind === 'alias' && base.inputs[0] !== undefined) base = base.inputs[0];
  return base;
}

/** Some axes of a view, and how far a step along each of them goes. */
export interface ViewAxes {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Element (r, c) of the matrix lies in `base` at `offset`, plus the digits of r and of c times their strides. */
export interface MatrixView {
  readonly base: Tensor;
  readonly rows: ViewAxes;
  readonly columns: ViewAxes;
  readonly offset: number;
}

/** The view an operand of a product is: that of another tensor where it can be, else of itself. */
export function viewOf(operand: Tensor): MatrixView {
  const [height = 1, width = 1] = sizesOf(operand);
  const base = baseOf(operand);
  return (
    elsewhere(base, height) ?? {
      base,
      rows: { shape: [height], strides: [width] },
      columns: { shape: [width], strides: [1] },
      offset: 0,
    }
  );
}

function elsewhere(node: Tensor, height: number): MatrixView | undefined {
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
  return base.op !== columnOp || startsWithSamples(view) ? view : undefined;
}

/** Whether the first axis of a view's rows is that of a column's rows, so that each begins where its sample does. */
function startsWithSamples({ base, rows, offset }: MatrixView): boolean {
  const { format, rowSize } = base.attrs as ColumnAttrs;
  return (
    format !== 'labels' &&
    offset === 0 &&
    rows.shape[0] === sizesOf(base)[0] &&
    rows.strides[0] === rowSize &&
    stridesOf(sizesOf(base))[0] === rowSize
  );
}

/** How many rows of a view lie in one sample. */
export function rowsPerSample({ rows }: MatrixView): number {
  return sizeOfShape(rows.shape.slice(1));
}
