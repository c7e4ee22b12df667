/**
 * Two data sets joined, for `Dataset.concat`.
 */
import { show } from '../checks.ts';
import { UsageError } from '../errors.ts';
import { type DatasetParts, floatsOf, sizeOf } from './dataset-parts.ts';

/** The rows of `a`, then those of `b`, with the classes of `a`. @throws UsageError for sets that do not fit */
export function concatenated(a: DatasetParts, b: DatasetParts): DatasetParts {
  const [own, other] = [kindOfRows(a), kindOfRows(b)];
  if (own !== other)
    throw new UsageError(
      `concat(other): '${a.name}' has ${own}, '${b.name}' ${other}. Give sets with rows of one kind.`,
    );
  const ids = b.classes.map((label) => a.classes.indexOf(label));
  const unknown = ids.indexOf(-1);
  if (unknown >= 0) {
    throw new UsageError(
      `concat(other): '${b.name}' has the class ${show(b.classes[unknown])}, which '${a.name}' does not have. ` +
        `Give both sets the same 'classes'.`,
    );
  }
  const areBytes = [a, b].every(({ features }) => features instanceof Uint8Array);
  const [first, second] = [a.features, b.features].map(areBytes ? (features) => features : floatsOf);
  return {
    ...a,
    features: joined(first ?? a.features, second ?? b.features),
    labels: joined(a.labels, a.labels instanceof Int32Array ? b.labels.map((id) => ids[id] ?? -1) : b.labels),
    preprocessing: a.preprocessing === b.preprocessing ? a.preprocessing : undefined,
    statistics: a.statistics === b.statistics ? a.statistics : undefined,
  };
}

const kindOfRows = (parts: DatasetParts): string =>
  `rows of [${parts.shape.join(', ')}] with ${parts.classes.length > 0 ? 'classes' : `${parts.labels.length / sizeOf(parts)} targets`}`;

/** Two arrays of one kind as one. */
function joined<T extends Uint8Array | Int32Array | Float32Array>(a: T, b: T): T {
  const both = new (a.constructor as new (length: number) => T)(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
