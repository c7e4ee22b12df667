/**
 * The backend without a GPU: submissions run one after another, in the order they were made, and leave the event loop its turns.
 */
import type { Plan } from '../compile/plan.ts';
import { UsageError, type DeviceError } from '../errors.ts';
import type { Backend, Failure, LoadedPlan, Outcome, Submission, SubmitRequest, Timing } from '../compile/backend.ts';
import { CpuPlan, variableOf } from './loaded-plan.ts';
import { Pacer } from './event-loop.ts';

/** A backend that computes in TypeScript. `seed` decides shuffling and dropout. */
export function createCpuBackend({ seed }: { readonly seed: number }): Backend {
  return new CpuBackend(seed);
}

/** How long a kernel is run over and over to be measured. */
const PROFILE_MS = 5;

class CpuBackend implements Backend {
  readonly kind = 'cpu';
  readonly adapter = { vendor: '', architecture: '', description: 'CPU (TypeScript)', class: 'cpu' } as const;
  readonly lost = new Promise<DeviceError>(() => undefined);
  readonly target = { backend: 'cpu' } as const;
  readonly stateOffsets: ReadonlyMap<string, number> = new Map();
  seed: number;
  onFailure: ((failure: Failure) => void) | undefined;
  /** Each variable keeps its array: plans are bound to them. */
  readonly #variables = new Map<string, Float32Array>();
  readonly #pacer = new Pacer();
  #disposed = false;
  /** Settles when everything called for so far is done. */
  #tail: Promise<unknown> = Promise.resolve();
  #submitted = 0;
  /** A failed check: updating submissions up to the `last`, counted from 1, report it and do not run. */
  #failed: { readonly failure: Failure; last: number } | undefined;

  constructor(seed: number) {
    this.seed = seed;
  }

  addVariables(variables: readonly { readonly name: string; readonly values: Float32Array }[]): void {
    this.#assertNotDisposed();
    for (const { name, values } of variables) {
      if (this.#variables.has(name))
        throw new UsageError(`There is a variable '${name}' already; choose another name.`);
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

  async settled(): Promise<void> {
    await this.#enqueue(() => this.#acknowledge());
  }

  load(plan: Plan): Promise<LoadedPlan> {
    return new Promise((resolve) => {
      this.#assertNotDisposed();
      const loaded = new CpuPlan(plan, this.#variables);
      resolve({
        plan,
        bytes: loaded.bytes,
        submit: (request) => this.#submit(loaded, request),
        dispose: () => undefined, // its arrays are garbage once nobody refers to it
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
    // Whoever started the work may look at only one of the two.
    void quietly(done);
    void quietly(outcome);
    return { done, outcome };
  }

  #run(plan: CpuPlan, request: SubmitRequest): Promise<Outcome> {
    return plan.run(request, this.seed, () => (this.#pacer.due() ? this.#turn() : undefined));
  }

  /** Runs what sets variables, unless something before it failed that nobody could know of yet. */
  async #update(number: number, plan: CpuPlan, request: SubmitRequest): Promise<Outcome> {
    if (this.#failed !== undefined && number > this.#failed.last) this.#failed = undefined;
    if (this.#failed === undefined) {
      const outcome = await this.#run(plan, request);
      if (outcome.failure === undefined) return outcome;
      this.#failed = { failure: outcome.failure, last: Infinity };
    }
    const { failure } = this.#failed;
    if (request.read) this.#acknowledge();
    return { values: [], failure: request.read ? failure : undefined };
  }

  /** A failure becomes known: what is submitted from here on is meant to run. */
  #acknowledge(): void {
    if (this.#failed?.last !== Infinity) return;
    this.#failed.last = this.#submitted;
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
    if (this.#disposed) throw new UsageError('The session was disposed. Make a new one with createSession().');
  }
}

/** Waits for a promise whose failure is reported elsewhere. */
function quietly(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch(() => undefined);
}
