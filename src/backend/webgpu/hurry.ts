/**
 * Shortens the wait for small results. Chromium looks whether the device is done whenever it is called, and else only every
 * 2 ms, which is longer than a small network takes for an image: so it is called.
 */
import { nextTask } from '../next-task.ts';

/** Time between two calls: with less of it, the calls themselves take longer than they save. */
const EVERY_MS = 0.2;

/** What takes longer than this may as well wait to be looked at. */
const AT_MOST_MS = 4;

/** Keeps calling until `outcome` is there. */
export async function hurry(outcome: Promise<unknown>, queue: GPUQueue): Promise<void> {
  const state = { settled: false };
  const settle = (): void => {
    state.settled = true;
  };
  const settled = outcome.then(settle, settle);
  const began = performance.now();
  for (let due = EVERY_MS; !state.settled && due < AT_MOST_MS; due += EVERY_MS) {
    while (!state.settled && performance.now() - began < due) await Promise.race([settled, nextTask()]);
    if (!state.settled) queue.onSubmittedWorkDone().catch(settle);
  }
}
