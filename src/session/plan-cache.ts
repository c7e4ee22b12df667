/**
 * A cache of loaded plans by the structure of their graphs and the tile sizes of their kernels; the least recently used is evicted.
 * Programs that rebuild their graphs or vary their batch sizes neither compile twice nor grow.
 */
import type { LoadedPlan } from '../compile/backend.ts';

const MAX_PLANS = 32;
const MAX_BYTES = 256 * 2 ** 20;

export class PlanCache {
  /** In order of use, the least recently used first. */
  readonly #plans = new Map<string, LoadedPlan>();
  readonly #pinned = new Map<LoadedPlan, number>();

  /** The plan of a key, loaded by `load` where it is missing or not current. Calls must not overlap. */
  async get(
    key: string,
    isCurrent: (plan: LoadedPlan) => boolean,
    load: () => Promise<LoadedPlan>,
  ): Promise<LoadedPlan> {
    const known = this.#plans.get(key);
    const plan = known !== undefined && isCurrent(known) ? known : await load();
    if (known !== undefined && plan !== known && !this.#pinned.has(known)) known.dispose();
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    this.#evict();
    return plan;
  }

  /** Keeps a plan until {@link unpin}. */
  pin(plan: LoadedPlan): void {
    this.#pinned.set(plan, (this.#pinned.get(plan) ?? 0) + 1);
  }

  unpin(plan: LoadedPlan): void {
    const pins = (this.#pinned.get(plan) ?? 1) - 1;
    if (pins > 0) this.#pinned.set(plan, pins);
    else this.#pinned.delete(plan);
    if (pins <= 0 && ![...this.#plans.values()].includes(plan)) plan.dispose();
  }

  dispose(): void {
    for (const plan of this.#plans.values()) plan.dispose();
    this.#plans.clear();
  }

  #evict(): void {
    let bytes = [...this.#plans.values()].reduce((sum, plan) => sum + plan.bytes, 0);
    for (const [key, plan] of this.#plans) {
      if ((this.#plans.size <= MAX_PLANS && bytes <= MAX_BYTES) || this.#plans.size === 1) return;
      if (this.#pinned.has(plan) || plan === [...this.#plans.values()].at(-1)) continue;
      bytes -= plan.bytes;
      this.#plans.delete(key);
      plan.dispose();
    }
  }
}
