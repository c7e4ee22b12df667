/**
 * The WebGPU backend: one session's state on a device, and plans made ready to run on it.
 */
import type { Plan, PlanFetch } from '../../compile/plan.ts';
import { UsageError } from '../../errors.ts';
import { allocate, type TypedArray } from '../../graph/dtype.ts';
import type { Backend, Failure, LoadedPlan, Outcome, Submission, SubmitRequest } from '../backend.ts';
import type { SharedDevice} from './device.ts';
import { takeDevice, type DeviceOptions } from './device.ts';
import { openPlan, type OpenPlan } from './loaded-plan.ts';
import { Readback } from './readback.ts';
import { CONTROL_WORDS, State } from './state.ts';

/** Opens a session's share of a device. @throws DeviceError where there is none. */
export async function createWebGpuBackend(options: DeviceOptions & { readonly seed: number }): Promise<Backend> {
  return new WebGpuBackend(await takeDevice(options), options.seed);
}

class WebGpuBackend implements Backend {
  readonly kind = 'webgpu';
  readonly seed: number;
  readonly #shared: SharedDevice;
  readonly #state: State;
  readonly #readback: Readback;
  /** The failure that voided what was submitted before submission number `until`. */
  #incident: { readonly failure: Failure; readonly until: number } | undefined;
  #submissions = 0;
  #disposed = false;
  /** Ends what waits for the device, when it is gone. */
  readonly #waiting = new Set<(reason: unknown) => void>();

  constructor(shared: SharedDevice, seed: number) {
    this.#shared = shared;
    this.seed = seed;
    this.#state = new State(shared, seed);
    this.#readback = new Readback(shared.device);
    void shared.lost.then((error) => {
      this.#endWaiting(error);
    });
  }

  get adapter() {
    return this.#shared.adapter;
  }

  get lost() {
    return this.#shared.lost;
  }

  get target() {
    return this.#shared.target;
  }

  get stateOffsets() {
    return this.#state.offsets;
  }

  addVariables(variables: readonly { readonly name: string; readonly values: Float32Array }[]): void {
    this.#checkUsable();
    this.#state.add(variables);
  }

  writeVariable(name: string, values: Float32Array): void {
    this.#checkUsable();
    this.#state.write(name, values);
  }

  async readVariables(names: readonly string[]): Promise<Float32Array[]> {
    await this.settled();
    this.#checkUsable();
    const { device } = this.#shared;
    const encoder = device.createCommandEncoder();
    const parts = names.map((name) => ({
      buffer: this.#state.buffer,
      offsetWords: this.#state.place(name),
      words: this.#state.sizeOf(name),
    }));
    const read = this.#readback.encode(encoder, parts);
    device.queue.submit([encoder.finish()]);
    const words = await this.#orGone(read());
    return words.map((part) => new Float32Array(part.slice().buffer));
  }

