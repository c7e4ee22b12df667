/**
 * A data set through a graph chunk by chunk: the chunks' values are combined, and tensors that depend on the combined values are
 * computed once.
 */
import { collectSources } from '../compile/collect.ts';
import type { Plan } from '../compile/plan.ts';
import { splitSamples, type Part, type Split } from '../compile/split-samples.ts';
import { UsageError } from '../errors.ts';
import { allocate, type TypedArray } from '../graph/dtype.ts';
import { convert } from '../graph/ndarray.ts';
import { formatShape, sizeOfShape } from '../graph/shape.ts';
import { constantValue, isConstant } from '../graph/sources.ts';
import { describeTensor, type Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { checkFinite, type BoundFeeds } from './feeds.ts';
import { toValue, toValues, type Value } from './fetches.ts';
import type { Prepared } from './prepare.ts';
import type { LockedRunner } from './runner.ts';

/** Elements of tensors of the whole set. */
type Elements = Map<Tensor, TypedArray>;

const COMBINE = { sum: (a: number, b: number) => a + b, max: Math.max, min: Math.min };

/**
 * The values of a request's tensors for all rows of a data set, taken in chunks of `size`.
 *
 * @param prepared - The request for one chunk.
 * @throws UsageError naming a fetch that cannot be combined from chunks.
 */
export async function runChunks(
  runner: LockedRunner,
  prepared: Prepared,
  rows: number,
  size: number,
): Promise<Value[]> {
  const { request, feeds, training } = prepared;
  const run = async (part: Prepared, rowOffset = 0): Promise<readonly [Plan, readonly TypedArray[]]> => {
    const loaded = await runner.load(part);
    checkFinite(loaded.plan, feeds.arrays);
    const { arrays, columns } = part.feeds;
    const asked = { feeds: arrays, columns, rowOffset, steps: 1, read: true };
    const submission = await runner.submit(loaded, undefined, asked);
    return [loaded.plan, (await submission.outcome).values];
  };
  if (isForOneSize(prepared, rows, size)) return toValues(...(await run(prepared)));

  const prepare = (tensors: readonly Tensor[], bound: BoundFeeds): Prepared =>
    runner.prepare({ ...request, tensors }, {}, { bound, training });
  const split = splitRequest(prepared, rows);
  const chunkOf = (count: number): Prepared => prepare(split.chunk(count), feedsAt(feeds, count));
  const whole = chunkOf(size);
  const tail = rows % size === 0 ? whole : chunkOf(rows % size);
  const elements = await foldChunks(split.parts, rows, size, async (row) => {
    const [, values] = await run(row + size <= rows ? whole : tail, row);
    return values;
  });
  const rest = split.fetches.filter(({ tensor, isElementwise }) => !isElementwise && !elements.has(tensor));
  if (rest.length > 0) {
    const tensors = rest.map(({ tensor }) => tensor);
    const [, values] = await run(prepare(tensors, withParts(feeds, split.parts, elements)));
    tensors.forEach((tensor, i) => elements.set(tensor, values[i] ?? allocate(tensor.dtype, 0)));
  }
  return split.fetches.map(({ tensor }) =>
    toValue(elementsOf(tensor, elements), tensor.shape as readonly number[], tensor.dtype),
  );
}

/**
 * Tells whether the graph has the data set's number of rows as a fixed size.
 * @throws UsageError where it has another: a mean of its rows cannot be distinguished from a sum divided by a constant.
 */
function isForOneSize({ request, feeds }: Prepared, rows: number, size: number): boolean {
  const { placeholders } = collectSources(request.tensors);
  const made = [...placeholders.values()].find(({ name, shape }) => feeds.columns.has(name) && shape[0] !== null);
  if (made !== undefined && size !== rows)
    throw new UsageError(
      `evaluate: ${describeTensor(made)} takes ${size} rows and the data set has ${rows}; ` +
        `give the placeholder the shape ${formatShape([null, ...made.shape.slice(1)])}.`,
    );
  return made !== undefined;
}

/** @throws UsageError naming a fetch that cannot be combined from chunks. */
function splitRequest({ request, feeds, training }: Prepared, rows: number): Split {
  const placeholders = [...collectSources(request.tensors).placeholders.values()];
  return splitSamples({
    fetches: request.tensors,
    names: request.paths.map((path) => path.replace('fetches.', '')),
    rows,
    shapesAt(count) {
      const { types } = feedsAt(feeds, count);
      return new Map(placeholders.map((node) => [node, types.get(node.name)?.shape ?? []]));
    },
    training,
  });
}

/** The feeds with `rows` rows of each column. */
function feedsAt(feeds: BoundFeeds, rows: number): BoundFeeds {
  const types = [...feeds.types].map(
    ([name, type]) =>
      [name, type.kind === 'column' ? { ...type, shape: [rows, ...type.shape.slice(1)] } : type] as const,
  );
  return { ...feeds, types: new Map(types) };
}

/** The feeds, and the reductions over all samples as feeds of their placeholders. */
function withParts(feeds: BoundFeeds, parts: readonly Part[], elements: Elements): BoundFeeds {
  const [types, arrays] = [new Map(feeds.types), new Map(feeds.arrays)];
  for (const { fold, value } of parts) {
    if (!(fold in COMBINE)) continue;
    types.set(value.name, { kind: 'array', shape: value.shape as readonly number[] });
    arrays.set(value.name, elementsOf(value, elements));
  }
  return { ...feeds, types, arrays };
}

/** Runs all chunks and combines the values of each part; sums in float64. `run` computes the chunk that begins at `row`. */
async function foldChunks(
  parts: readonly Part[],
  rows: number,
  size: number,
  run: (row: number) => Promise<readonly TypedArray[]>,
): Promise<Elements> {
  const totals = parts.map(({ fold, value }) => {
    const length = sizeOfShape(value.shape as readonly number[]);
    return fold === 'join' ? allocate(value.dtype, length) : new Float64Array(length);
  });
  // Parts that are the same for all chunks need the first chunk only.
  const end = parts.every(({ fold }) => fold === 'same') ? size : rows;
  for (let row = 0; row < end; row += size) {
    const values = await run(row);
    parts.forEach((part, i) => {
      const [total, value] = [totals[i], values[i]];
      if (total !== undefined && value !== undefined) foldInto(total, part, value, { row, rows });
    });
  }
  return new Map(parts.map(({ value }, i) => [value, convert(totals[i] ?? [], value.dtype)]));
}

/** Adds a chunk's value of a part to the total; the chunk begins at `row` of `rows`. */
function foldInto(
  total: Float64Array | TypedArray,
  { fold, axis, value }: Part,
  chunk: TypedArray,
  { row, rows }: { readonly row: number; readonly rows: number },
): void {
  if (fold === 'join') {
    const passes = sizeOfShape((value.shape as readonly number[]).slice(0, axis));
    const [length, count] = [total.length / passes, chunk.length / passes];
    for (let pass = 0; pass < passes; pass++)
      total.set(chunk.subarray(pass * count, (pass + 1) * count), pass * length + row * (length / rows));
  } else if (row === 0) {
    total.set(chunk);
  } else if (fold !== 'same') {
    const combine = COMBINE[fold];
    chunk.forEach((element, i) => {
      total[i] = combine(total[i] ?? NaN, element);
    });
  }
}

/** The elements of a tensor that elementwise ops compute from others, by the ops' CPU functions. */
function elementsOf(tensor: Tensor, elements: Elements): TypedArray {
  for (const node of topologicalOrder([tensor])) {
    const { kernel } = node.op;
    if (elements.has(node)) continue;
    if (isConstant(node)) elements.set(node, constantValue(node));
    if (kernel.kind !== 'map') continue;
    const inputs = node.inputs.map((input) => elements.get(input) ?? []);
    const compute = kernel.js(
      node.attrs,
      node.inputs.map(({ dtype }) => dtype),
    );
    const length = sizeOfShape(node.shape as readonly number[]);
    const values = Array.from({ length }, (_, i) =>
      compute(...inputs.map((input) => input[input.length === 1 ? 0 : i] ?? NaN)),
    );
    elements.set(node, convert(values, node.dtype));
  }
  return elements.get(tensor) ?? allocate(tensor.dtype, 0);
}
