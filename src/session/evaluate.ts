/**
 * A whole data set through a graph, chunk by chunk, put together again.
 */
import { checkOptions } from '../checks.ts';
import { UsageError } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import { allocate } from '../graph/dtype.ts';
import type { NDArray } from '../graph/ndarray.ts';
import type { Tensor } from '../graph/tensor.ts';
import { checkCount, checkFinite, joinFeeds, rowsOfColumns, type Feeds } from './feeds.ts';
import { parseFetches, toValues, type Fetches, type Results, type Value } from './fetches.ts';
import type { Runner } from './runner.ts';

export interface EvaluateOptions<F extends Readonly<Record<string, Fetches>>> {
  /** Columns of one data set, by placeholder name. */
  readonly data: Readonly<Record<string, Column>>;
  /** Rows a chunk; default 1,000. */
  readonly batchSize?: number | undefined;
  readonly fetch: F;
  /** Values of other placeholders. */
  readonly feeds?: Feeds | undefined;
  /** Training mode: dropout drops, batch normalisation uses the chunk; default false. */
  readonly training?: boolean | undefined;
}

const DEFAULT_BATCH = 1000;

/** One chunk's values. */
interface Chunk {
  readonly rows: number;
  readonly values: readonly Value[];
}

export async function evaluateColumns<F extends Readonly<Record<string, Fetches>>>(
  runner: Runner,
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
  const prepare = (count: number) =>
    runner.prepare(request, joinFeeds(data, feeds), { batch: { size: count, draw: 'rows' }, training });
  const whole = prepare(size);
  const tail = rows % size === 0 ? whole : prepare(rows % size);
  const chunks = await runner.exclusively(async () => {
    const done: Chunk[] = [];
    for (let rowOffset = 0; rowOffset < rows; rowOffset += size) {
      const prepared = rowOffset + size <= rows ? whole : tail;
      const loaded = await runner.load(prepared);
      checkFinite(loaded.plan, prepared.feeds.arrays);
      const submission = await runner.submit(loaded, undefined, {
        feeds: prepared.feeds.arrays,
        columns: prepared.feeds.columns,
        rowOffset,
        steps: 1,
        read: true,
      });
      const { values } = await submission.outcome;
      done.push({ rows: Math.min(size, rows - rowOffset), values: toValues(loaded.plan, values) });
    }
    return done;
  });
  return request.assemble(request.tensors.map((tensor, i) => joinChunks(tensor, chunks, i, rows))) as Results<F>;
}

function joinChunks(tensor: Tensor, chunks: readonly Chunk[], i: number, rows: number): Value {
  const values = chunks.map((chunk) => ({ weight: chunk.rows / rows, value: chunk.values[i] ?? NaN }));
  const [first] = values;
  if (first === undefined || typeof first.value === 'number') {
    return values.reduce((sum, { weight, value }) => sum + weight * (value as number), 0);
  }
  const arrays = values.map(({ weight, value }) => ({ weight, array: value as NDArray }));
  const { shape, dtype } = first.value;
  return tensor.shape[0] === null
    ? concatRows(
        arrays.map(({ array }) => array),
        shape.slice(1),
      )
    : meanOf(arrays, shape, dtype);
}

function concatRows(arrays: readonly NDArray[], row: readonly number[]): NDArray {
  const dtype = arrays[0]?.dtype ?? 'float32';
  const data = allocate(
    dtype,
    arrays.reduce((length, array) => length + array.data.length, 0),
  );
  let at = 0;
  for (const array of arrays) {
    data.set(array.data, at);
    at += array.data.length;
  }
  const rows = arrays.reduce((sum, { shape: [size = 1] }) => sum + size, 0);
  return { data, shape: [rows, ...row], dtype };
}

function meanOf(
  arrays: readonly { readonly weight: number; readonly array: NDArray }[],
  shape: readonly number[],
  dtype: NDArray['dtype'],
): NDArray {
  const data = allocate(dtype, arrays[0]?.array.data.length ?? 0);
  data.forEach((_, i) => {
    data[i] = arrays.reduce((sum, { weight, array }) => sum + weight * (array.data[i] ?? 0), 0);
  });
  return { data, shape, dtype };
}
