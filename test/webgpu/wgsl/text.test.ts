/**
 * Bounds on kernels' texts: compilers are slow with branches within expressions, with code repeated many times, and with
 * modules of many kernels. On a software adapter, kernels within these bounds compile in less than two seconds.
 */
import { describe, expect, it } from 'vitest';
import { collectSources } from '../../../src/compile/collect.ts';
import type { FeedType } from '../../../src/compile/plan.ts';
import {
  add,
  avgPool2d,
  concat,
  expandDims,
  gelu,
  gradients,
  matmul,
  maximum,
  maxPool2d,
  mul,
  pad,
  placeholder,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  slice,
  softmax,
  square,
  tanh,
  transpose,
  type Shape,
  type Tensor,
} from '../../../src/index.ts';
import { differential } from '../../ops/differential.ts';
import { batchesOf, opCases } from '../../ops/table.ts';
import { convolutional, distantKin, kin, perceptron, trainingStep } from '../classifiers.ts';
import { modulesIn, planFor, type Asked, type TargetOptions } from '../planning.ts';

/** Characters of a module; of one whose user asks for the fewest dispatches; of a statement; of what is written out of a loop. */
const MAX_MODULE = 115_000;
const MAX_FUSED_MODULE = 430_000;
const MAX_STATEMENT = 4000;
const MAX_WRITTEN_OUT = 10_000;

const targets: readonly TargetOptions[] = (['plain', 'auto', 'fused'] as const).flatMap((schedule) => [
  { schedule, adapterClass: 'gpu' },
  { schedule, adapterClass: 'software' },
  { schedule, adapterClass: 'software', quads: true },
]);

