/**
 * Rows that are collected one by one.
 */
import { DataError } from '../errors.ts';

/** Rows of one length and kind, one after the other. */
export class RowBuffer {
  #values: Uint8Array | Float32Array | undefined;
  #length = 0;
  /** The number of values in a row; by default that of the first row. */
  #rowSize: number | undefined;
  readonly #capacity: number;

  /** @param capacity - The number of rows to make room for; it grows. */
  constructor(rowSize: number | undefined, capacity: number) {
    this.#rowSize = rowSize;
    this.#capacity = capacity;
  }

  /** The values of all rows. */
  get values(): Uint8Array | Float32Array {
    return (this.#values ?? new Float32Array()).subarray(0, this.#length);
  }

  /** Adds a row, which is copied. @throws DataError for a row of another length or kind; it begins with `what` */
  push(row: Uint8Array | Float32Array, what: string): void {
    const size = (this.#rowSize ??= row.length);
    if (row.length !== size || size === 0)
      throw new DataError(
        `${what}: ${row.length} values do not make a row of ${size}. Give rows of ${size} values, or the \`shape\` of other rows.`,
      );
    const Kind = row.constructor as new (length: number) => Uint8Array | Float32Array;
    let values = (this.#values ??= new Kind(size * this.#capacity));
    if (!(values instanceof Kind))
      throw new DataError(`${what}: bytes and other numbers are mixed. Give all rows in one form.`);
    if (this.#length + size > values.length) {
      const grown = new Kind(2 * values.length);
      grown.set(values);
      this.#values = values = grown;
    }
    values.set(row, this.#length);
    this.#length += size;
  }
}
