/**
 * Edge cases of graphs, the same on both backends: no elements, infinities, sources as results, swapped variables, many data
 * sets, thousands of ops.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import {
  add,
  argMax,
  assign,
  concat,
  constant,
  createSession,
  div,
  gradients,
  group,
  matmul,
  neg,
  placeholder,
  reduceMax,
  reduceMin,
  reduceSum,
  relu,
  slice,
  sub,
  variable,
  type Column,
  type NDArray,
  type Session,
  type Tensor,
  type Variable,
} from '../../src/index.ts';
import '../../src/node.ts';

const x: Tensor = placeholder('x', [null, 3]);
const none: Tensor = slice(x, [0, 0], [-1, 0]);
const integers = constant({ data: Int32Array.of(9, -(2 ** 31), 0), shape: [3], dtype: 'int32' });
/** What is fetched, and the elements that it has where x is [[1, -2, 0]]. */
const cases: Readonly<Record<string, readonly [Tensor, readonly number[]]>> = {
  'no elements': [none, []],
  'a sum of none': [reduceSum(none, { axis: 1 }), [0]],
  'the greatest of none': [reduceMax(none, { axis: 1 }), [-Infinity]],
  'the least of none': [reduceMin(none, { axis: 1 }), [Infinity]],
  'the first of none': [argMax(none, 1), [0]],
  'a product of none': [matmul(none, constant(new Float32Array(0), [0, 2])), [0, 0]],
  'what was fed': [x, [1, -2, 0]],
  'a constant': [constant([true, false, true]), [1, 0, 1]],
  infinities: [div(x, 0), [Infinity, -Infinity, NaN]],
  'the greatest of -Infinity': [reduceMax(neg(div(1, sub<Tensor, Tensor>(x, x))), { axis: 1 }), [-Infinity]],
  'NaN through relu': [relu(div(x, 0)), [Infinity, 0, NaN]],
  'the first NaN is the greatest': [argMax(concat([x, div(sub<Tensor, Tensor>(x, x), 0), x], 1), 1), [3]],
  'the greatest integer and the least': [
    concat([reduceMax(integers, { keepDims: true }), reduceMin(integers, { keepDims: true })], 0),
    [9, -(2 ** 31)],
  ],
  'the greatest of the least integer': [
    reduceMax(constant({ data: Int32Array.of(-(2 ** 31)), shape: [1], dtype: 'int32' })),
    [-(2 ** 31)],
  ],
};

describe.each(['webgpu', 'cpu'] as const)('on %s', (backend) => {
  let session: Session;
  beforeAll(async () => {
    session = await createSession({ backend });
  });
  afterAll(() => {
    session.dispose();
  });

  it('no elements, infinities, and sources as results', async () => {
    const fetches = Object.fromEntries(Object.entries(cases).map(([name, [tensor]]) => [name, tensor]));
    const values = await session.run(fetches, { x: [[1, -2, 0]] });
    for (const [name, [, expected]] of Object.entries(cases)) {
      const value = values[name];
      expect(typeof value === 'number' ? [value] : Array.from(value?.data ?? [NaN, NaN]), name).toEqual(expected);
    }
  });

  it('only tensors without elements', async () => {
    expect(await session.run(none, { x: [[1, 2, 3]] })).toEqual({
      data: new Float32Array(0),
      shape: [1, 0],
      dtype: 'float32',
    });
  });

  it('variables that change places, by turns with others', async () => {
    const [a, b]: Variable[] = [variable('a', [1, 2]), variable('b', [5])];
    if (a === undefined || b === undefined) throw new Error('There are two variables.');
    const swap = group(assign(a, concat([b, b], 0)), assign(b, slice(a, [1], [1])));
    expect(await session.run([swap, b], {})).toEqual([
      undefined,
      { data: Float32Array.of(5), shape: [1], dtype: 'float32' },
    ]);
    await session.run(assign(b, neg(b)));
    await session.run(assign(a, add<Tensor, Tensor>(a, b)));
    await session.run(swap);
    const values = [await session.get(a), await session.get(b)].map(({ data }) => [...data]);
    expect(values).toEqual([[-2, -2], [3]]);
  });

  it('a graph of thousands of ops, and one that looks at each value twice', async () => {
    let deep = x;
    for (let i = 0; i < 1000; i++) deep = relu(add(deep, 1));
    let twice = x;
    for (let i = 0; i < 24; i++) twice = concat([slice(twice, [0, 1], [-1, 2]), slice(twice, [0, 0], [-1, 1])], 1);
    const fetches = [deep, ...gradients(reduceSum(deep), [x]), twice];
    const values = (await session.run(fetches, { x: [[1, 2, 3]] })).map((value) => Array.from((value as NDArray).data));
    expect(values).toEqual([
      [1001, 1002, 1003],
      [1, 1, 1],
      [1, 2, 3],
    ]);
  });

  it('columns of several data sets at once', async () => {
    const read = (count: number): Promise<unknown> => {
      const rows = Array.from({ length: count }, (_, i): Tensor => placeholder(`set ${i}`, [null, 2]));
      const sum = rows.reduce((total, row) => add<Tensor, Tensor>(total, row));
      const feeds = rows.map(({ name = '' }, i) => {
        const features = Float32Array.of(i, 2 * i, 3 * i, 4 * i);
        return [name, Dataset.from({ features, labels: [0, 1], classes: 2, shape: [2], name }).images];
      });
      return session.run(reduceSum(sum), Object.fromEntries(feeds) as Record<string, Column>);
    };
    expect(await read(5)).toBe(100);
    const many = read(20);
    if (backend === 'cpu') expect(await many).toBe(1900);
    else await expect(many).rejects.toThrow(/20 data sets.*maxStorageBuffersPerShaderStage is \d+\. Feed/);
  });
});
