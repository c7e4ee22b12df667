/**
 * Keeps the page responsive: long work yields to the event loop every few milliseconds.
 */
import { nextTask } from '../next-task.ts';

/** Time between turns of the event loop, for timers, input and painting. */
const BUDGET_MS = 12;

/** Tells when to yield, over all work of a backend, since many short pieces block as much as a long one. */
export class Pacer {
  #since = performance.now();

  due(): boolean {
    return performance.now() - this.#since > BUDGET_MS;
  }

  async turn(): Promise<void> {
    await nextTask();
    this.#since = performance.now();
  }
}
