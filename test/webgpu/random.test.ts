/**
 * Invariants between the passes, on random graphs and without a GPU.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleColumns } from '../../src/webgpu/lower/batch-rows.ts';
import { fuse } from '../../src/webgpu/schedule/fuse.ts';
import { lower } from '../../src/webgpu/lower/lower.ts';
import { partOf, type FeedType } from '../../src/compile/plan.ts';
import { producersOf, readsOf, schedule } from '../../src/webgpu/schedule/stages.ts';
import { rootsOf } from '../../src/compile/program.ts';
import { simplify } from '../../src/compile/simplify.ts';
import { slicedReads } from '../../src/webgpu/schedule/batch-slices.ts';
import { specialize } from '../../src/compile/specialize.ts';
import { structureKey } from '../../src/compile/structure.ts';
import { baseOf } from '../../src/webgpu/lower/matrix-view.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { topologicalOrder } from '../../src/graph/walk.ts';
import type { WebGpuProgram } from '../../src/webgpu/plan.ts';
import { ADAPTERS, planFor } from './planning.ts';
import { programs, randomStep, type RandomStep } from './random-graphs.ts';

const parameters = { numRuns: Number(process.env.RUNS ?? 300), seed: Number(process.env.SEED ?? 1) };

/** Checks a property of random steps. */
function holds(check: (step: RandomStep) => void, { numRuns, seed } = parameters): void {
  fc.assert(
    fc.property(programs, (program) => check(randomStep(program))),
    { numRuns, seed },
  );
}

function simplified(step: RandomStep): Tensor[] {
  const roots = rootsOf(step);
  const concrete = specialize(roots, new Map(), false);
  return simplify(roots.map((root) => concrete.get(root) ?? root));
}

function lowered(step: RandomStep): Tensor[] {
  const columns = new Map<string, FeedType & { kind: 'column' }>();
  for (const [name, feed] of step.feeds) if (feed.kind === 'column') columns.set(name, feed);
  return lower(sampleColumns(simplified(step), columns)).map(baseOf);
}

it('simplifying twice changes nothing, and keeps types', () => {
  holds((step) => {
    const once = simplified(step);
    expect(structureKey(simplify(once))).toBe(structureKey(once));
    expect(once.map(({ shape, dtype }) => [shape, dtype])).toEqual(
      rootsOf(step).map(({ shape, dtype }) => [shape, dtype]),
    );
  });
});

it('a lowered graph has each node once', () => {
  holds((step) => {
    const order = topologicalOrder(lowered(step));
    expect(new Set(order.map((node) => structureKey([node]))).size).toBe(order.length);
  });
});

it.each(Object.entries(ADAPTERS))('every stage for %s passes the checks behind it', (_, adapter) => {
  holds((step) => {
    for (const schedule of ['plain', 'fused'] as const) planFor(step, { ...adapter, schedule });
  });
});

it('the same graph makes the same plan, to the letter', () => {
  holds((step) => {
    const [first, second] = [planFor(step), planFor(step)];
    expect(second).toEqual(first);
    expect(first.dispatches).toBe((partOf(first.program, 'webgpu') as WebGpuProgram).dispatches.length);
  });
});

it('in a chain, a group reads values of an earlier stage, or of an earlier turn in its own chain and slice', () => {
  let chained = 0;
  // Chains are short in graphs this small: it takes more of them to meet what they may get wrong.
  const more = { ...parameters, numRuns: 4 * parameters.numRuns };
  holds((step) => {
    const fusion = fuse(lowered(step));
    const reads = readsOf(fusion);
    for (const items of [1, 2, 3, 4, 5]) {
      const { stageOf, links } = schedule(fusion, [], { items, itemsPerSlice: 1, slices: items });
      for (const group of fusion.groups) {
        for (const [tensor, producer] of producersOf(group, reads, fusion)) {
          const [stage = NaN, before = NaN] = [stageOf.get(group), stageOf.get(producer)];
          if (before < stage) continue;
          const [link, other] = [links.get(group), links.get(producer)];
          expect(before).toBe(stage);
          expect(link?.chain).toBeDefined();
          expect(other?.chain).toBe(link?.chain);
          expect(other?.turn).toBeLessThan(link?.turn ?? NaN);
          if (link?.chain === 'slices') expect(slicedReads(group, fusion, items)?.get(tensor)).toBe(true);
          chained++;
        }
      }
    }
  }, more);
  expect(chained).toBeGreaterThan(more.numRuns / 10);
});
