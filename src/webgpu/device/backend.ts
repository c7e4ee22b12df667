/**
 * The WebGPU backend: one session's state on a device, and plans made ready to run on it.
 */
import {
  CONTROL_WORDS,
  samplesOf,
  type Plan,
  type PlanFetch,
  type ScheduleChoice,
  type WebGpuTarget,
} from '../../compile/plan.ts';
import { DeviceError, InklingError, UsageError } from '../../errors.ts';
import { allocate, type TypedArray } from '../../graph/dtype.ts';
import type {
  Backend,
  Failure,
  LoadedPlan,
  Outcome,
  Submission,
  SubmitRequest,
  Timing,
} from '../../compile/backend.ts';
import { takeDevice, type DeviceOptions } from './request-device.ts';
import { hurry } from './poll.ts';
import { openPlan, type Memory, type OpenPlan } from './loaded-plan.ts';
import { Readback, type Part } from './readback.ts';
import type { SharedDevice } from './shared-device.ts';
import { State } from './state.ts';

export interface BackendOptions extends DeviceOptions {
  readonly seed: number;
  /** How plans arrange their dispatches; default `auto`. */
  readonly schedule?: ScheduleChoice | undefined;
  /** Whether it is measured in which tiles products are fastest; default yes. */
  readonly autotune?: boolean | undefined;
}

/** Opens a session's share of a device. @throws DeviceError where there is none. */
export async function createWebGpuBackend(options: BackendOptions): Promise<Backend> {
  return new WebGpuBackend(await takeDevice(options), options);
}

/** A failure that is known: it voided what was submitted up to number `until`, and `generation` was kept. */
interface Incident {
  readonly failure: Failure;
  readonly until: number;
  readonly generation: number;
}

