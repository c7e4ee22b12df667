/**
 * A session's state on the device: variables in two generations, the counters, the parameters of a step. The {@link Ledger}
 * knows which generation is current; the buffers are written and copied by it.
 */
import type { Counters, Failure } from '../../compile/backend.ts';
import type { Plan } from '../../compile/plan.ts';
import { CONTROL_WORDS, REPORT_WORDS, stateWords } from '../plan.ts';
import { DeviceError } from '../../errors.ts';
import { Ledger, type ConfirmedFailure, type Mark } from './ledger.ts';
import type { BufferRange } from './readback.ts';
import type { SharedDevice } from './shared-device.ts';
import { BufferUsage } from './usage.ts';

/** The words of a generation's record in `control`: step, failed, position, epoch, as shaders/step.wgsl has them. */
const RECORD_WORDS = 4;

/** Distance of the two generations' parameters in the uniform buffer: the offset alignment that every device grants. */
const PARAMS_STRIDE = 256;

const INITIAL_WORDS = 1024;

export class State {
  readonly ledger = new Ledger();
  readonly offsets = new Map<string, number>();
  /** One record a generation, and small results. */
  readonly control: GPUBuffer;
  readonly params: GPUBuffer;
  buffer: GPUBuffer;
  /** Set until the device has granted the buffer's memory; rejects where it refuses. */
  allocation: Promise<void> | undefined;
  readonly #shared: SharedDevice;
  readonly #onFailure: (failure: Failure) => void;
  readonly #sizes = new Map<string, number>();
  #seed: number;
  #capacityWords = INITIAL_WORDS;
  #usedWords = 0;
  #copyBuffer: GPUBuffer | undefined;
  #rowOffset = 0;
  /** The plan whose steps were the last change of the state. */
  #lastPlan: object | undefined;

  /** @param onFailure - Called once a failure, when it is confirmed. */
  constructor(shared: SharedDevice, seed: number, onFailure: (failure: Failure) => void) {
    this.#shared = shared;
    this.#seed = seed;
    this.#onFailure = onFailure;
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
    this.#writeRecords();
  }

  dispose(): void {
    for (const buffer of [this.buffer, this.control, this.params, this.#copyBuffer]) buffer?.destroy();
  }

  /** The dynamic offset of a generation's parameters. */
  paramsOffset(generation: number): number {
    return generation * PARAMS_STRIDE;
  }

  /** Adds variables behind the others, whose offsets stay. */
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
    this.#lastPlan = undefined;
    for (const generation of [0, 1])
      queue.writeBuffer(this.buffer, 4 * this.rangeOf(name, generation).offsetWords, values);
  }

  /** The range of a variable in a generation. */
  rangeOf(name: string, generation: number): BufferRange {
    const words = this.#sizes.get(name) ?? 0;
    const offsetWords = (this.offsets.get(name) ?? 0) + generation * stateWords([words]);
    return { buffer: this.buffer, offsetWords, words };
  }

  /** Encodes the copies that a submission needs before it sets `updates`. */
  copyOutOfDate(encoder: GPUCommandEncoder, updates: readonly string[]): void {
    const { ledger, buffer } = this;
    const names = ledger.outOfDate(updates);
    if (names.length === 0) return;
    const copyBuffer = this.#copyBufferOf(Math.max(...names.map((name) => this.rangeOf(name, 0).words)));
    for (const name of names) {
      const { offsetWords, words } = this.rangeOf(name, ledger.generation);
      const other = this.rangeOf(name, 1 - ledger.generation);
      encoder.copyBufferToBuffer(buffer, 4 * offsetWords, copyBuffer, 0, 4 * words);
      encoder.copyBufferToBuffer(copyBuffer, 0, buffer, 4 * other.offsetWords, 4 * words);
    }
  }

  /** The buffer between two copies of a variable: WebGPU does not copy within a buffer. */
  #copyBufferOf(words: number): GPUBuffer {
    if (this.#copyBuffer === undefined || this.#copyBuffer.size < 4 * words) {
      this.#copyBuffer?.destroy();
      this.#copyBuffer = this.#shared.device.createBuffer({
        label: 'copy',
        size: 4 * words,
        usage: BufferUsage.copyDst | BufferUsage.copySrc,
      });
    }
    return this.#copyBuffer;
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

  /** Brings the device's counters to those of the session before steps of `plan`. */
  setCounters(counters: Counters, plan: Plan): void {
    if (this.ledger.expect(counters, plan)) this.#writeRecords();
  }

  /** Enters steps as submitted. `by`: the loaded plan. */
  submit(by: object, plan: Plan, steps: number): void {
    this.#lastPlan = by;
    this.ledger.submit(plan, steps);
  }

  /** Whether steps of this loaded plan were the last change of the state. */
  continues(by: object): boolean {
    return this.#lastPlan === by;
  }

  /** The failure of a submission before `mark`, by the words of `control` that were read there. */
  resolvePending(mark: Mark, control: Uint32Array): ConfirmedFailure | undefined {
    const { ledger } = this;
    const known = ledger.failureAt(mark);
    if (known !== undefined) return known;
    const [step = 0, failed = 0] = control.subarray(mark.generation * RECORD_WORDS);
    if (failed === 0) {
      ledger.confirm(mark);
      return undefined;
    }
    const confirmed = ledger.fail({ step, check: failed >> 1, generation: failed & 1 });
    this.#writeRecords();
    this.#onFailure(confirmed.failure);
    return confirmed;
  }

  /** Writes the expected record of the current generation to both, without a failure. */
  #writeRecords(): void {
    this.#lastPlan = undefined;
    const { step, samples, rows } = this.ledger.expected;
    const record = [step, 0, samples % rows, Math.floor(samples / rows)];
    this.#shared.device.queue.writeBuffer(this.control, 0, Uint32Array.from([...record, ...record]));
  }

  #writeParams(): void {
    this.#lastPlan = undefined;
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
    const captured = this.#shared.captureOutOfMemory(
      `the ${4 * words} bytes of the variables (two generations of each). Use a smaller model, or backend: 'cpu'`,
    );
    const grown = this.#allocate(this.#capacityWords);
    const encoder = device.createCommandEncoder();
    if (this.#usedWords > 0) encoder.copyBufferToBuffer(this.buffer, 0, grown, 0, 4 * this.#usedWords);
    device.queue.submit([encoder.finish()]);
    this.buffer.destroy();
    this.buffer = grown;
    const allocation = captured().then(() => {
      if (this.allocation === allocation) this.allocation = undefined;
    });
    allocation.catch(() => undefined);
    this.allocation = allocation;
  }

  #allocate(words: number): GPUBuffer {
    return this.#shared.device.createBuffer({
      label: 'state',
      size: 4 * words,
      usage: BufferUsage.storage | BufferUsage.copyDst | BufferUsage.copySrc,
    });
  }
}
