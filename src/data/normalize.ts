/**
 * Features of mean 0 and variance 1, for `Dataset.normalize`.
 */
import { checkOptions, isList, refuse } from '../checks.ts';
import { checkFinite, type DatasetParts, floatsOf, sizeOf, type Statistics } from './dataset-parts.ts';

/**
 * The contents with features `(x − mean) / stdDev`, or `x − mean` where `stdDev` is 0.
 *
 * @param given - The statistics in a list; those of the contents, if it is empty.
 */
export function normalized(
  parts: DatasetParts,
  given: readonly Statistics<ArrayLike<number>>[],
): DatasetParts & { readonly statistics: Statistics } {
  const width = parts.features.length / sizeOf(parts);
  const features = floatsOf(parts.features);
  const statistics = given.length > 0 ? checked(given[0], width) : statisticsOf(features, width);
  const { mean, stdDev } = statistics;
  for (let i = 0; i < features.length; i++) {
    const k = i % width;
    const centred = (features[i] ?? NaN) - (mean[k] ?? NaN);
    features[i] = stdDev[k] === 0 ? centred : centred / (stdDev[k] ?? NaN);
  }
  checkFinite(features, width, parts.name);
  return { ...parts, features, statistics, preprocessing: undefined };
}

function checked(given: unknown, width: number): Statistics {
  checkOptions('normalize', given, '`statistics` of a data set that is normalized');
  const copyOf = (option: 'mean' | 'stdDev', min: number): Float32Array => {
    const values = (given as Partial<Statistics>)[option];
    const copy = isList(values) ? Float32Array.from(values) : [];
    if (copy.length !== width || !copy.every((value) => value >= min && value < Infinity))
      refuse(
        `normalize: \`${option}\``,
        values,
        `${width} finite numbers${min === 0 ? ' from 0 on' : ''}, one a feature`,
      );
    return copy as Float32Array;
  };
  return { mean: copyOf('mean', -Number.MAX_VALUE), stdDev: copyOf('stdDev', 0) };
}

/** Statistics in float64, as distances from the first row, so that constant features have a deviation of exactly 0. */
function statisticsOf(features: Float32Array, width: number): Statistics {
  const rows = features.length / width;
  const meanOf = (term: (value: number, k: number) => number): Float64Array => {
    const sums = new Float64Array(width);
    for (let i = 0; i < features.length; i++)
      sums[i % width] = (sums[i % width] ?? 0) + term(features[i] ?? NaN, i % width);
    return sums.map((sum) => sum / rows);
  };
  const mean = meanOf((value, k) => value - (features[k] ?? 0)).map((distance, k) => distance + (features[k] ?? 0));
  const variance = meanOf((value, k) => (value - (mean[k] ?? 0)) ** 2);
  return { mean: Float32Array.from(mean), stdDev: Float32Array.from(variance, Math.sqrt) };
}