/** What is too much in the modules of a plan. */
function excesses(asked: Asked, most?: number): string[] {
  return targets.flatMap((target) => {
    const limit = most ?? (target.schedule === 'fused' ? MAX_FUSED_MODULE : MAX_MODULE);
    return modulesIn(planFor(asked, target)).flatMap(({ name, code }) => {
      const lines = code.split('\n');
      const branching = lines.find((line) => /&&|\|\|/.test(line) && !/^\s*(if|for) ?\(/.test(line));
      const longest = lines.reduce((a, b) => (a.length > b.length ? a : b));
      const writtenOut = [...code.matchAll(/(\{ const c = \d+u;\n[^]*?\n\}\n)+/g)].map(([text]) => text.length);
      return [
        ...(code.length > limit ? [`${code.length} characters`] : []),
        ...(branching === undefined ? [] : [`a branch in ${branching}`]),
        ...(longest.length > MAX_STATEMENT ? [`a statement of ${longest.length}`] : []),
        ...writtenOut.filter((length) => length > MAX_WRITTEN_OUT).map((length) => `${length} written out`),
      ].map((excess) => `${target.schedule} ${target.adapterClass}, ${name.slice(0, 60)}: ${excess}`);
    });
  });
}

/** `y` and the gradients of it, as a plan's request. */
function forwardAndBackward(y: Tensor): Asked {
  const { placeholders } = collectSources([y]);
  const inputs = [...placeholders.values()];
  const feeds = new Map(
    [...placeholders].map(([name, { shape }]): [string, FeedType] => [
      name,
      { kind: 'array', shape: shape as number[] },
    ]),
  );
  return { fetches: [y, ...gradients(reduceSum(mul(y, y)), inputs)], feeds, training: true };
}

it.each([...new Set(opCases.map(({ op }) => op))])('%s, forward and backward', (op) => {
  for (const row of opCases.filter((one) => one.op === op))
    for (const batch of batchesOf(row)) {
      const { fetches, feeds: fed } = differential(row, batch);
      const feeds = new Map(
        [...fed].map(([{ name = '' }, { shape }]): [string, FeedType] => [name, { kind: 'array', shape }]),
      );
      // One op takes half of what a module may hold.
      expect(excesses({ fetches, feeds, training: true }, MAX_MODULE / 2), row.name).toEqual([]);
    }
});

it.each(Object.entries({ ...kin, ...distantKin, deep: () => perceptron([200, 100, 60, 30]), convolutional }))(
  'a training step: %s',
  (_, build) => {
    for (const batch of [1, 17, 100]) expect(excesses(trainingStep(build(), { batch, fetchLoss: true }))).toEqual([]);
  },
);

const images: Tensor = placeholder('images', [2, 9, 9, 3]);
const rows: Tensor = placeholder('rows', [4, 160]);
const nine: Tensor = placeholder('nine', [3, 9]);
const square12: Tensor = placeholder('square', [12, 12]);
const around = (x: Tensor, n: number, value?: number): Tensor => pad(x, [[0, 0], [n, n], [n, n], [0, 0]], value); // prettier-ignore
const times = <T>(n: number, f: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => f(i));
const again = (x: Tensor, n: number, f: (x: Tensor, i: number) => Tensor): Tensor => times(n, (i) => i).reduce(f, x);

/** What took from half a minute to for ever, or grew with the square of its parts. */
const suspects: Readonly<Record<string, () => Tensor>> = {
  ...Object.fromEntries(
    [maxPool2d, avgPool2d].flatMap((pool) =>
      ([[3, 1], [3, 2], [5, 1], [5, 3], [7, 1], [7, 2], [9, 1]] as const).flatMap(([size, strides]) =>
        [false, true].map((turned) => [
          `${pool.name} ${size} by ${strides}${turned ? ', turned' : ''}`,
          () => {
            const pooled = pool(images, { size, strides, padding: 'same' });
            return turned ? transpose(pooled, [0, 3, 1, 2]) : pooled;
          },
        ]),
      ),
    ),
  ), // prettier-ignore
  'an average with margins': () => avgPool2d(around(around(images, 2), 1, 0.5), { size: 3, strides: 1 }),
  'averages of averages': () => again(images, 3, (x) => avgPool2d(x, { size: 3, strides: 1, padding: 'same' })),
  'a dilated maximum': () =>
    times(9, (i) =>
      slice(around(images, 2, -9), [0, 2 * (i % 3), 2 * Math.floor(i / 3), 0], [-1, 9, 9, -1]),
    ).reduce<Tensor>((a, b) => maximum(a, b), slice(images, [0, 0, 0, 0], [-1, -1, -1, -1])),
  'a dilated maximum of parts': () => {
    const part = (i: number): Tensor =>
      slice(around(images, 2, -9), [0, 2 * (i % 3), 2 * Math.floor(i / 3), 0], [-1, 9, 9, -1]);
    return reduceMax(
      concat(
        times(9, (i) => expandDims<Shape, 0>(part(i), 0)),
        0,
      ),
      { axis: 0 },
    );
  },
  'pads of slices': () => again(images, 12, (x) => around(slice(x, [0, 1, 1, 0], [-1, 7, 7, -1]), 1)),
  'what is doubled': () => again(nine, 8, (x) => concat([slice(x, [0, 1], [-1, -1]), slice(x, [0, 0], [-1, 1])], 1)),
  'softmaxes of gelus': () => again(nine, 10, (x) => softmax(gelu(x))),
  'a deep map': () => again(nine, 100, (x, i) => tanh(mul<Tensor, number>(x, i))),
  '156 small reductions': () =>
    concat(
      times(156, (i) => reduceMean(square(slice(rows, [0, i], [-1, 3])), { axis: 1, keepDims: true })),
      1,
    ),
  'a tensor used 600 times': () =>
    times(600, (i) => mul<Tensor, number>(nine, i)).reduce((a, b) => add<Tensor, Tensor>(a, b)),
  'a chain of 156 small reductions': () =>
    again(nine, 156, (x) => tanh(mul<Tensor, Tensor>(x, reduceMean(x, { axis: 1, keepDims: true })))),
  '30 products': () => again(square12, 30, (x) => relu(matmul(x, square12))),
};

describe('kernels that were, or might be, too large', () => {
  it.each(Object.entries(suspects))('%s', (_, build) => {
    expect(excesses(forwardAndBackward(build()))).toEqual([]);
  });
});
