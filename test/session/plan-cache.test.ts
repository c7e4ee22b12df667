/** The cache of loaded plans: what it keeps, what it disposes of, and when. */
import { expect, it } from 'vitest';
import type { LoadedPlan } from '../../src/compile/backend.ts';
import { PlanCache } from '../../src/session/plan-cache.ts';

/** A loaded plan that notes in `disposed` that it was disposed of. */
function planCalled(name: string, disposed: string[], bytes = 0): LoadedPlan {
  return { bytes, dispose: () => disposed.push(name) } as unknown as LoadedPlan;
}

const always = (): boolean => true;

it('loads a key once', async () => {
  const cache = new PlanCache();
  const plan = planCalled('a', []);
  expect(await cache.get('a', always, () => Promise.resolve(plan))).toBe(plan);
  expect(await cache.get('a', always, () => Promise.reject(new Error('loaded twice')))).toBe(plan);
});

it('disposes of the least recently used plan beyond 32, or beyond 256 MiB, but never of the last', async () => {
  const disposed: string[] = [];
  const cache = new PlanCache();
  const use = (name: string, bytes?: number): Promise<LoadedPlan> =>
    cache.get(name, always, () => Promise.resolve(planCalled(name, disposed, bytes)));
  for (let i = 0; i < 32; i++) await use(`${i}`);
  await use('0');
  expect(disposed).toEqual([]);
  await use('32');
  expect(disposed).toEqual(['1']);
  await use('large', 2 ** 29);
  expect(disposed).toHaveLength(33);
  expect(disposed).not.toContain('large');
});

it('replaces a plan that is not current; one that is pinned is disposed of when its last pin goes', async () => {
  const disposed: string[] = [];
  const cache = new PlanCache();
  const [old, held, now] = ['old', 'held', 'now'].map((name) => planCalled(name, disposed)) as [
    LoadedPlan,
    LoadedPlan,
    LoadedPlan,
  ];
  await cache.get('a', always, () => Promise.resolve(old));
  await cache.get('a', (plan) => plan !== old, () => Promise.resolve(held)); // prettier-ignore
  expect(disposed).toEqual(['old']);
  cache.pin(held);
  cache.pin(held);
  expect(await cache.get('a', (plan) => plan !== held, () => Promise.resolve(now))).toBe(now); // prettier-ignore
  cache.unpin(held);
  expect(disposed).toEqual(['old']);
  cache.unpin(held);
  expect(disposed).toEqual(['old', 'held']);
  cache.pin(now);
  cache.unpin(now);
  expect(disposed).toEqual(['old', 'held']);
});

it('keeps the plan of a key whose next one could not be loaded', async () => {
  const cache = new PlanCache();
  const plan = planCalled('a', []);
  await cache.get('a', always, () => Promise.resolve(plan));
  const failing = cache.get(
    'a',
    () => false,
    () => Promise.reject(new Error('no')),
  );
  await expect(failing).rejects.toThrow('no');
  expect(await cache.get('a', always, () => Promise.reject(new Error('gone')))).toBe(plan);
});