  async settled(): Promise<void> {
    if (!this.#state.unsettled) return;
    const { device } = this.#shared;
    const encoder = device.createCommandEncoder();
    const judge = this.#encodeJudgement(encoder);
    device.queue.submit([encoder.finish()]);
    await judge();
  }

  async load(plan: Plan): Promise<LoadedPlan> {
    this.#checkUsable();
    const open = await this.#orGone(openPlan(plan, this.#shared, this.#state));
    this.#checkUsable();
    return {
      plan,
      bytes: open.bytes,
      submit: (request) => this.#submit(plan, open, request),
      dispose: () => {
        open.dispose();
      },
    };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endWaiting(disposedError());
    this.#readback.dispose();
    this.#state.dispose();
    this.#shared.release();
  }

  #submit(plan: Plan, open: OpenPlan, request: SubmitRequest): Submission {
    this.#checkUsable();
    const { device } = this.#shared;
    const state = this.#state;
    this.#submissions++;
    state.setRowOffset(request.rowOffset);
    const rows = plan.draw?.rows ?? 1;
    if (plan.countsStep || plan.draw?.kind === 'shuffle') state.setCounters(request.counters, rows);
    const encoder = device.createCommandEncoder();
    if (plan.updates.length > 0) state.syncOthers(encoder, plan.updates);
    open.encode(encoder, request, state.generation);
    if (plan.updates.length > 0) {
      const batch = plan.countsStep ? (plan.draw?.batch ?? 0) : 0;
      state.advance({
        submission: this.#submissions,
        steps: request.steps,
        batch,
        rows,
        countsStep: plan.countsStep,
        checks: plan.checks,
      });
    }
    const judge = request.read && plan.updates.length > 0 ? this.#encodeJudgement(encoder) : undefined;
    const read = request.read && open.resultWords > 0 ? this.#readback.encode(encoder, [open.results]) : undefined;
    device.queue.submit([encoder.finish()]);
    const done = this.#orGone(device.queue.onSubmittedWorkDone());
    const outcome = this.#outcome(plan, open, judge, read);
    // Whoever started the work may look at only one of the two.
    done.catch(() => undefined);
    outcome.catch(() => undefined);
    return { done, outcome };
  }

  async #outcome(
    plan: Plan,
    open: OpenPlan,
    judge: (() => Promise<Failure | undefined>) | undefined,
    read: (() => Promise<Uint32Array[]>) | undefined,
  ): Promise<Outcome> {
    const reading = read === undefined ? undefined : this.#orGone(read());
    const [failure, words] = await Promise.all([judge?.(), reading]);
    const results = words?.[0];
    if (failure !== undefined || results === undefined) return { values: [], failure };
    return { values: plan.fetches.map((fetch, i) => valuesOf(results, open.fetchOffsets[i] ?? 0, fetch)), failure };
  }

  /** Encodes a look at the control words; the function returned tells what became of everything submitted up to here. */
  #encodeJudgement(encoder: GPUCommandEncoder): () => Promise<Failure | undefined> {
    const submission = this.#submissions;
    const { generation } = this.#state;
    const read = this.#readback.encode(encoder, [
      { buffer: this.#state.control, offsetWords: 0, words: CONTROL_WORDS },
    ]);
    return async () => {
      const [control] = await this.#orGone(read());
      if (this.#incident !== undefined && submission <= this.#incident.until) return this.#incident.failure;
      const failure = this.#state.judge(submission, generation, control ?? new Uint32Array(CONTROL_WORDS));
      if (failure !== undefined) this.#incident = { failure, until: this.#submissions };
      return failure;
    };
  }

  /** `work`, or the reason why there will be no result. The device's own promise would gather a reaction for each call. */
  async #orGone<T>(work: Promise<T>): Promise<T> {
    let give: ((reason: unknown) => void) | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        give = reject;
        this.#waiting.add(reject);
        work.then(resolve, reject);
      });
    } catch (error) {
      throw this.#disposed ? disposedError() : (this.#shared.fault ?? error);
    } finally {
      if (give !== undefined) this.#waiting.delete(give);
    }
  }

  #endWaiting(reason: unknown): void {
    for (const reject of this.#waiting) reject(reason);
    this.#waiting.clear();
  }

  #checkUsable(): void {
    if (this.#disposed) throw disposedError();
    if (this.#shared.fault !== undefined) throw this.#shared.fault;
  }
}

function disposedError(): UsageError {
  return new UsageError('The session was disposed. Make a new one with createSession().');
}

/** A fetch's elements out of the words that were read. */
function valuesOf(words: Uint32Array, offset: number, { shape, dtype }: PlanFetch): TypedArray {
  const length = shape.reduce((size, dim) => size * dim, 1);
  const part = words.slice(offset, offset + length);
  if (dtype === 'float32') return new Float32Array(part.buffer);
  if (dtype === 'int32') return new Int32Array(part.buffer);
  const values = allocate(dtype, length);
  values.set(part);
  return values;
}