class WebGpuBackend implements Backend {
  readonly kind = 'webgpu';
  onFailure: ((failure: Failure) => void) | undefined;
  readonly target: WebGpuTarget;
  readonly #shared: SharedDevice;
  readonly #state: State;
  readonly #readback: Readback;
  /** The last one. */
  #incident: Incident | undefined;
  #submissions = 0;
  #disposed = false;
  /** Ends what waits for the device, when it is gone. The device's own promise would gather a reaction for each wait. */
  readonly #waiting = new Set<(reason: unknown) => void>();
  readonly #onGone = (error: DeviceError): void => {
    this.#endWaiting(error);
  };

  constructor(shared: SharedDevice, { seed, schedule, autotune = true }: BackendOptions) {
    this.target = { ...shared.target, schedule, tiles: autotune ? shared.target.tiles : undefined };
    this.#shared = shared;
    this.#state = new State(shared, seed);
    this.#readback = new Readback(shared.device);
    shared.whenGone.add(this.#onGone);
  }

  get adapter() {
    return this.#shared.adapter;
  }

  get seed() {
    return this.#state.seed;
  }

  set seed(seed: number) {
    this.#checkUsable();
    this.#state.seed = seed;
  }

  get lost() {
    return this.#shared.lost;
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
    this.#checkUsable();
    if (this.#state.room !== undefined) await this.#orGone(this.#state.room);
    const { unsettled, generation } = this.#state;
    // While it is open which generation is kept, both are read.
    const generations = unsettled ? [0, 1] : [generation];
    const parts = generations.flatMap((generation) => names.map((name) => this.#state.part(name, generation)));
    const { incident, words } = await this.#look(parts);
    const first = names.length * generations.indexOf(incident?.generation ?? generation);
    return words.slice(first, first + names.length).map((part) => new Float32Array(part.slice().buffer));
  }

  async settled(): Promise<void> {
    this.#checkUsable();
    if (this.#state.unsettled) await this.#look([]);
  }

  async load(plan: Plan): Promise<LoadedPlan> {
    this.#checkUsable();
    if (this.#state.room !== undefined) await this.#orGone(this.#state.room);
    const opening = openPlan(plan, this.#shared, this.#state);
    const open = await this.#orGone(opening).catch((error: unknown) => {
      opening.then((late) => late.dispose()).catch(() => undefined);
      throw error;
    });
    return {
      plan,
      bytes: open.bytes,
      submit: (request) => this.#submit(plan, open, request),
      dispose: () => open.dispose(),
    };
  }

  async profile(plan: Plan, request: SubmitRequest, only?: ReadonlySet<number>): Promise<readonly Timing[]> {
    this.#checkUsable();
    if (this.#state.room !== undefined) await this.#orGone(this.#state.room);
    const { profileOnWebGpu } = await import('./profile.ts');
    this.#state.setCounters(request.counters, plan.countsStep ? (plan.draw?.rows ?? 1) : undefined);
    const open = (memory: Memory): Promise<OpenPlan> => openPlan(plan, this.#shared, memory);
    return this.#orGone(profileOnWebGpu(this.#shared.device, this.#state, request, open, only));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endWaiting(disposedError());
    this.#shared.whenGone.delete(this.#onGone);
    this.#readback.dispose();
    this.#state.dispose();
    this.#shared.release();
  }

  #submit(plan: Plan, open: OpenPlan, request: SubmitRequest): Submission {
    this.#checkUsable();
    const { device } = this.#shared;
    const state = this.#state;
    const updates = plan.updates.length > 0;
    const bound = open.isBound(request.columns);
    const room = bound ? undefined : this.#bind(open, request.columns);
    const encoder = device.createCommandEncoder();
    this.#submissions++;
    state.setRowOffset(request.rowOffset);
    const rows = plan.draw?.rows ?? 1;
    state.setCounters(request.counters, plan.countsStep ? rows : undefined);
    if (updates) state.syncOthers(encoder, plan.updates);
    open.encode(encoder, request, state.generation, bound && state.follows(open));
    if (updates) {
      const batch = samplesOf(plan);
      const { countsStep, checks } = plan;
      state.advance(open, { submission: this.#submissions, steps: request.steps, batch, rows, countsStep, checks });
    }
    const looks = request.read && (updates || open.resultWords > 0);
    const look = looks ? this.#encodeLook(encoder, [open.results]) : undefined;
    device.queue.submit([encoder.finish()]);
    const fits = room?.().catch((error: unknown) => {
      open.unbind();
      throw error;
    });
    const done = this.#orGone(Promise.all([device.queue.onSubmittedWorkDone(), fits])).then(() => undefined);
    const outcome = this.#outcome(plan, open, look?.(), fits);
    // Whoever started the work may look at only one of the two.
    done.catch(() => undefined);
    outcome.catch(() => undefined);
    if (looks && request.steps === 1) void hurry(outcome, device.queue);
    return { done, outcome };
  }

  /** Binds a plan to columns; the function returned, called after the submit, tells whether there was room. */
  #bind(open: OpenPlan, columns: SubmitRequest['columns']): () => Promise<void> {
    const room = this.#shared.watchRoom('the data set. Use a smaller one: take(n)');
    try {
      open.bind(columns);
      return room;
    } catch (error) {
      room().catch(() => undefined);
      throw error;
    }
  }

  async #outcome(
    plan: Plan,
    open: OpenPlan,
    looking: Promise<Look> | undefined,
    fits: Promise<void> | undefined,
  ): Promise<Outcome> {
    const [look] = await Promise.all([looking, fits]);
    const [results = new Uint32Array(0)] = look?.words ?? [];
    const failure = plan.updates.length > 0 ? look?.incident?.failure : undefined;
    if (look === undefined || failure !== undefined) return { values: [], failure };
    return { values: plan.fetches.map((fetch, i) => valuesOf(results, open.fetchOffsets[i] ?? 0, fetch)), failure };
  }

  async #look(parts: readonly Part[]): Promise<Look> {
    const { device } = this.#shared;
    const encoder = device.createCommandEncoder();
    const look = this.#encodeLook(encoder, parts);
    device.queue.submit([encoder.finish()]);
    return look();
  }

  /** Encodes a look at `parts`; called after the submit, it also tells what became of every update submitted before it. */
  #encodeLook(encoder: GPUCommandEncoder, parts: readonly Part[]): () => Promise<Look> {
    const submission = this.#submissions;
    const { generation, unsettled } = this.#state;
    const control = unsettled ? [{ buffer: this.#state.control, offsetWords: 0, words: CONTROL_WORDS }] : [];
    const read = this.#readback.encode(encoder, [...control, ...parts]);
    return async () => {
      const words = await this.#orGone(read());
      const [judged] = unsettled ? words.splice(0, 1) : [];
      const incident = judged === undefined ? undefined : this.#judge(submission, generation, judged);
      return { incident, words };
    };
  }

  #judge(submission: number, generation: number, control: Uint32Array): Incident | undefined {
    if (this.#incident !== undefined && submission <= this.#incident.until) return this.#incident;
    const failure = this.#state.judge(submission, generation, control);
    if (failure === undefined) return undefined;
    this.#incident = { failure, until: this.#submissions, generation: this.#state.generation };
    this.onFailure?.(failure);
    return this.#incident;
  }

  /** `work`, or the reason why there will be no result. */
  async #orGone<T>(work: Promise<T>): Promise<T> {
    let give: ((reason: unknown) => void) | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        give = reject;
        this.#waiting.add(reject);
        work.then(resolve, reject);
      });
    } catch (error) {
      if (this.#disposed) throw disposedError();
      if (this.#shared.fault !== undefined) throw this.#shared.fault;
      throw error instanceof InklingError ? error : noAnswer(error);
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

/** What was read, and the failure that voided it, if any. */
interface Look {
  readonly incident: Incident | undefined;
  readonly words: readonly Uint32Array[];
}

function noAnswer(cause: unknown): DeviceError {
  return new DeviceError('The GPU gave no answer: it was probably lost. Make a new session.', { cause });
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
