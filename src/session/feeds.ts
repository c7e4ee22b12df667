/**
 * Feeds: they are checked against their placeholders and copied before anything is compiled or sent to a device.
 */
import type { Draw, FeedType, Plan } from '../compile/plan.ts';
import { isRecord, refuse } from '../checks.ts';
import { FeedError, InklingError, UsageError } from '../errors.ts';
import { columnOffsetWords, type Column, type ColumnSource } from '../graph/column.ts';
import type { TypedArray } from '../graph/dtype.ts';
import { isNDArray, toNDArray, type NDArray, type NestedArray } from '../graph/ndarray.ts';
import { formatShape, shapeFits, sizeOfShape } from '../graph/shape.ts';
import { Placeholder } from '../graph/sources.ts';

/** A value for a placeholder. */
export type Feed = NestedArray | ArrayLike<number> | NDArray | Column;

/** Values by placeholder name, or by the placeholders themselves. */
export type Feeds = Readonly<Record<string, Feed>> | ReadonlyMap<Placeholder | string, Feed>;

/** Checked feeds, by placeholder name. */
export interface BoundFeeds {
  readonly types: ReadonlyMap<string, FeedType>;
  readonly arrays: ReadonlyMap<string, TypedArray>;
  readonly columns: ReadonlyMap<string, Column>;
}

/** A batch of columns' rows. */
export interface Batch {
  readonly size: number;
  readonly sampling: Draw;
}

/**
 * Checks and copies `feeds` for the placeholders of a graph. Columns are fed whole, or as batches of `batch.size` rows.
 * @throws FeedError that names the placeholder, the expected type and the given value.
 */
export function bindFeeds(placeholders: ReadonlyMap<string, Placeholder>, feeds: Feeds, batch?: Batch): BoundFeeds {
  const given = feedsByName(placeholders, feeds);
  const types = new Map<string, FeedType>();
  const arrays = new Map<string, TypedArray>();
  const columns = new Map<string, Column>();
  const sources: ColumnSource[] = [];
  for (const [name, node] of placeholders) {
    const value = given.get(name) as Feed | null | undefined;
    if (value === undefined || value === null) {
      throw new FeedError(
        `Placeholder '${name}' ${formatShape(node.shape)} has no value; feed it, e.g. { ${name}: … }.`,
      );
    }
    if (isColumn(value)) {
      if (!sources.includes(value.source)) sources.push(value.source);
      types.set(name, columnType(node, value, batch, sources.indexOf(value.source)));
      columns.set(name, value);
    } else {
      const array = arrayFor(node, value);
      types.set(name, { kind: 'array', shape: array.shape });
      arrays.set(name, array.data);
    }
  }
  return { types, arrays, columns };
}

/** All feeds in one map; a later feed of a placeholder replaces an earlier one. */
export function joinFeeds(...parts: readonly (Feeds | undefined)[]): ReadonlyMap<Placeholder | string, Feed> {
  return new Map(parts.flatMap((feeds) => (feeds === undefined ? [] : entriesOf(feeds))));
}

function entriesOf(feeds: Feeds): [Placeholder | string, Feed][] {
  if (!(feeds instanceof Map) && !isRecord(feeds))
    refuse('The argument of feeds', feeds, 'values by placeholder name, e.g. { x: [[1, 2]] }');
  return feeds instanceof Map
    ? [...(feeds as ReadonlyMap<Placeholder | string, Feed>)]
    : Object.entries(feeds as Record<string, Feed>);
}

/**
 * The number of rows of a data set's columns.
 * @param caller - The method's name in messages.
 * @throws UsageError where there are no columns, they are of several data sets, or have no rows.
 */
export function rowsOfColumns(caller: string, data: Readonly<Record<string, Column>>): number {
  // Programs without types may pass anything.
  const given: unknown = data;
  const all = isRecord(given) ? Object.values(given) : given === undefined ? [] : [given];
  const columns = all as readonly (Column | undefined)[];
  const [column] = columns;
  if (column === undefined || !columns.every(isColumn)) {
    throw new UsageError(
      `${caller}: \`data\` ${columns.length === 0 ? 'is empty' : 'takes columns only'}; give columns of a data set, e.g. { x: train.images, y_: train.labels }, and other values as \`feeds\`.`,
    );
  }
  const other = columns.find(({ source }) => source !== column.source);
  if (other !== undefined) {
    throw new UsageError(
      `${caller}: '${column.name}' and '${other.name}' are columns of different data sets; give columns of one, so that rows belong together.`,
    );
  }
  if (column.rows === 0) throw new UsageError(`${caller}: '${column.name}' has no rows; give a data set with rows.`);
  return column.rows;
}

/**
 * Refuses non-finite labels and scalars.
 * @throws FeedError
 */
export function checkFinite(plan: Plan, arrays: ReadonlyMap<string, TypedArray>): void {
  for (const { name, finite } of plan.feeds) {
    const values = arrays.get(name);
    if (finite && values !== undefined) refuseNonFinite(name, values);
  }
}

function refuseNonFinite(name: string, values: TypedArray): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new FeedError(
    `Placeholder '${name}' was fed ${values[at]}${values.length > 1 ? ` at element ${at}` : ''}; feed finite numbers as labels and scalars.`,
  );
}

