/** `session.plan` and `explain`: the plan of a run, as data and as text for people. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { constant, createSession, mul, neg, placeholder } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { backends, columns, keepDevice, program, rowsOf, smallSet } from './programs.ts';

keepDevice();
const set = smallSet();
const { loss, step, accuracy, W } = program();
const training = { data: columns(set), batchSize: 20, fetch: { loss }, feeds: { rate: 0.1 } };

describe.each(backends)('plan and explain on %s', (backend) => {
  let session: Session;
  beforeAll(async () => {
    session = await createSession({ backend });
  });
  afterAll(() => session.dispose());

  it('of a training step: data, batch, updates, checks', () => {
    const plan = session.plan(step, training);
    expect(plan).toMatchObject({
      updates: ['W', 'b'],
      checks: ['loss', 'gradient of W', 'gradient of b', 'W', 'b'],
      countsStep: true,
      sampling: { kind: 'shuffled', batch: 20, rows: 60 },
      fetches: [{ shape: [], dtype: 'float32' }],
      target: { backend },
    });
    if (backend === 'webgpu') expect(plan.dispatches).toBe(2);
    expect(plan.kernels.length).toBeGreaterThanOrEqual(plan.dispatches);
    expect(plan.peakBytes).toBeGreaterThan(0);
    expect(structuredClone({ ...plan, program: undefined })).toEqual({ ...plan, program: undefined });
  });

  it('of a run: by its feeds', () => {
    const plan = session.plan([loss, accuracy], rowsOf(set, 0, 7));
    expect(plan).toMatchObject({ updates: [], checks: [], countsStep: false, sampling: undefined });
    expect(plan.feeds.map(({ name, type }) => [name, type.shape])).toEqual(
      expect.arrayContaining([['x', [7, 12]], ['y_', [7, 3]]]), // prettier-ignore
    );
    expect(session.plan(W).feeds).toEqual([]);
  });

  it('reads well', () => {
    const text = session.explain(step, training);
    const people = text.replace(', in software', '').replace(/^Graph[^]*/m, '');
    expect(people).toMatchSnapshot();
    for (const { name } of session.plan(step, training).kernels) expect(text).toContain(name);
    expect(session.explain(accuracy, rowsOf(set, 0, 7))).toMatch(
      /^A run on .*\n\nInputs\n {2}[^]*: float32 \[7, 12\], fed/,
    );
    expect(session.explain(W)).toMatch(/\n\nVariables\n {2}W: float32 \[12, 3\], 144 B\n/);
  });

  it('takes whole columns and feeds by map', () => {
    const text = session.explain(loss, columns(set));
    expect(text).toContain('x: float32 [60, 12], all 60 rows, in order; numbers as they are');
    const byMap = session.explain(step, { ...training, feeds: new Map([['rate', 0.1]]) });
    expect(byMap).toBe(session.explain(step, training));
  });

  it('takes placeholders called as the options of training are', async () => {
    const [data, batchSize] = [placeholder('data', [null]), placeholder('batchSize', [])];
    const y = mul(data, batchSize);
    const one = constant([1, 2, 3]);
    const rows = placeholder('data', [null, 12]);
    const forms = [
      [1, 2],
      Float32Array.of(1, 2),
      { data: Float32Array.of(1, 2), shape: [2], dtype: 'float32' },
    ] as const;
    for (const form of forms) {
      const feeds = { data: form, batchSize: 4 };
      expect(await session.run(y, feeds)).toMatchObject({ data: Float32Array.of(4, 8) });
      expect(session.explain(y, feeds)).toContain('data: float32 [2], fed');
      expect(session.plan(y, feeds).feeds.map(({ name }) => name)).toEqual(['data', 'batchSize']);
      expect((await session.profile(y, feeds)).length).toBeGreaterThan(0);
    }
    // A whole column, or columns by name: one fills a placeholder called so, the others are drawn from.
    expect(session.explain(neg(rows), { data: set.images })).toContain('data: float32 [60, 12], all 60 rows');
    expect(session.explain(neg(rows), { data: { data: set.images }, batchSize: 7 })).toContain(
      'data: float32 [7, 12], 7 of 60',
    );
    const both = mul(rows, batchSize);
    const drawn = { data: { data: set.images }, batchSize: 7, feeds: { batchSize: 2 } };
    expect(session.plan(both, drawn).feeds.map(({ type }) => type.shape)).toEqual([[7, 12], []]);
    expect(session.explain(both, { data: set.images, batchSize: 2 })).toContain('batchSize: a number (float32), fed');
    expect(session.explain(mul(one, batchSize), { batchSize: 2 })).toContain('batchSize: a number');
    expect(() => session.explain(neg(rows), { data: { data: set.images } } as never)).toThrow(
      /`batchSize` is undefined/,
    );
    expect(() => session.explain(neg(rows), { data: {}, batchSize: 2 })).toThrow(/`data` is empty/);
    expect(() => session.explain(neg(rows), { data: { data: [1] }, batchSize: 2 } as never)).toThrow(/columns only/);
  });

  it('runs nothing', () => {
    expect(session.step).toBe(0);
  });
});
