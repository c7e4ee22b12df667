/**
 * The layout of a product's left operand, A: which of its elements are adjacent, and can be read at once.
 */
import type { Tensor } from '../../graph/tensor.ts';
import { datasetRowsOp } from '../lower/internal-ops.ts';
import { viewOf, type MatrixView, type ViewAxes } from '../lower/matrix-view.ts';
import { mergeAxes } from './indices.ts';

/** Bytes packed into a word. */
export const BYTES_PER_WORD = 4;

/** Runs of elements of A along k with an even stride: each starts at a multiple of `size`. */
export interface LhsRuns {
  readonly size: number;
  readonly stride: number;
  /** Set for runs of adjacent bytes, which begin at whole words or anywhere. */
  readonly bytes: 'words' | 'anywhere' | undefined;
  /** Set if A is transposed rows of bytes, all of which begin at whole words. */
  readonly isAcross: boolean;
}

/** Returns the longest runs along k of a product's A. */
export function lhsRunsOf({ inputs: [lhs], attrs: { transposeA } }: Tensor): LhsRuns {
  if (lhs === undefined) return { size: 1, stride: 1, bytes: undefined, isAcross: false };
  const view = viewOf(lhs);
  const isAcross = transposeA === true && hasWholeWords(view);
  const along = transposeA !== true ? view.columns : view.base.op === datasetRowsOp ? inSample(view) : view.rows;
  const { size, stride } = mergeAxes(along.shape, along.strides).at(-1) ?? { size: 1, stride: 1 };
  if (!isBytes(view) || stride !== 1) return { size, stride, bytes: undefined, isAcross };
  const strides = [view.rows, view.columns].flatMap((axes) =>
    mergeAxes(axes.shape, axes.strides).map((run) => run.stride),
  );
  const whole = size % BYTES_PER_WORD === 0 && strides.filter((step) => step % BYTES_PER_WORD !== 0).length === 1;
  return { size, stride, bytes: whole ? 'words' : 'anywhere', isAcross };
}

/** Tells whether a matrix is rows of bytes that begin at whole words. */
function hasWholeWords(view: MatrixView): boolean {
  const { rows, columns } = view;
  const [width = 1] = columns.shape;
  return isBytes(view) && columns.shape.length === 1 && rows.shape.length === 1 && width % BYTES_PER_WORD === 0;
}

function isBytes({ base }: MatrixView): boolean {
  return base.op === datasetRowsOp && base.attrs.format === 'uint8';
}

/** The axes of a view's rows within a sample. */
export function inSample({ rows: { shape, strides } }: MatrixView): ViewAxes {
  return { shape: shape.slice(1), strides: strides.slice(1) };
}
