/**
 * Features changed row by row, for `Dataset.map`.
 */
import { checkOptions } from '../checks.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { checkFinite, checkShape, type DatasetParts, sizeOf } from './dataset-parts.ts';
import { copyFeatures, type Numbers } from './numbers.ts';
import { RowBuffer } from './row-buffer.ts';

export interface MapOptions {
  /** The shape of the rows that the function returns; default: the data set's. */
  readonly shape?: readonly number[] | undefined;
}

/** The contents with other features: `change(i)` returns those of row `i`. */
export function mapped(parts: DatasetParts, change: (i: number) => Numbers, options: MapOptions): DatasetParts {
  checkOptions('map', options);
  const { shape = parts.shape } = options;
  checkShape('map: `shape`', shape);
  const [size, rowSize] = [sizeOf(parts), sizeOfShape(shape)];
  const rows = new RowBuffer(rowSize, size);
  for (let i = 0; i < size; i++) {
    const what = `map: the result for row ${i} of '${parts.name}'`;
    rows.push(copyFeatures(change(i), what).data, what);
  }
  checkFinite(rows.values, rowSize, parts.name);
  return { ...parts, features: rows.values, shape: [...shape], preprocessing: undefined, statistics: undefined };
}
