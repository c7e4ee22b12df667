/**
 * The CPU backend: submissions run one after another, in the order in which they were made, and yield to the event loop.
 *
 * Its roll-back needs no ledger: checks are computed before variables are set, so a failed step changes nothing, and its counters
 * are those of the request. Only the voiding is alike: submissions made before the failure was known do not run.
 */
import type { Plan } from '../compile/plan.ts';
import { disposedError, invariant, type DeviceError } from '../errors.ts';
import type { Backend, Failure, LoadedPlan, Outcome, Submission, SubmitRequest, Timing } from '../compile/backend.ts';
import { CpuPlan, variableOf } from './loaded-plan.ts';
import { Pacer } from './event-loop.ts';

/** A backend that computes in TypeScript. `seed` decides shuffling and dropout. */
export function createCpuBackend({ seed }: { readonly seed: number }): Backend {
  return new CpuBackend(seed);
}

/** Time for which a kernel is repeated to be measured. */
const PROFILE_MS = 5;

class CpuBackend implements Backend {
  readonly adapter = { vendor: '', architecture: '', description: 'CPU (TypeScript)', class: 'cpu' } as const;
  readonly lost = new Promise<DeviceError>(() => undefined);
  readonly target = { backend: 'cpu' } as const;
  seed: number;
  onFailure: ((failure: Failure) => void) | undefined;
  /** The arrays of the variables, to which plans are bound. */
  readonly #variables = new Map<string, Float32Array>();
  readonly #pacer = new Pacer();
  #disposed = false;
  /** Settles when all calls so far are done. */
  #tail: Promise<unknown> = Promise.resolve();
  #submitted = 0;
  /** The last failure, which voids submissions up to number `until`: Infinity while the session does not know of it. */
  #failed: { readonly failure: Failure; until: number } | undefined;

  constructor(seed: number) {
    this.seed = seed;
  }

  addVariables(variables: readonly { readonly name: string; readonly values: Float32Array }[]): void {
    this.#assertNotDisposed();
    for (const { name, values } of variables) {
      invariant(!this.#variables.has(name), `variable '${name}' was added twice`);
      this.#variables.set(name, values.slice());
    }
  }

  writeVariable(name: string, values: Float32Array): void {
    this.#assertNotDisposed();
    const variable = variableOf(this.#variables, name);
    const copy = values.slice();
    void quietly(this.#enqueue(() => variable.set(copy)));
  }

  async readVariables(names: readonly string[]): Promise<Float32Array[]> {
    const variables = names.map((name) => variableOf(this.#variables, name));
    return this.#enqueue(() => variables.map((values) => values.slice()));
  }

  async synchronize(): Promise<void> {
    await this.#enqueue(() => this.#confirmFailure());
  }

  load(plan: Plan): Promise<LoadedPlan> {
    return new Promise((resolve) => {
      this.#assertNotDisposed();
      const loaded = new CpuPlan(plan, this.#variables);
      resolve({
        plan,
        bytes: loaded.bytes,
        submit: (request) => this.#submit(loaded, request),
        dispose: () => undefined, // its arrays are garbage-collected
      });
    });
  }

  profile(plan: Plan, request: SubmitRequest): Promise<readonly Timing[]> {
    return this.#enqueue(async () => {
      const copies = new Map([...this.#variables].map(([name, values]) => [name, values.slice()]));
      const copy = new CpuPlan(plan, copies);
      copy.feed(request.feeds ?? new Map());
      return copy.profile(request, this.seed, async (kernel) => {
        kernel();
        let runs = 0;
        const began = performance.now();
        while (performance.now() - began < PROFILE_MS) {
          kernel();
          runs++;
        }
        const elapsed = performance.now() - began;
        await this.#turn();
        return elapsed / runs;
      });
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#variables.clear();
  }

  #submit(plan: CpuPlan, request: SubmitRequest): Submission {
    this.#assertNotDisposed();
    const number = ++this.#submitted;
    const feeds = new Map([...(request.feeds ?? [])].map(([name, values]) => [name, values.slice()]));
    const result = this.#enqueue(() => {
      plan.feed(feeds);
      return plan.plan.updates.length > 0 ? this.#update(number, plan, request) : this.#run(plan, request);
    });
    const done = result.then(() => undefined);
    const outcome = done.then(() => result);
    // The caller may await only one of the two.
    void quietly(done);
    void quietly(outcome);
    return { done, outcome };
  }

  #run(plan: CpuPlan, request: SubmitRequest): Promise<Outcome> {
    return plan.run(request, this.seed, () => (this.#pacer.due() ? this.#turn() : undefined));
  }

  /** Runs a submission that sets variables, unless an earlier failure voids it. */
  async #update(number: number, plan: CpuPlan, request: SubmitRequest): Promise<Outcome> {
    if (this.#failed !== undefined && number > this.#failed.until) this.#failed = undefined;
    if (this.#failed === undefined) {
      const outcome = await this.#run(plan, request);
      if (outcome.failure === undefined) return outcome;
      this.#failed = { failure: outcome.failure, until: Infinity };
    }
    const { failure } = this.#failed;
    if (request.read) this.#confirmFailure();
    return { values: [], failure: request.read ? failure : undefined };
  }

  /** Makes a failure known to the session: submissions from here on run. */
  #confirmFailure(): void {
    if (this.#failed?.until !== Infinity) return;
    this.#failed.until = this.#submitted;
    this.onFailure?.(this.#failed.failure);
  }

  async #turn(): Promise<void> {
    await this.#pacer.turn();
    this.#assertNotDisposed();
  }

  #enqueue<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(() => {
      this.#assertNotDisposed();
      return work();
    });
    this.#tail = quietly(result);
    return result;
  }

  #assertNotDisposed(): void {
    if (this.#disposed) throw disposedError();
  }
}

/** Waits for a promise whose failure is reported elsewhere. */
function quietly(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch(() => undefined);
}
