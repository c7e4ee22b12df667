/** The memory planner: buffers that live at the same time never overlap, and others share memory. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planMemory, type Lifetime } from '../../../src/webgpu/schedule/memory.ts';

const lifetimes = fc
  .array(fc.record({ words: fc.nat(50), from: fc.nat(8), length: fc.nat(4) }), { maxLength: 24 })
  .map((all) => all.map(({ words, from, length }, key): Lifetime<number> => ({ key, words, from, to: from + length })));

it('gives neighbours in time places of their own, aligned, after the start, within the total', () => {
  fc.assert(
    fc.property(lifetimes, fc.nat(9), (all, start) => {
      const { offsets, totalWords } = planMemory(all, start);
      expect(offsets.size).toBe(all.length);
      const placed = all.map((one) => ({ ...one, at: offsets.get(one.key) ?? NaN }));
      for (const one of placed) {
        expect(one.at % 4).toBe(0);
        expect(one.at).toBeGreaterThanOrEqual(start);
        expect(one.at + one.words).toBeLessThanOrEqual(totalWords);
        for (const other of placed) {
          if (other === one || other.to < one.from || one.to < other.from) continue;
          expect(
            one.at + one.words <= other.at || other.at + other.words <= one.at || one.words * other.words === 0,
          ).toBe(true);
        }
      }
    }),
  );
});

it('reuses the memory of buffers that are no longer needed', () => {
  const chain = Array.from({ length: 10 }, (_, i) => ({ key: i, words: 100, from: i, to: i + 1 }));
  expect(planMemory(chain).totalWords).toBe(200);
});
