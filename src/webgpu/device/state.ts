/**
 * A session's state on the device: variables in two generations, and the counters. A step reads one generation and writes the
 * other; when a step fails its check, the state goes back to the generation before it by bookkeeping alone.
 */
import { CONTROL_WORDS, REPORT_WORDS, stateWords } from '../../compile/plan.ts';
import { DeviceError } from '../../errors.ts';
import type { Counters, Failure } from '../../compile/backend.ts';
import type { Part } from './readback.ts';
import type { SharedDevice } from './shared-device.ts';
import { BufferUsage } from './usage.ts';

/** `control`: one record a generation, as shaders/step.wgsl has it, and small results. */
const RECORD_WORDS = 4;
const STEP = 0;
const FAILED = 1;

/** Distance of the two generations' parameters in the uniform buffer: the offset alignment every device grants. */
const PARAMS_STRIDE = 256;

const INITIAL_WORDS = 1024;

/** An updating submission whose fate is not known yet. */
interface Pending {
  /** The submission's number. */
  readonly submission: number;
  readonly generation: number;
  readonly counters: Counters;
  readonly steps: number;
  readonly batch: number;
  readonly rows: number;
  readonly countsStep: boolean;
  readonly checks: readonly string[];
}

export class State {
  readonly offsets = new Map<string, number>();
  readonly control: GPUBuffer;
  readonly params: GPUBuffer;
  buffer: GPUBuffer;
  /** While it is not known whether the buffer fits the device; rejects where it does not. */
  room: Promise<void> | undefined;
  /** The generation that the next step reads: 0 or 1. */
  generation = 0;
  readonly #shared: SharedDevice;
  readonly #sizes = new Map<string, number>();
  #seed: number;
  #capacityWords = INITIAL_WORDS;
  #usedWords = 0;
  /** Variables whose other generation is older: those of the last update. */
  #stale: ReadonlySet<string> = new Set();
  #between: GPUBuffer | undefined;
  /** What the device's record of this generation holds once everything submitted is done. */
  #mirror = { step: 0, samples: 0, rows: 1 };
  #rowOffset = 0;
  #pending: Pending[] = [];
  /** Whose steps were the last thing that happened to the state. */
  #last: object | undefined;

  constructor(shared: SharedDevice, seed: number) {
    this.#shared = shared;
    this.#seed = seed;
    this.buffer = this.#allocate(this.#capacityWords);
    this.control = shared.device.createBuffer({
      label: 'control',
      size: 4 * (CONTROL_WORDS + REPORT_WORDS),
      usage: BufferUsage.storage | BufferUsage.copyDst | BufferUsage.copySrc,
    });
    this.params = shared.device.createBuffer({
      label: 'params',
      size: 2 * PARAMS_STRIDE,
      usage: BufferUsage.uniform | BufferUsage.copyDst,
    });
    this.#writeParams();
    this.#writeRecord();
  }

