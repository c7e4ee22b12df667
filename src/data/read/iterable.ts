/**
 * Data sets of rows that come one by one, for `Dataset.fromIterable`.
 */
import { checkCallback, checkSignal, checkText, isRecord, refuse, show } from '../../checks.ts';
import { DataError } from '../../errors.ts';
import { sizeOfShape } from '../../graph/shape.ts';
import { checkedParts } from '../dataset-from.ts';
import type { ClassNames } from '../dataset-labels.ts';
import { checkShape, type DatasetParts } from '../dataset-parts.ts';
import { copyFeatures, copyNumbers, type Numbers } from '../numbers.ts';
import { pauses } from '../pause.ts';
import { RowBuffer } from '../row-buffer.ts';

/** A row of {@link Dataset.fromIterable}: features with a class, or with float targets. */
export type IterableRow =
  | { readonly features: Numbers; readonly label: number | bigint | string; readonly target?: undefined }
  | { readonly features: Numbers; readonly target: Numbers; readonly label?: undefined };

export interface IterableOptions {
  /** The shape of one row, `[height, width, channels]` for images; default: flat, as long as the first row. */
  readonly shape?: readonly number[] | undefined;
  /** The classes' names, or their number; default: as many as the ids need, or the names of the labels, sorted. */
  readonly classes?: ClassNames;
  /** The name in messages; default `dataset`. */
  readonly name?: string | undefined;
  /** A signal that ends the reading, also while a row is awaited. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each row with the number of rows so far. */
  readonly onProgress?: ((progress: { readonly rows: number }) => void) | undefined;
}

/** The number of rows to make room for at first. */
const CAPACITY = 64;

/** Implements `Dataset.fromIterable`. */
export async function partsOfRows(source: unknown, options: IterableOptions): Promise<DatasetParts> {
  const { name = 'dataset', shape, classes, signal, onProgress } = options;
  checkText('name', name);
  if (shape !== undefined) checkShape(`shape of '${name}'`, shape);
  checkSignal('fromIterable', signal);
  checkCallback('onProgress', onProgress);
  const features = new RowBuffer(shape && sizeOfShape(shape), CAPACITY);
  const targets = new RowBuffer(undefined, CAPACITY);
  const labels: unknown[] = [];
  let kind: string | undefined;
  let rows = 0;
  await forEachOf(source, signal, (row) => {
    const what = `'${name}', row ${rows}`;
    const { features: values, label, target } = checkedRow(row, what);
    const own = target === undefined ? `a label (${typeof label})` : 'a target';
    kind ??= own;
    if (own !== kind)
      throw new DataError(`${what} has ${own}, the rows before ${kind}. Give all rows labels of one kind, or targets.`);
    features.push(copyFeatures(values, `${what}, features`).data, `${what}, features`);
    if (target === undefined) labels.push(label);
    else targets.push(copyNumbers(target, `${what}, target`).data, `${what}, target`);
    rows++;
    onProgress?.({ rows });
  });
  const { values } = features;
  const known = shape ?? [values.length / Math.max(1, rows)];
  const given = {
    name,
    features: {
      data: values,
      shape: [rows, ...known],
      dtype: values instanceof Uint8Array ? 'uint8' : 'float32',
    } as Numbers,
    shape: rows > 0 ? known : undefined,
  };
  if (kind !== 'a target') return checkedParts({ ...given, labels: labels as readonly string[], classes });
  if (classes !== undefined) refuse(`'${name}', classes: names beside targets`, classes, 'labels, or leave them out');
  const { values: data } = targets;
  return checkedParts({ ...given, targets: { data, shape: [rows, data.length / rows], dtype: 'float32' } as Numbers });
}

/** @throws DataError unless `row` has features, and either a label or a target */
function checkedRow(row: unknown, what: string): IterableRow {
  const { features, label, target } = (isRecord(row) ? row : {}) as Readonly<Record<keyof IterableRow, unknown>>;
  if (features !== undefined && (label === undefined) !== (target === undefined)) return row as IterableRow;
  throw new DataError(
    `${what} is ${show(row)}. Give { features, label }, or { features, target } for numbers to predict.`,
  );
}

/** Calls `each` with the elements of an iterable, in turn. @throws the signal's reason as soon as it is aborted */
async function forEachOf(
  source: unknown,
  signal: AbortSignal | undefined,
  each: (row: unknown) => void,
): Promise<void> {
  const given = Object(source) as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const iterator =
    typeof source === 'string' ? undefined : (given[Symbol.asyncIterator]?.() ?? given[Symbol.iterator]?.());
  if (iterator === undefined)
    refuse(
      'fromIterable: the source of rows',
      source,
      'an iterable or async iterable of { features, label }, e.g. a generator',
    );
  let abort: (reason: unknown) => void = () => undefined;
  const onAbort = (): void => abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const next = (): Promise<IteratorResult<unknown>> =>
    new Promise((resolve, reject) => {
      abort = reject;
      Promise.resolve(iterator.next()).then(resolve, reject);
    });
  const pause = pauses(signal);
  try {
    signal?.throwIfAborted();
    for (let result = await next(); result.done !== true; result = await next()) {
      each(result.value);
      await pause();
    }
  } catch (error) {
    // A source that does not answer is not awaited.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
