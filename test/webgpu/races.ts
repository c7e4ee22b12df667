/** A detector of races: two invocations access a word, one of them writes it, and no barrier lies between the accesses. */
import { translate, type Shared } from '../tools/wgsl-in-js.ts';

/** An access to a word, by an invocation's number in the dispatch; `phase` counts the barriers before it. */
interface Access {
  readonly by: number;
  readonly workgroup: number;
  readonly phase: number;
  readonly kind: 'read' | 'write' | 'atomic';
}

/** Tests two accesses to a word. A barrier orders the accesses of one workgroup only; atomic accesses do not race with each other. */
const race = (a: Access, b: Access): boolean =>
  a.by !== b.by && (a.kind !== b.kind || a.kind === 'write') && (a.workgroup !== b.workgroup || a.phase === b.phase);

/** Memory of a dispatch that records every access. It begins as zero. */
class Memory implements Shared {
  readonly #values = new Map<string, number>();
  readonly #accesses = new Map<string, Access[]>();
  readonly #ofWorkgroup: ReadonlySet<string>;
  by = 0;
  workgroup = 0;
  phase = 0;

  constructor(ofWorkgroup: ReadonlySet<string>) {
    this.#ofWorkgroup = ofWorkgroup;
  }

  #record(buffer: string, index: number, kind: Access['kind']): string {
    const word = `${buffer}${this.#ofWorkgroup.has(buffer) ? ` of workgroup ${this.workgroup}` : ''}[${index}]`;
    const accesses = this.#accesses.get(word) ?? [];
    const last = accesses.at(-1);
    if (last?.by !== this.by || last.phase !== this.phase || last.kind !== kind)
      accesses.push({ by: this.by, workgroup: this.workgroup, phase: this.phase, kind });
    this.#accesses.set(word, accesses);
    return word;
  }

  read(buffer: string, index: number): number {
    return this.#values.get(this.#record(buffer, index, 'read')) ?? 0;
  }

  write(buffer: string, index: number, value: number): void {
    this.#values.set(this.#record(buffer, index, 'write'), value);
  }

  atomic(buffer: string, index: number, change: (old: number) => number): number {
    const word = this.#record(buffer, index, 'atomic');
    const old = this.#values.get(word) ?? 0;
    this.#values.set(word, change(old));
    return old;
  }

  /** Returns the words with a race. */
  races(): string[] {
    return [...this.#accesses].flatMap(([word, accesses]) => {
      const writes = accesses.filter(({ kind }) => kind !== 'read');
      return writes.some((a) => accesses.some((b) => race(a, b))) ? [word] : [];
    });
  }
}

/** Returns the words with a race in a dispatch. @throws where a part of a workgroup misses a barrier. */
export function racesOf(code: string, workgroups: readonly [number, number, number]): string[] {
  const module = translate(code);
  const { workgroupSize } = module;
  const memory = new Memory(module.workgroupVariables);
  const [across, down, deep] = workgroups;
  for (let group = 0; group < across * down * deep; group++) {
    const id = [group % across, Math.floor(group / across) % down, Math.floor(group / (across * down))];
    const invocations = Array.from({ length: workgroupSize }, (_, local) =>
      module.start(
        memory,
        { workgroup_id: id, local_invocation_index: local },
        { params: { generation: 0, rowOffset: 0, seed: 0 } },
      ),
    );
    memory.workgroup = group;
    for (memory.phase = 0; ; memory.phase++) {
      const waiting = invocations.filter((invocation, local) => {
        memory.by = group * workgroupSize + local;
        return invocation.next().done !== true;
      });
      if (waiting.length === 0) break;
      if (waiting.length < workgroupSize)
        throw new Error(`${workgroupSize - waiting.length} invocations miss a barrier.`);
    }
  }
  return memory.races();
}
