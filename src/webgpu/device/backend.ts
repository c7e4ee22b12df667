/**
 * The WebGPU backend: one session's state on a device, and the plans loaded to run on it.
 */
import type { Plan, PlanFetch, ScheduleChoice } from '../../compile/plan.ts';
import { CONTROL_WORDS, type WebGpuFacts } from '../plan.ts';
import { DeviceError, disposedError, InklingError } from '../../errors.ts';
import { allocate, type TypedArray } from '../../graph/dtype.ts';
import type {
  Backend,
  Compile,
  Failure,
  LoadedPlan,
  Outcome,
  Submission,
  SubmitRequest,
  Timing,
} from '../../compile/backend.ts';
import { takeDevice, type DeviceOptions } from './request-device.ts';
import type { ConfirmedFailure } from './ledger.ts';
import { loadWebGpuPlan, type Memory, type WebGpuLoadedPlan } from './loaded-plan.ts';
import { pollCompletion } from './poll.ts';
import { Readback, type BufferRange } from './readback.ts';
import type { SharedDevice } from './shared-device.ts';
import { State } from './state.ts';

export interface BackendOptions extends DeviceOptions {
  readonly seed: number;
  /** The arrangement of dispatches; default `auto`. */
  readonly schedule?: ScheduleChoice | undefined;
  /** Whether tiles of large products are measured; default `true`. */
  readonly autotune?: boolean | undefined;
}

/** Opens a session's share of a device. @throws DeviceError where there is none. */
export async function createWebGpuBackend(options: BackendOptions): Promise<Backend> {
  return new WebGpuBackend(await takeDevice(options), options);
}

/** The words of a readback, and the failure that voids them, if any. */
interface ReadbackResult {
  readonly failure: ConfirmedFailure | undefined;
  readonly words: readonly Uint32Array[];
}

