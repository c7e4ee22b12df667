/**
 * Stratified parts of a data set, for `Dataset.split`.
 */
import { UsageError } from '../errors.ts';
import { type DatasetParts, sizeOf } from './dataset-parts.ts';

export interface SplitOptions {
  /** Gives both parts the same share of each class, to a row; rows keep their order and are copied. Default false. */
  readonly stratify?: boolean | undefined;
  /** Splits the rows of `shuffle(seed)`; default: the rows in their order. */
  readonly seed?: number | undefined;
}

/**
 * The indices of `n` rows, and of the others. Of each class, the first rows come first; the classes whose shares were cut off
 * most have one more.
 *
 * @throws UsageError for rows without classes
 */
export function stratified(parts: DatasetParts, n: number): [number[], number[]] {
  const { name, labels, classes } = parts;
  if (classes.length === 0)
    throw new UsageError(`split: '${name}' has targets, not classes to stratify by. Leave 'stratify' out.`);
  const counts = new Map<number, number>();
  for (const id of labels) counts.set(id, (counts.get(id) ?? 0) + 1);
  const size = sizeOf(parts);
  const quotas = new Map(Array.from(counts, ([id, count]) => [id, Math.floor((count * n) / size)]));
  const missing = n - [...quotas.values()].reduce((a, b) => a + b);
  const cut = (id: number): number => ((counts.get(id) ?? 0) * n) % size;
  for (const id of [...counts.keys()].sort((a, b) => cut(b) - cut(a) || a - b).slice(0, missing))
    quotas.set(id, (quotas.get(id) ?? 0) + 1);
  const [first, others]: [number[], number[]] = [[], []];
  labels.forEach((id, row) => {
    const left = quotas.get(id) ?? 0;
    quotas.set(id, left - 1);
    (left > 0 ? first : others).push(row);
  });
  return [first, others];
}
