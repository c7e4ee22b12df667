/**
 * Plans memory: tensors whose lifetimes do not overlap share words of one arena. First fit, in the order of first writes.
 */
import { constantValue, isConstant, Placeholder } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { elementsOf } from '../../compile/known-shapes.ts';
import { carryOp } from './pipelined.ts';
import type { BufferSummary } from '../../compile/plan.ts';
import { labelOf } from '../../compile/print.ts';
import { isRepeated, type KernelSchedule } from './stages.ts';
import type { Program } from '../../compile/program.ts';

/** Offsets are multiples of this many 32-bit words, so that a kernel may read four at a time. */
const ALIGNMENT_WORDS = 4;

/** A value's size and the stages in which it needs its words. */
export interface Lifetime<K> {
  readonly key: K;
  readonly words: number;
  /** The first stage that writes it and the last that reads it, both included. */
  readonly from: number;
  readonly to: number;
}

/** The offset of each value, in 32-bit words, and the size of the arena. */
export interface MemoryPlan<K> {
  readonly offsets: ReadonlyMap<K, number>;
  readonly totalWords: number;
}

/** Assigns each lifetime an offset at or after `startWords`. */
export function planMemory<K>(lifetimes: readonly Lifetime<K>[], startWords = 0): MemoryPlan<K> {
  const offsets = new Map<K, number>();
  const assigned: (Lifetime<K> & { readonly offset: number })[] = [];
  let totalWords = align(startWords);
  for (const lifetime of [...lifetimes].sort((a, b) => a.from - b.from || b.words - a.words)) {
    const neighbours = assigned
      .filter((other) => other.from <= lifetime.to && lifetime.from <= other.to)
      .sort((a, b) => a.offset - b.offset);
    let offset = align(startWords);
    for (const other of neighbours) {
      if (offset + lifetime.words <= other.offset) break;
      offset = Math.max(offset, align(other.offset + other.words));
    }
    assigned.push({ ...lifetime, offset });
    offsets.set(lifetime.key, offset);
    totalWords = Math.max(totalWords, align(offset + lifetime.words));
  }
  return { offsets, totalWords };
}

function align(words: number): number {
  return Math.ceil(words / ALIGNMENT_WORDS) * ALIGNMENT_WORDS;
}

/** The arena of a plan: the offset of every tensor in it, in 32-bit words. */
export interface MemoryLayout {
  readonly offsets: ReadonlyMap<Tensor, number>;
  readonly feedOffsets: ReadonlyMap<string, number>;
  readonly constants: readonly { readonly offset: number; readonly words: Uint32Array }[];
  readonly resultWords: number;
  readonly totalWords: number;
  readonly buffers: readonly BufferSummary[];
}

/** Lays out the arena: results first, then tensors that last from step to step, then those that pass from stage to stage. */
export function layOut({ fetches }: Program, scheduled: KernelSchedule): MemoryLayout {
  const fetched = new Set(fetches);
  const lifetime = (key: Tensor, from = 0, to = scheduled.stages.length) => ({
    key,
    words: wordsOf(key, scheduled),
    from,
    to,
  });
  const results = planMemory([...fetched].map((tensor) => lifetime(tensor)));
  const lasting = planMemory(
    lastingTensors(scheduled).map((tensor) => lifetime(tensor)),
    results.totalWords,
  );
  const passing = [...scheduled.stored.keys()].filter((tensor) => !fetched.has(tensor));
  const arena = planMemory(
    passing.map((tensor) => {
      const [from, to] = lifeOf(tensor, scheduled);
      return lifetime(tensor, from, to);
    }),
    Math.max(results.totalWords, lasting.totalWords),
  );
  const offsets = new Map([...results.offsets, ...lasting.offsets, ...arena.offsets]);
  const totalWords = Math.max(4, results.totalWords, lasting.totalWords, arena.totalWords);
  return {
    offsets,
    feedOffsets: new Map(
      [...lasting.offsets].flatMap(([tensor, offset]) =>
        tensor instanceof Placeholder ? [[tensor.name, offset]] : [],
      ),
    ),
    constants: [...lasting.offsets]
      .filter(([tensor]) => isConstant(tensor))
      .map(([tensor, offset]) => ({ offset, words: constantWords(tensor) })),
    resultWords: results.totalWords,
    totalWords,
    buffers: [...offsets.keys()].map((tensor) => ({ name: labelOf(tensor), bytes: 4 * wordsOf(tensor, scheduled) })),
  };
}

/** Tells whether a tensor is a constant that kernels have as a literal in their text. */
export function isInlineConstant(tensor: Tensor): boolean {
  return isConstant(tensor) && elementsOf(tensor) === 1;
}

/** Array feeds, large constants, and the carry of a pipelined step. */
function lastingTensors(scheduled: KernelSchedule): Tensor[] {
  const sources = new Set([...scheduled.reads.values()].flatMap((tensors) => [...tensors]));
  return [...sources].filter(
    (tensor) =>
      tensor instanceof Placeholder || tensor.op === carryOp || (isConstant(tensor) && !isInlineConstant(tensor)),
  );
}

/** The stage that writes a tensor and the last that reads it. */
function lifeOf(tensor: Tensor, scheduled: KernelSchedule): [number, number] {
  const owner = scheduled.stored.get(tensor);
  const first = owner === undefined ? 0 : (scheduled.stageOf.get(owner) ?? 0);
  let last = first;
  for (const [group, reads] of scheduled.reads)
    if (reads.has(tensor)) last = Math.max(last, scheduled.stageOf.get(group) ?? 0);
  return [first, last];
}

/** A constant's elements as the words that store them. */
function constantWords(tensor: Tensor): Uint32Array {
  const value = constantValue(tensor);
  if (value instanceof Uint8Array) return Uint32Array.from(value);
  return new Uint32Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
}

/** The size of a tensor in the arena: one copy, one for each workgroup, or two generations. */
function wordsOf(tensor: Tensor, scheduled: KernelSchedule): number {
  const copies = tensor.op === carryOp ? 2 : isRepeated(tensor, scheduled) ? (scheduled.slicing?.slices ?? 1) : 1;
  return copies * elementsOf(tensor);
}
