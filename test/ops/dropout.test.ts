/** Elements that dropout drops: their rate, and no pattern over elements, steps, seeds and names. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import {
  constant,
  dropout,
  gradients,
  ones,
  placeholder,
  reduceSum,
  relu,
  sub,
  variable,
  type Tensor,
} from '../../src/index.ts';

const SIZE = 1 << 16;
const x: Tensor = constant(new Float32Array(SIZE).fill(1), [SIZE]);

interface At {
  readonly seed?: number;
  readonly step?: number;
}

/** 1 where an element is kept. */
function kept(result: Tensor, at: At = {}): number[] {
  return Array.from(evaluate([result], new Map(), { training: true, ...at })[0]?.data ?? [], (y) => Number(y !== 0));
}

/** How many standard deviations a count of independent events of probability `p` is off. */
function sigmas(count: number, n: number, p: number): number {
  return Math.abs(count - n * p) / Math.sqrt(n * p * (1 - p));
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** How many standard deviations from independent two masks of one rate are. */
function dependence(a: readonly number[], b: readonly number[], keep: number): number {
  return sigmas(sum(a.map((value, i) => value * (b[i] ?? 0))), a.length, keep * keep);
}

test.each([0.1, 0.25, 0.5, 0.9, 0.999])('drops a share of %f and makes up for it', (rate) => {
  const y = dropout(x, rate);
  for (const step of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
    expect(sigmas(sum(kept(y, { step })), SIZE, 1 - rate)).toBeLessThan(5);
  }
  const [result] = evaluate([y], new Map(), { training: true });
  expect(new Set(result?.data)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
});

test('elements do not depend on their neighbours, nor steps, seeds and names on one another', () => {
  const keep = 0.7;
  const y = dropout(x, 1 - keep);
  const mask = kept(y);
  for (const distance of [1, 2, 3, 8, 64, 256, 784, 4096])
    expect(dependence(mask, [...mask.slice(distance), ...mask.slice(0, distance)], keep)).toBeLessThan(5);
  const others = {
    'the next step': kept(y, { step: 1 }),
    'the next seed': kept(y, { seed: 1 }),
    'another name': kept(dropout(x, 1 - keep, { name: 'a' })),
    'another place': kept(dropout(relu(x), 1 - keep)),
  };
  for (const [what, other] of Object.entries(others)) expect(dependence(mask, other, keep), what).toBeLessThan(5);
  const [a, b] = [kept(dropout(x, 0.3, { name: 'a' })), kept(dropout(x, 0.3, { name: 'b' }))];
  expect(dependence(a, b, keep)).toBeLessThan(5);
});

test('is decided by the seed, the step, and the name or the place: nothing else', () => {
  const build = (): Tensor => dropout(relu(variable('v', ones([SIZE]))), 0.5);
  expect(kept(build(), { seed: 3, step: 4 })).toEqual(kept(build(), { seed: 3, step: 4 }));
  expect(kept(build(), { seed: 4, step: 3 })).not.toEqual(kept(build(), { seed: 3, step: 4 }));
  expect(kept(dropout(relu(x), 0.5, { name: 'd' }))).toEqual(kept(dropout(x, 0.5, { name: 'd' })));
  const [v, w] = [variable('v', ones([SIZE])), variable('w', ones([SIZE]))];
  expect(kept(dropout(v, 0.5))).not.toEqual(kept(dropout(w, 0.5)));
});

test('the gradient is dropped with the element', () => {
  const y = dropout(x, 0.4);
  const [dx] = gradients(reduceSum(y), [x]);
  const both = evaluate([y, dx ?? y], new Map(), { training: true, step: 7 });
  expect(both[1]?.data).toEqual(both[0]?.data);
  expect(dx && evaluate([dx])[0]?.data).toEqual(new Float32Array(SIZE).fill(1));
});

describe('a rate that is fed', () => {
  const rate: Tensor = placeholder('rate', []);
  const valuesOf = (tensors: readonly Tensor[], fed: number, training = true): number[][] =>
    evaluate(tensors, new Map([[rate, { data: [fed], shape: [] }]]), { training, seed: 3, step: 5 }).map(({ data }) =>
      Array.from(data),
    );
  const droppedBy = (number: number): number[] =>
    Array.from(evaluate([dropout(x, number)], new Map(), { training: true, seed: 3, step: 5 })[0]?.data ?? []);

  test.each([0, 2 ** -30, 0.25, 0.3, 0.5, 0.9, 0.999])('drops the same elements as the number %f', (number) => {
    const [y = []] = valuesOf([dropout(x, rate)], number);
    const expected = droppedBy(Math.fround(number));
    expect(y.map(Boolean)).toEqual(expected.map(Boolean));
    // What makes up for them is made of float32 numbers.
    const largest = Math.max(...y);
    expect(new Set(y)).toEqual(new Set(expected.includes(0) ? [0, largest] : [largest]));
    expect(Math.abs(largest * (1 - Math.fround(number)) - 1)).toBeLessThan(1e-6);
  });

  test('may be one minus a rate to keep; names distinguish dropouts', () => {
    const keep: Tensor = sub(1, rate);
    expect(valuesOf([dropout(x, sub(1, keep))], 0.25)).toEqual([droppedBy(0.25)]);
    const [a, b] = valuesOf([dropout(x, rate, { name: 'a' }), dropout(x, rate, { name: 'b' })], 0.5);
    expect(a).not.toEqual(b);
  });

  test('of 1 gives zeros, of 0 all as it is, and outside of training any does', () => {
    const y = dropout(x, rate);
    expect(valuesOf([y], 1)).toEqual([new Array<number>(SIZE).fill(0)]);
    expect(valuesOf([y], 0)).toEqual([new Array<number>(SIZE).fill(1)]);
    for (const any of [0.5, 1, -3, NaN]) expect(valuesOf([y], any, false)).toEqual([new Array<number>(SIZE).fill(1)]);
  });

  test.each([-0.001, 1.001, -Infinity, Infinity, NaN])('of %f, which is out of range, gives NaN', (number) => {
    expect(new Set(valuesOf([dropout(x, rate)], number)[0])).toEqual(new Set([NaN]));
  });

  test('the gradient is dropped with the element, and none flows to the rate', () => {
    const y = dropout(x, rate);
    const [dx = y, drate = y] = gradients(reduceSum(y), [x, rate]);
    const [value, slope, ofRate] = valuesOf([y, dx, drate], 0.4);
    expect(slope).toEqual(value);
    expect(ofRate).toEqual([0]);
  });
});
