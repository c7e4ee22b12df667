/**
 * Puts the rows of data-set columns in the place of the placeholders they are fed to: the draw of row numbers becomes part
 * of the graph, and with it of the kernels.
 */
import { sizeOfShape } from '../../graph/shape.ts';
import { isPlaceholder } from '../../graph/sources.ts';
import { Tensor } from '../../graph/tensor.ts';
import { rebuild } from '../../graph/walk.ts';
import { columnOp, drawOp, oneHotRows, type ColumnAttrs, type DrawAttrs } from './internal-ops.ts';
import { reshapeTo, sizesOf } from '../../compile/known-shapes.ts';
import type { FeedType } from '../../compile/plan.ts';
import { withInputs } from '../../compile/structure.ts';

type ColumnFeed = FeedType & { readonly kind: 'column' };

/** Returns the roots with every placeholder named in `columns` replaced. */
export function drawRows(roots: readonly Tensor[], columns: ReadonlyMap<string, ColumnFeed>): Tensor[] {
  const draws = new Map<string, Tensor>();
  const replaced = rebuild(roots, (node, inputs) => {
    const feed = isPlaceholder(node) ? columns.get(node.name ?? '') : undefined;
    return feed === undefined ? withInputs(node, inputs) : readColumn(node, feed, drawFor(draws, feed));
  });
  return roots.map((root) => replaced.get(root) ?? root);
}

function drawFor(draws: Map<string, Tensor>, feed: ColumnFeed): Tensor {
  const attrs: DrawAttrs = { draw: feed.draw, rows: feed.column.rows };
  const batch = feed.shape[0] ?? 1;
  const key = `${attrs.draw} ${attrs.rows} ${batch}`;
  const known = draws.get(key) ?? new Tensor(drawOp, [], attrs, [batch], 'int32', 'rows');
  draws.set(key, known);
  return known;
}

function readColumn(placeholder: Tensor, feed: ColumnFeed, draw: Tensor): Tensor {
  const { format, rowSize, classes } = feed.column;
  const attrs: ColumnAttrs = { format, rowSize, wordOffset: feed.wordOffset, binding: feed.binding };
  const [batch = 1] = feed.shape;
  if (format !== 'labels')
    return new Tensor(columnOp, [draw], attrs, sizesOf(placeholder), 'float32', placeholder.name);
  const ids = new Tensor(columnOp, [draw], attrs, [batch], 'int32', placeholder.name);
  if (placeholder.dtype === 'int32')
    return sizeOfShape(sizesOf(placeholder)) === batch ? reshapeTo(ids, sizesOf(placeholder)) : ids;
  return reshapeTo(oneHotRows(ids, classes), sizesOf(placeholder));
}