class WebGpuBackend implements Backend {
  onFailure: ((failure: Failure) => void) | undefined;
  readonly target: WebGpuFacts;
  readonly tiles: Map<string, number> | undefined;
  readonly #shared: SharedDevice;
  readonly #state: State;
  readonly #readback: Readback;
  #disposed = false;
  /** Reject what waits for the device when it is lost. The device's own promise would gather a reaction for each wait. */
  readonly #waiting = new Set<(reason: unknown) => void>();
  readonly #onLost = (error: DeviceError): void => {
    this.#rejectWaiting(error);
  };

  constructor(shared: SharedDevice, { seed, schedule, autotune = true }: BackendOptions) {
    this.target = { ...shared.target, schedule };
    this.tiles = autotune ? shared.tiles : undefined;
    this.#shared = shared;
    this.#state = new State(shared, seed, (failure) => this.onFailure?.(failure));
    this.#readback = new Readback(shared.device);
    shared.onLost.add(this.#onLost);
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
    if (this.#state.allocation !== undefined) await this.#untilLost(this.#state.allocation);
    const { isPending, generation } = this.#state.ledger;
    // While a failure is possible, either generation may be the one to keep.
    const generations = isPending ? [0, 1] : [generation];
    const { failure, words } = await this.#read(
      generations.flatMap((generation) => names.map((name) => this.#state.rangeOf(name, generation))),
    );
    const first = names.length * generations.indexOf(failure?.generation ?? generation);
    return words.slice(first, first + names.length).map((range) => new Float32Array(range.slice().buffer));
  }

  async synchronize(): Promise<void> {
    this.#checkUsable();
    if (this.#state.ledger.isPending) await this.#read([]);
  }

  async tune(compile: Compile, request: SubmitRequest): Promise<Plan> {
    const plan = compile();
    const known = this.tiles;
    if (known === undefined || plan.kernels.every(({ tiles }) => tiles === undefined || known.has(tiles.key)))
      return plan;
    const { measureTiles } = await import('./tune.ts');
    await measureTiles(this, plan, known, compile, request);
    return compile();
  }

  async load(plan: Plan): Promise<LoadedPlan> {
    this.#checkUsable();
    if (this.#state.allocation !== undefined) await this.#untilLost(this.#state.allocation);
    const loading = loadWebGpuPlan(plan, this.#shared, this.#state);
    const loaded = await this.#untilLost(loading).catch((error: unknown) => {
      loading.then((late) => late.dispose()).catch(() => undefined);
      throw error;
    });
    return {
      plan,
      bytes: loaded.bytes,
      submit: (request) => this.#submit(plan, loaded, request),
      dispose: () => loaded.dispose(),
    };
  }

  async profile(plan: Plan, request: SubmitRequest, only?: ReadonlySet<number>): Promise<readonly Timing[]> {
    this.#checkUsable();
    if (this.#state.allocation !== undefined) await this.#untilLost(this.#state.allocation);
    const { profileOnWebGpu } = await import('./profile.ts');
    this.#state.setCounters(request.counters, plan);
    const load = (memory: Memory): Promise<WebGpuLoadedPlan> => loadWebGpuPlan(plan, this.#shared, memory);
    return this.#untilLost(profileOnWebGpu(this.#shared.device, this.#state, request, load, only));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#rejectWaiting(disposedError());
    this.#shared.onLost.delete(this.#onLost);
    this.#readback.dispose();
    this.#state.dispose();
    this.#shared.release();
  }

  #submit(plan: Plan, loaded: WebGpuLoadedPlan, request: SubmitRequest): Submission {
    this.#checkUsable();
    const { device } = this.#shared;
    const state = this.#state;
    const updates = plan.updates.length > 0;
    const bound = loaded.isBound(request.columns);
    const captured = bound ? undefined : this.#bind(loaded, request.columns);
    const encoder = device.createCommandEncoder();
    state.setRowOffset(request.rowOffset);
    state.setCounters(request.counters, plan);
    if (updates) state.copyOutOfDate(encoder, plan.updates);
    loaded.encode(encoder, request, state.ledger.generation, bound && state.continues(loaded));
    if (updates) state.submit(loaded, plan, request.steps);
    const reads = request.read && (updates || loaded.resultWords > 0);
    const read = reads ? this.#encodeReadback(encoder, [loaded.results]) : undefined;
    device.queue.submit([encoder.finish()]);
    const allocated = captured?.().catch((error: unknown) => {
      loaded.unbind();
      throw error;
    });
    const done = this.#untilLost(Promise.all([device.queue.onSubmittedWorkDone(), allocated])).then(() => undefined);
    const outcome = this.#outcome(plan, loaded, read?.(), allocated);
    // The caller may await only one of the two.
    done.catch(() => undefined);
    outcome.catch(() => undefined);
    if (reads && request.steps === 1) void pollCompletion(outcome, device.queue);
    return { done, outcome };
  }

  /** Binds a plan to columns. The function returned, called after the submit, rejects where memory ran out. */
  #bind(loaded: WebGpuLoadedPlan, columns: SubmitRequest['columns']): () => Promise<void> {
    const captured = this.#shared.captureOutOfMemory('the data set. Use a smaller one: take(n)');
    try {
      loaded.bind(columns);
      return captured;
    } catch (error) {
      captured().catch(() => undefined);
      throw error;
    }
  }

  async #outcome(
    plan: Plan,
    loaded: WebGpuLoadedPlan,
    reading: Promise<ReadbackResult> | undefined,
    allocated: Promise<void> | undefined,
  ): Promise<Outcome> {
    const [result] = await Promise.all([reading, allocated]);
    const [words = new Uint32Array(0)] = result?.words ?? [];
    const failure = plan.updates.length > 0 ? result?.failure?.failure : undefined;
    if (result === undefined || failure !== undefined) return { values: [], failure };
    return { values: plan.fetches.map((fetch, i) => valuesOf(words, loaded.fetchOffsets[i] ?? 0, fetch)), failure };
  }

  async #read(ranges: readonly BufferRange[]): Promise<ReadbackResult> {
    const { device } = this.#shared;
    const encoder = device.createCommandEncoder();
    const read = this.#encodeReadback(encoder, ranges);
    device.queue.submit([encoder.finish()]);
    return read();
  }

  /** Encodes a readback; `read()`, called after the submit, also resolves the submissions that are pending now. */
  #encodeReadback(encoder: GPUCommandEncoder, ranges: readonly BufferRange[]): () => Promise<ReadbackResult> {
    const { ledger, control } = this.#state;
    const { isPending, mark } = ledger;
    const records = isPending ? [{ buffer: control, offsetWords: 0, words: CONTROL_WORDS }] : [];
    const read = this.#readback.encode(encoder, [...records, ...ranges]);
    return async () => {
      const words = await this.#untilLost(read());
      const [record] = isPending ? words.splice(0, 1) : [];
      return { failure: record && this.#state.resolvePending(mark, record), words };
    };
  }

  /** Waits for `work`. @throws the reason why it will not end: the session was disposed, the device lost. */
  async #untilLost<T>(work: Promise<T>): Promise<T> {
    let rejectWork: ((reason: unknown) => void) | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        rejectWork = reject;
        this.#waiting.add(reject);
        work.then(resolve, reject);
      });
    } catch (error) {
      this.#checkUsable();
      throw error instanceof InklingError ? error : noAnswer(error);
    } finally {
      if (rejectWork !== undefined) this.#waiting.delete(rejectWork);
    }
  }

  #rejectWaiting(reason: unknown): void {
    for (const reject of this.#waiting) reject(reason);
    this.#waiting.clear();
  }

  #checkUsable(): void {
    if (this.#disposed) throw disposedError();
    if (this.#shared.fault !== undefined) throw this.#shared.fault;
  }
}

function noAnswer(cause: unknown): DeviceError {
  return new DeviceError('The GPU gave no answer: it was probably lost. Make a new session.', { cause });
}

/** The elements of a fetch, from the words of a readback. */
function valuesOf(words: Uint32Array, offset: number, { shape, dtype }: PlanFetch): TypedArray {
  const length = shape.reduce((size, dim) => size * dim, 1);
  const range = words.slice(offset, offset + length);
  if (dtype === 'float32') return new Float32Array(range.buffer);
  if (dtype === 'int32') return new Int32Array(range.buffer);
  const values = allocate(dtype, length);
  values.set(range);
  return values;
}
