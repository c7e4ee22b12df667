/**
 * Chooses the schedule of a program: plain, chained or pipelined. The choice is a pure function of the option `schedule`, the
 * adapter's class and the shapes.
 */
import { fuse } from './fuse.ts';
import { layOut, type MemoryLayout } from './memory.ts';
import { pipeline, schedulePipelined, type Pipelined } from './pipelined.ts';
import type { WebGpuFacts } from '../plan.ts';
import { flopsOf, schedule, type KernelSchedule, type Slicing } from './stages.ts';
import { rootsOf, type Program } from '../../compile/program.ts';
import type { PlanFacts } from '../../compile/request.ts';

/** The approximate number of slices of a batch or of its features: a workgroup for each core, and more on a GPU. */
const SAMPLE_SLICES = { gpu: 256, software: 16 };
const FEATURE_SLICES = { gpu: 28, software: 4 };

/**
 * The work of one workgroup in the time of a gap between two dispatches that depend on each other. A chain pays if it costs each
 * workgroup less than the gaps that it saves. On a GPU, about 4 µs at about 100 GFLOP/s (a quarter of a core's peak): an
 * estimate, not measured. On a software adapter, about 50 µs at 2 GFLOP/s: enough for one image, not for a batch.
 */
const FLOPS_PER_GAP = { gpu: 4e5, software: 1e5 };

/** A program with its schedule and memory. */
export interface Arrangement {
  readonly program: Program;
  readonly schedule: KernelSchedule;
  readonly memory: MemoryLayout;
  /** The carry of a pipelined step; see Pipelined. */
  readonly carry: Pick<Pipelined, 'carryIn' | 'carryOut' | 'prologue'> | undefined;
}

/** Returns the schedule of a program for a target. */
export function arrange(program: Program, facts: PlanFacts, target: WebGpuFacts): Arrangement {
  const { adapterClass, schedule: choice = 'auto' } = target;
  const fusion = fuse(rootsOf(program));
  const plain = arranged(program, schedule(fusion, program.fetches));
  if (choice === 'plain') return plain;

  // A pipelined step has barriers: on a software adapter it takes twice as long as a plain one.
  const pipelined =
    choice === 'auto' && adapterClass === 'software'
      ? undefined
      : pipeline(program, facts, FEATURE_SLICES[adapterClass]);
  if (pipelined !== undefined) {
    const fused = fuse([...rootsOf(pipelined.program), pipelined.carryOut]);
    const scheduled = schedulePipelined(fused, pipelined);
    const oneDispatch = scheduled && arranged(pipelined.program, scheduled, pipelined);
    if (oneDispatch !== undefined && isSmall(oneDispatch, target)) return oneDispatch;
  }

  const slicing = slicingOf(batchOf(facts), adapterClass);
  if (slicing === undefined) return plain;
  const chained = arranged(program, schedule(fusion, program.fetches, slicing));
  const saved = plain.schedule.stages.length - chained.schedule.stages.length;
  const work = [...chained.schedule.links.keys()].reduce((sum, group) => sum + flopsOf(group), 0);
  const pays =
    choice === 'fused' || (work / slicing.items) * slicing.itemsPerSlice < saved * FLOPS_PER_GAP[adapterClass];
  return saved > 0 && pays && isSmall(chained, target) ? chained : plain;
}

/** Lays out a schedule's memory. Results of one dispatch cannot share memory, as those of different stages can. */
function arranged(program: Program, schedule: KernelSchedule, carry?: Arrangement['carry']): Arrangement {
  return { program, schedule, memory: layOut(program, schedule), carry };
}

/** Tells whether the arena takes at most half of the largest binding. */
function isSmall({ memory }: Arrangement, { limits }: WebGpuFacts): boolean {
  return 4 * memory.totalWords <= limits.maxStorageBufferBindingSize / 2;
}

/** The number of samples in a batch: sampled rows, or rows that are fed. */
function batchOf({ sampling, feeds }: PlanFacts): number {
  return sampling?.batch ?? feeds.find(({ type }) => type.shape.length > 1)?.type.shape[0] ?? 0;
}

function slicingOf(samples: number, adapterClass: WebGpuFacts['adapterClass']): Slicing | undefined {
  if (samples < 1) return undefined;
  const itemsPerSlice = Math.ceil(samples / SAMPLE_SLICES[adapterClass]);
  return { items: samples, itemsPerSlice, slices: Math.ceil(samples / itemsPerSlice) };
}
