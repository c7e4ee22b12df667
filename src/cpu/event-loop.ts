/**
 * Keeps the page responsive: long work gives the event loop a turn every few milliseconds.
 */
import { nextTask } from '../next-task.ts';

/** How long work goes on before timers, input and painting have their turn. */
const BUDGET_MS = 12;

/** Tells when a turn is due, over all the work of a backend: many short pieces block as much as a long one. */
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
