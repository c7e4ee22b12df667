/**
 * Arranges a graph's computation in dispatches: the plain schedule, the one whose samples are chained, or the pipelined one.
 * Which one is a pure function of what was asked for, of the adapter's class and of shapes.
 */
import type { Tensor } from '../../graph/tensor.ts';
import { fuse } from './fuse.ts';
import { layOut, type MemoryLayout } from './memory.ts';
import { pipeline, schedulePipelined } from './pipelined.ts';
import type { WebGpuFacts } from '../plan.ts';
import { flopsOf, schedule, type Schedule, type Slicing } from './stages.ts';
import { rootsOf, type Program } from '../../compile/program.ts';
import type { PlanFacts } from '../../compile/request.ts';

/** Slices that samples, or features, are cut into, about: enough workgroups for all cores, and on a GPU some more. */
const SAMPLE_SLICES = { gpu: 256, software: 16 };
const FEATURE_SLICES = { gpu: 28, software: 4 };

/**
 * What one workgroup does in the gap between two dispatches that depend on each other. A chain that costs a workgroup more
 * than the gaps it saves is not worth it. On a GPU, some 4 µs at some 100 GFLOP/s (a quarter of a core's peak): by estimate, not
 * measured. On a software adapter, some 50 µs at 2 GFLOP/s: enough for one image, not for a batch.
 */
const FLOPS_PER_GAP = { gpu: 4e5, software: 1e5 };

export interface Arrangement {
  readonly program: Program;
  readonly schedule: Schedule;
  readonly memory: MemoryLayout;
  /** Of a pipelined step: what it finds of the step before and leaves for the next, and what makes it for the first. */
  readonly carry: { readonly found: Tensor; readonly left: Tensor; readonly prologue: Tensor } | undefined;
}

export function arrange(program: Program, facts: PlanFacts, target: WebGpuFacts): Arrangement {
  const { adapterClass, schedule: choice = 'auto' } = target;
  const fusion = fuse(rootsOf(program));
  const plain = arranged(program, schedule(fusion, program.fetches));
  if (choice === 'plain') return plain;

  // A pipelined step has barriers, and half the speed of a plain one on a software adapter.
  const pipelined =
    choice === 'auto' && adapterClass === 'software'
      ? undefined
      : pipeline(program, facts, FEATURE_SLICES[adapterClass]);
  if (pipelined !== undefined) {
    const { found, left, prologue } = pipelined;
    const fused = fuse([...rootsOf(pipelined.program), left]);
    const scheduled = schedulePipelined(fused, pipelined);
    const oneDispatch = scheduled && arranged(pipelined.program, scheduled, { found, left, prologue });
    if (oneDispatch !== undefined && isSmall(oneDispatch, target)) return oneDispatch;
  }

  const slicing = slicingOf(batchOf(facts), adapterClass);
  if (slicing === undefined) return plain;
  const chained = arranged(program, schedule(fusion, program.fetches, slicing));
  const saved = plain.schedule.stages.length - chained.schedule.stages.length;
  const work = [...chained.schedule.links.keys()].reduce((sum, group) => sum + flopsOf(group), 0);
  const pays =
    choice === 'fused' || (work / slicing.parts) * slicing.partsPerSlice < saved * FLOPS_PER_GAP[adapterClass];
  return saved > 0 && pays && isSmall(chained, target) ? chained : plain;
}

/** What is arranged so, and where it lies. What one dispatch makes lies side by side, where stages would share memory. */
function arranged(program: Program, schedule: Schedule, carry?: Arrangement['carry']): Arrangement {
  return { program, schedule, memory: layOut(program, schedule), carry };
}

/** Whether no more is taken than half of what a binding may hold. */
function isSmall({ memory }: Arrangement, { limits }: WebGpuFacts): boolean {
  return 4 * memory.totalWords <= limits.maxStorageBufferBindingSize / 2;
}

/** The samples of a batch: of the rows drawn, or of what is fed. */
function batchOf({ draw, feeds }: PlanFacts): number {
  return draw?.batch ?? feeds.find(({ type }) => type.shape.length > 1)?.type.shape[0] ?? 0;
}

function slicingOf(samples: number, adapterClass: WebGpuFacts['adapterClass']): Slicing | undefined {
  if (samples < 1) return undefined;
  const partsPerSlice = Math.ceil(samples / SAMPLE_SLICES[adapterClass]);
  return { parts: samples, partsPerSlice, slices: Math.ceil(samples / partsPerSlice) };
}
