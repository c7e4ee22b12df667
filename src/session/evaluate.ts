/**
 * The options of `evaluate`: a whole data set through a graph, chunk by chunk. Loaded on demand.
 */
import { checkOptions } from '../checks.ts';
import { UsageError } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import { runChunks } from './chunks.ts';
import { checkCount, joinFeeds, rowsOfColumns, type Feeds } from './feeds.ts';
import { parseFetches, type Fetches, type Results } from './fetches.ts';
import type { LockedRunner } from './runner.ts';

export interface EvaluateOptions<F extends Readonly<Record<string, Fetches>>> {
  /** Columns of one data set, by placeholder name. */
  readonly data: Readonly<Record<string, Column>>;
  /** Rows a chunk; default 1,000. */
  readonly batchSize?: number | undefined;
  readonly fetch: F;
  /** Values of other placeholders; they are read when the evaluation's turn comes, so leave arrays as they are until then. */
  readonly feeds?: Feeds | undefined;
  /**
   * Training mode: dropout drops, by an element's place in its chunk; default false. Normalising by the batch's statistics
   * then needs all samples at once, and is refused.
   */
  readonly training?: boolean | undefined;
}

const DEFAULT_BATCH = 1000;

/** Evaluates the fetches of `options`. @throws UsageError naming the option, the value given and those allowed. */
export async function evaluateColumns<F extends Readonly<Record<string, Fetches>>>(
  runner: LockedRunner,
  options: EvaluateOptions<F>,
): Promise<Results<F>> {
  checkOptions('evaluate', options);
  const { data, batchSize = DEFAULT_BATCH, fetch, feeds, training } = options;
  const rows = rowsOfColumns('evaluate', data);
  checkCount('batchSize', batchSize, Number.MAX_SAFE_INTEGER);
  const request = parseFetches(fetch);
  if (request.operation.updates.length > 0)
    throw new UsageError('evaluate: operations cannot be fetched here; use run() or train().');
  const size = Math.min(batchSize, rows);
  const prepared = runner.prepare(request, joinFeeds(data, feeds), { batch: { size, draw: 'rows' }, training });
  // Columns among `feeds` go through in the same chunks.
  rowsOfColumns('evaluate', Object.fromEntries(prepared.feeds.columns));
  return request.assemble(await runChunks(runner, prepared, rows, size)) as Results<F>;
}