function feedsByName(placeholders: ReadonlyMap<string, Placeholder>, feeds: Feeds): Map<string, Feed> {
  const given = new Map<string, Feed>();
  for (const [key, value] of entriesOf(feeds)) {
    const name = key instanceof Placeholder ? key.name : key;
    const known = placeholders.get(name);
    if (known === undefined || (key instanceof Placeholder && key !== known)) {
      const names = [...placeholders.keys()].map((other) => `'${other}'`).join(', ');
      throw new FeedError(
        `Unknown feed '${name}': this run depends on ${names === '' ? 'no placeholders' : `the placeholders ${names}`}. Leave it out, or fetch a tensor that depends on it.`,
      );
    }
    given.set(name, value);
  }
  return given;
}

function isColumn(value: unknown): value is Column {
  return isRecord(value) && isRecord(value.source) && typeof value.rowSize === 'number';
}

/** Tells whether an object can be fed: a column, or numbers. */
export function isFeed(value: object): boolean {
  return isColumn(value) || isNDArray(value) || ('length' in value && typeof value.length === 'number');
}

function columnType(node: Placeholder, column: Column, batch: Batch | undefined, binding: number): FeedType {
  const rows = batch?.size ?? column.rows;
  const [first, ...row] = node.shape;
  const width = column.format === 'labels' ? (node.dtype === 'int32' ? 1 : column.classes) : column.rowSize;
  const sizes = row.map((dim) => dim ?? -1);
  const fits =
    node.shape.length > 0 && (first === null || first === rows) && !sizes.includes(-1) && sizeOfShape(sizes) === width;
  if (!fits || (node.dtype !== 'float32' && column.format !== 'labels') || node.dtype === 'bool') {
    throw new FeedError(
      `Placeholder '${node.name}' ${formatShape(node.shape)} ${node.dtype} does not take '${column.name}', ` +
        `which has ${column.rows} rows of ${width} ${column.format === 'labels' && node.dtype !== 'int32' ? 'classes' : 'elements'}; ` +
        `give the placeholder shape [null, ${width}]${column.format === 'labels' ? ", or [null] of 'int32' for class ids" : ''}.`,
    );
  }
  const { format, rowSize, classes } = column;
  return {
    kind: 'column',
    shape: [rows, ...sizes],
    column: { format, rows: column.rows, rowSize, classes },
    wordOffset: columnOffsetWords(column),
    binding,
    sampling: batch?.sampling ?? 'range',
  };
}

function arrayFor(node: Placeholder, value: Exclude<Feed, Column>): NDArray {
  if (isNDArray(value) && value.dtype !== node.dtype) {
    throw new FeedError(
      `Placeholder '${node.name}' is ${node.dtype}; it was fed ${value.dtype}. Feed values of its dtype.`,
    );
  }
  const array = copyOf(node, value);
  checkIntegers(node, value);
  const shape = fittingShape(node, array, ArrayBuffer.isView(value));
  if (shape === undefined) {
    throw new FeedError(
      `Placeholder '${node.name}' expects shape ${formatShape(node.shape)}; it was fed ${formatShape(array.shape)}. Feed values of the shape it expects.`,
    );
  }
  if (node.shape.length === 0) refuseNonFinite(node.name, array.data);
  return { ...array, shape };
}

function copyOf(node: Placeholder, value: Exclude<Feed, Column>): NDArray {
  try {
    return toNDArray(value, node.dtype, `feed '${node.name}'`);
  } catch (error) {
    throw error instanceof InklingError ? new FeedError(error.message, { cause: error }) : error;
  }
}

/** Refuses numbers that are not whole for an int32 placeholder, in any form of array. */
function checkIntegers(node: Placeholder, value: Exclude<Feed, Column>): void {
  if (node.dtype !== 'int32') return;
  const nested: readonly unknown[] = [value];
  const numbers = isNDArray(value)
    ? value.data
    : ArrayBuffer.isView(value)
      ? (value as unknown as ArrayLike<number>)
      : nested.flat(Infinity as 1);
  const wrong = Array.from<unknown>(numbers).find(
    (number) => !Number.isInteger(Number(number)) || (Number(number) | 0) !== Number(number),
  );
  if (wrong !== undefined) {
    throw new FeedError(`Placeholder '${node.name}' is int32; it was fed ${Number(wrong)}. Feed whole numbers.`);
  }
}

/**
 * The shape of a value in a placeholder, or `undefined` if it does not fit. A typed array has no shape and takes the
 * placeholder's; rows may be flattened (`[n, 784]` for `[null, 28, 28, 1]`).
 */
function fittingShape(node: Placeholder, { data, shape }: NDArray, flat: boolean): readonly number[] | undefined {
  if (!flat && shapeFits(shape, node.shape)) return shape;
  const [first, ...rest] = node.shape;
  if (rest.includes(null)) return undefined;
  const row = rest.map((dim) => dim ?? 1);
  if (flat) {
    if (first === undefined) return data.length === 1 ? [] : undefined;
    const rows = first ?? data.length / Math.max(1, sizeOfShape(row));
    return Number.isInteger(rows) && rows > 0 && rows * sizeOfShape(row) === data.length ? [rows, ...row] : undefined;
  }
  const [rows, ...width] = shape;
  const sameRows = rows !== undefined && (first === null || first === rows) && rest.length > 0;
  return sameRows && shape.length === 2 && sizeOfShape(width) === sizeOfShape(row) ? [rows, ...row] : undefined;
}