  dispose(): void {
    for (const buffer of [this.buffer, this.control, this.params, this.#between]) buffer?.destroy();
  }

  /** The dynamic offset of a generation's parameters. */
  paramsOffset(generation: number): number {
    return generation * PARAMS_STRIDE;
  }

  /** Adds variables at the end; what is there keeps its place. */
  add(variables: readonly { readonly name: string; readonly values: Float32Array }[]): void {
    const added = variables.reduce((words, { values }) => words + 2 * stateWords([values.length]), 0);
    this.#grow(this.#usedWords + added);
    for (const { name, values } of variables) {
      this.offsets.set(name, this.#usedWords);
      this.#sizes.set(name, values.length);
      this.#usedWords += 2 * stateWords([values.length]);
      this.write(name, values);
    }
  }

  /** Sets a variable in both generations. */
  write(name: string, values: Float32Array): void {
    const { queue } = this.#shared.device;
    this.#last = undefined;
    for (const generation of [0, 1])
      queue.writeBuffer(this.buffer, 4 * this.part(name, generation).offsetWords, values);
  }

  /** Where a variable lies in a generation. */
  part(name: string, generation: number): Part {
    const words = this.#sizes.get(name) ?? 0;
    const offsetWords = (this.offsets.get(name) ?? 0) + generation * stateWords([words]);
    return { buffer: this.buffer, offsetWords, words };
  }

  /** Before a submission that sets `updates`: what it does not set must be the same in both generations. */
  syncOthers(encoder: GPUCommandEncoder, updates: readonly string[]): void {
    const others = [...this.#stale].filter((name) => !updates.includes(name));
    this.#stale = new Set(updates);
    if (others.length === 0) return;
    const between = this.#betweenFor(Math.max(...others.map((name) => this.part(name, 0).words)));
    for (const name of others) {
      const { offsetWords, words } = this.part(name, this.generation);
      const other = this.part(name, 1 - this.generation);
      encoder.copyBufferToBuffer(this.buffer, 4 * offsetWords, between, 0, 4 * words);
      encoder.copyBufferToBuffer(between, 0, this.buffer, 4 * other.offsetWords, 4 * words);
    }
  }

  /** Room for a variable on its way from one generation to the other: a buffer cannot be copied into itself. */
  #betweenFor(words: number): GPUBuffer {
    if (this.#between === undefined || this.#between.size < 4 * words) {
      this.#between?.destroy();
      this.#between = this.#shared.device.createBuffer({
        label: 'between',
        size: 4 * words,
        usage: BufferUsage.copyDst | BufferUsage.copySrc,
      });
    }
    return this.#between;
  }

  get seed(): number {
    return this.#seed;
  }

  set seed(seed: number) {
    this.#seed = seed;
    this.#writeParams();
  }

  setRowOffset(rowOffset: number): void {
    if (rowOffset === this.#rowOffset) return;
    this.#rowOffset = rowOffset;
    this.#writeParams();
  }

  /**
   * Brings the device's counters to where the session stands, unless they are there already. `rows`: of the data set drawn
   * from; by default as before.
   */
  setCounters({ step, samples }: Counters, rows = this.#mirror.rows): void {
    const mirror = this.#mirror;
    if (mirror.step === step && mirror.samples === samples && mirror.rows === rows) return;
    this.#mirror = { step, samples, rows };
    this.#writeRecord();
  }

  /** Notes `steps` steps as submitted, and whose they are. */
  advance(by: object, pending: Omit<Pending, 'generation' | 'counters'>): void {
    const mirror = this.#mirror;
    this.#last = by;
    this.#pending.push({
      ...pending,
      generation: this.generation,
      counters: { step: mirror.step, samples: mirror.samples },
    });
    if (pending.countsStep) {
      this.#mirror = {
        ...mirror,
        step: mirror.step + pending.steps,
        samples: mirror.samples + pending.steps * pending.batch,
      };
    }
    this.generation = (this.generation + pending.steps) % 2;
  }

  /** Whether nothing has happened to the state since steps of `whose`. */
  follows(whose: object): boolean {
    return this.#last === whose;
  }

  /** Whether the fate of some update is open. */
  get unsettled(): boolean {
    return this.#pending.length > 0;
  }

  /**
   * Judges the pending submissions up to number `submission` by the control words read after it, when `generation` was next.
   * They all count steps, or there is only one. On a failure the state goes back to before the step that failed, and
   * everything still pending is void: the device no longer carries updates out.
   */
  judge(submission: number, generation: number, control: Uint32Array): Failure | undefined {
    const judged = this.#pending.filter((pending) => pending.submission <= submission);
    const failed = control[generation * RECORD_WORDS + FAILED] ?? 0;
    if (failed === 0) {
      this.#pending = this.#pending.slice(judged.length);
      return undefined;
    }
    const failedStep = control[generation * RECORD_WORDS + STEP] ?? 0;
    const culprit = judged.find(
      ({ counters, steps, countsStep }) =>
        !countsStep || (counters.step < failedStep && failedStep <= counters.step + steps),
    );
    if (culprit === undefined) return undefined;
    const done = culprit.countsStep ? failedStep - 1 - culprit.counters.step : 0;
    const counters = { step: culprit.counters.step + done, samples: culprit.counters.samples + done * culprit.batch };
    this.generation = failed % 2;
    this.#pending = [];
    this.#mirror = { ...counters, rows: culprit.rows };
    this.#writeRecord();
    const check = culprit.checks[culprit.checks.length - Math.floor(failed / 2)] ?? 'a value';
    return { step: counters.step + 1, check, counters };
  }

  /** Writes the record of this generation from the mirror, and clears the other's failure. */
  #writeRecord(): void {
    this.#last = undefined;
    const { step, samples, rows } = this.#mirror;
    const record = [step, 0, samples % rows, Math.floor(samples / rows)];
    this.#shared.device.queue.writeBuffer(this.control, 0, Uint32Array.from([...record, ...record]));
  }

  #writeParams(): void {
    this.#last = undefined;
    const { queue } = this.#shared.device;
    for (const generation of [0, 1]) {
      queue.writeBuffer(
        this.params,
        this.paramsOffset(generation),
        Uint32Array.of(generation, this.#rowOffset, this.#seed, 0),
      );
    }
  }

  #grow(words: number): void {
    if (words <= this.#capacityWords) return;
    const { device } = this.#shared;
    const limit = device.limits.maxStorageBufferBindingSize;
    if (4 * words > limit) {
      throw new DeviceError(
        `The variables take ${4 * words} bytes (two generations of each); the device's limit maxStorageBufferBindingSize is ${limit}. Use a smaller model, or backend: 'cpu'.`,
      );
    }
    while (this.#capacityWords < words) this.#capacityWords *= 2;
    this.#capacityWords = Math.min(this.#capacityWords, Math.floor(limit / 4));
    const room = this.#shared.watchRoom(
      `the ${4 * words} bytes of the variables (two generations of each). Use a smaller model, or backend: 'cpu'`,
    );
    const grown = this.#allocate(this.#capacityWords);
    const encoder = device.createCommandEncoder();
    if (this.#usedWords > 0) encoder.copyBufferToBuffer(this.buffer, 0, grown, 0, 4 * this.#usedWords);
    device.queue.submit([encoder.finish()]);
    this.buffer.destroy();
    this.buffer = grown;
    const known = room().then(() => {
      if (this.room === known) this.room = undefined;
    });
    known.catch(() => undefined);
    this.room = known;
  }

  #allocate(words: number): GPUBuffer {
    return this.#shared.device.createBuffer({
      label: 'state',
      size: 4 * words,
      usage: BufferUsage.storage | BufferUsage.copyDst | BufferUsage.copySrc,
    });
  }
}
