/**
 * Arranges a graph's computation in dispatches: the plain schedule, the one whose samples are chained, or the pipelined one.
 * Which one is a pure function of what was asked for, of the adapter's class and of shapes.
 */
import type { Tensor } from '../graph/tensor.ts';
import { fuse } from './fuse.ts';
import { pipeline, schedulePipelined, wordsOf } from './pipeline.ts';
import type { WebGpuTarget } from './plan.ts';
import type { PlanFacts } from './request.ts';
import { flopsOf, schedule, type Schedule, type Slicing } from './schedule.ts';
import { rootsOf, type Sinks } from './sinks.ts';

/** Slices that samples, or features, are cut into, about: enough workgroups for all cores, and on a GPU some more. */
const SAMPLE_SLICES = { gpu: 256, software: 16 };
const FEATURE_SLICES = { gpu: 28, software: 4 };

/**
 * What a GPU does in the gap between two dispatches that depend on each other, some 4 µs, with one workgroup at some
 * 100 GFLOP/s (a quarter of a core's peak): by estimate, not measured. A chain that costs a workgroup more than the gaps it
 * saves is not worth it. On a software adapter a gap is next to nothing and barriers are dear, so it never is.
 */
const FLOPS_PER_GAP = 4e5;

export interface Arrangement {
  readonly sinks: Sinks;
  readonly schedule: Schedule;
  /** Of a pipelined step: what it finds of the step before and leaves for the next, and what makes it for the first. */
  readonly carry: { readonly found: Tensor; readonly left: Tensor; readonly prologue: Tensor } | undefined;
}

export function arrange(sinks: Sinks, facts: PlanFacts, target: WebGpuTarget): Arrangement {
  const { adapterClass, schedule: choice = 'auto' } = target;
  const fusion = fuse(rootsOf(sinks));
  const plain = { sinks, schedule: schedule(fusion, sinks.fetches), carry: undefined };
  if (choice === 'plain' || (choice === 'auto' && adapterClass === 'software')) return plain;

  const pipelined = pipeline(sinks, facts, FEATURE_SLICES[adapterClass]);
  if (pipelined !== undefined) {
    const { found, left, prologue } = pipelined;
    const fused = fuse([...rootsOf(pipelined.sinks), left]);
    const scheduled = schedulePipelined(fused, pipelined);
    if (scheduled !== undefined && hasRoom(scheduled, target))
      return { ...pipelined, schedule: scheduled, carry: { found, left, prologue } };
  }

  const slicing = slicingOf(batchOf(facts), adapterClass);
  if (slicing === undefined) return plain;
  const chained = schedule(fusion, sinks.fetches, slicing);
  const saved = plain.schedule.stages.length - chained.stages.length;
  const work = [...chained.links.keys()].reduce((sum, group) => sum + flopsOf(group), 0);
  const pays = choice === 'fused' || (work / slicing.parts) * slicing.partsPerSlice < saved * FLOPS_PER_GAP;
  return saved > 0 && pays && hasRoom(chained, target) ? { sinks, schedule: chained, carry: undefined } : plain;
}

/** Whether memory is likely to do: what one dispatch makes lies side by side, where stages would share it. */
function hasRoom(scheduled: Schedule, { limits }: WebGpuTarget): boolean {
  const words = [...scheduled.stored.keys()].reduce((sum, tensor) => sum + wordsOf(tensor, scheduled), 0);
  return 4 * words <= limits.maxStorageBufferBindingSize / 2;
}

/** The samples of a batch: of the rows drawn, or of what is fed. */
function batchOf({ draw, feeds }: PlanFacts): number {
  return draw?.batch ?? feeds.find(({ type }) => type.shape.length > 1)?.type.shape[0] ?? 0;
}

function slicingOf(samples: number, adapterClass: WebGpuTarget['adapterClass']): Slicing | undefined {
  if (samples < 1) return undefined;
  const partsPerSlice = Math.ceil(samples / SAMPLE_SLICES[adapterClass]);
  return { parts: samples, partsPerSlice, slices: Math.ceil(samples / partsPerSlice) };
}
