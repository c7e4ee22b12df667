/**
 * Samples batches on the device: replaces placeholders by rows of data-set columns. The row numbers of the batch become part
 * of the graph, and so part of the kernels.
 */
import { sizeOfShape } from '../../graph/shape.ts';
import { Placeholder } from '../../graph/sources.ts';
import { Tensor } from '../../graph/tensor.ts';
import { rebuild } from '../../graph/walk.ts';
import { batchRowsOp, datasetRowsOp, oneHotRows, type BatchRowsAttrs, type DatasetRowsAttrs } from './internal-ops.ts';
import { reshapeTo, sizesOf } from '../../compile/known-shapes.ts';
import type { FeedType } from '../../compile/plan.ts';
import { withInputs } from '../../compile/structure.ts';

type ColumnFeed = FeedType & { readonly kind: 'column' };

/** Returns the roots, with every placeholder named in `columns` replaced by the batch's rows of its column. */
export function sampleColumns(roots: readonly Tensor[], columns: ReadonlyMap<string, ColumnFeed>): Tensor[] {
  const known = new Map<string, Tensor>();
  const replaced = rebuild(roots, (node, inputs) => {
    const feed = node instanceof Placeholder ? columns.get(node.name) : undefined;
    return feed === undefined ? withInputs(node, inputs) : datasetRows(node, feed, batchRows(known, feed));
  });
  return roots.map((root) => replaced.get(root) ?? root);
}

/** The row numbers of a batch, one tensor for all columns that are sampled alike. */
function batchRows(known: Map<string, Tensor>, feed: ColumnFeed): Tensor {
  const attrs: BatchRowsAttrs = { sampling: feed.sampling, rows: feed.column.rows };
  const batch = feed.shape[0] ?? 1;
  const key = `${attrs.sampling} ${attrs.rows} ${batch}`;
  const numbers = known.get(key) ?? new Tensor(batchRowsOp, [], attrs, [batch], 'int32', 'rows');
  known.set(key, numbers);
  return numbers;
}

function datasetRows(placeholder: Tensor, feed: ColumnFeed, rows: Tensor): Tensor {
  const { format, rowSize, classes } = feed.column;
  const attrs: DatasetRowsAttrs = { format, rowSize, wordOffset: feed.wordOffset, binding: feed.binding };
  const [batch = 1] = feed.shape;
  if (format !== 'labels')
    return new Tensor(datasetRowsOp, [rows], attrs, sizesOf(placeholder), 'float32', placeholder.name);
  const ids = new Tensor(datasetRowsOp, [rows], attrs, [batch], 'int32', placeholder.name);
  if (placeholder.dtype === 'int32')
    return sizeOfShape(sizesOf(placeholder)) === batch ? reshapeTo(ids, sizesOf(placeholder)) : ids;
  return reshapeTo(oneHotRows(ids, classes), sizesOf(placeholder));
}
