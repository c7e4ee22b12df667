/**
 * The options of `evaluate`: a whole data set through a graph, chunk by chunk. Loaded on demand.
 */
import { checkCount, checkOptions } from '../checks.ts';
import { UsageError } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import { runChunks } from './chunks.ts';
import { joinFeeds, rowsOfColumns, type Feeds } from './feeds.ts';
import { parseFetches, type Fetches, type Results } from './fetches.ts';
import type { LockedRunner } from './runner.ts';

export interface EvaluateOptions<F extends Readonly<Record<string, Fetches>>> {
  /** Columns of one data set, by placeholder name. */
  readonly data: Readonly<Record<string, Column>>;
  /** Rows per chunk; default 1,000. */
  readonly batchSize?: number | undefined;
  readonly fetch: F;
  /** Values of other placeholders. They are read when the evaluation starts, after earlier calls; do not change arrays before. */
  readonly feeds?: Feeds | undefined;
  /**
   * Training mode: dropout drops, by an element's index in its chunk; default `false`. Batch normalisation needs all samples at
   * once in this mode, and is refused.
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
  checkCount('`batchSize`', batchSize);
  const request = parseFetches(fetch);
  if (request.operation.updates.length > 0)
    throw new UsageError('evaluate: operations cannot be fetched here; use run() or train().');
  const size = Math.min(batchSize, rows);
  const prepared = runner.prepare(request, joinFeeds(data, feeds), { batch: { size, sampling: 'range' }, training });
  // Columns in `feeds` are chunked too.
  rowsOfColumns('evaluate', Object.fromEntries(prepared.feeds.columns));
  return request.assemble(await runChunks(runner, prepared, rows, size)) as Results<F>;
}
