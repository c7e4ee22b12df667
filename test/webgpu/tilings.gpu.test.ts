/**
 * Products of sampled rows of bytes, and their gradients, in every tiling: bytes are read by words at aligned and unaligned
 * addresses, columns of the right operand are shared by quads, tiles cross every edge. The bits are the same.
 */
import { afterAll, expect, it } from 'vitest';
import { Column, columnOffsetWords, type ColumnSource } from '../../src/graph/column.ts';
import { randomStream } from '../../src/graph/random.ts';
import {
  conv2d,
  glorotUniform,
  gradients,
  matmul,
  placeholder,
  reduceSum,
  reshape,
  square,
  variable,
  type Placeholder,
  type Tensor,
} from '../../src/index.ts';
import { openRig } from './device/rig.ts';
import { firstDifference } from './device/values.ts';
import { ADAPTERS } from './planning.ts';
import { oracleSteps, runSteps, type Step } from './steps.ts';

const SEED = 4;
const ROWS = 40;
const BATCH = 37;

const rig = await openRig(SEED);
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

/** The product of a batch of `size` bytes a sample with W, and its gradient towards W. */
function stepOf(size: number, W: ReturnType<typeof variable>, product: (x: Tensor) => Tensor): Step {
  const random = randomStream(9, 'bytes');
  const values = Uint8Array.from({ length: ROWS * size }, (_, i) => 256 * random.uniform(i));
  const source: ColumnSource & { readonly columns: Column[] } = { name: 'random', columns: [] };
  // Another lies before it, so that it does not begin where its source does.
  const common = { source, name: 'random', rows: ROWS, classes: 2, format: 'uint8', values } as const;
  source.columns.push(new Column({ ...common, values: values.subarray(0, 3), rows: 3, rowSize: 1 }));
  const column = new Column({ ...common, rowSize: size });
  source.columns.push(column);
  const x: Placeholder = placeholder('x', [null, size]);
  const made = product(x);
  const feed = {
    kind: 'column',
    column,
    wordOffset: columnOffsetWords(column),
    binding: 0,
    sampling: 'shuffled',
  } as const;
  return {
    fetches: [made, ...gradients(reduceSum(square(made)), [W])],
    updates: [],
    checks: [],
    training: false,
    countsStep: false,
    feeds: new Map([['x', { ...feed, shape: [BATCH, size] }]]),
    arrays: new Map(),
    columns: new Map([[x, column]]),
    variables: new Map([[W, W.initial.values(randomStream(SEED, W.name))]]),
    batches: { sampling: 'shuffled', batch: BATCH, rows: ROWS, offset: 0 },
  };
}

async function check(step: Step): Promise<void> {
  const { fetched } = oracleSteps(step, 1, SEED);
  const all = [];
  for (const adapter of Object.values(ADAPTERS)) all.push((await runSteps(rig, step, 1, adapter)).values);
  const [first = [], ...others] = all;
  first.forEach((values, i) => expect(firstDifference(values, fetched[i]?.data ?? [], 1e-4)).toBeUndefined());
  for (const other of others) expect(other).toEqual(first);
}

it.each([1, 10, 13, 24].flatMap((N) => [20, 25, 6].map((K) => ({ K, N }))))(
  'rows of $K bytes, times [$K, $N]',
  async ({ K, N }) => {
    const W = variable(`dense/${K}/${N}`, glorotUniform([K, N]));
    await check(stepOf(K, W, (x) => matmul(x, W)));
  },
);

it.each([
  // Patches begin anywhere, at whole words, at every second byte; runs of them are 2 to 15 bytes long.
  { height: 8, width: 8, channels: 1, size: 2, strides: 1, filters: 5 },
  { height: 8, width: 8, channels: 4, size: 1, strides: 1, filters: 7 },
  { height: 7, width: 5, channels: 3, size: 3, strides: 1, filters: 13 },
  { height: 12, width: 12, channels: 1, size: 5, strides: 1, filters: 24 },
  { height: 9, width: 9, channels: 1, size: 4, strides: 2, filters: 3 },
  { height: 9, width: 8, channels: 2, size: 2, strides: 2, filters: 20 },
])('images of $height × $width × $channels, $filters filters of $size by $strides', async (images) => {
  const { height, width, channels, size, strides, filters } = images;
  const W = variable(`conv/${Object.values(images).join()}`, glorotUniform([size, size, channels, filters]));
  const product = (x: Tensor): Tensor =>
    conv2d(reshape(x, [null, height, width, channels]), W, { strides, padding: 'valid' });
  await check(stepOf(height * width * channels, W, product));
});
