/**
 * Shortens the wait for small results. Chromium looks whether the device is done whenever it is called, and else only every
 * 2 ms, which is longer than a small network takes for an image: so it is called.
 */
import { nextTask } from '../../next-task.ts';

/** Time between two calls: with less of it, the calls themselves take longer than they save. */
const EVERY_MS = 0.2;

/** What takes longer than this may as well wait to be looked at. */
const AT_MOST_MS = 4;

/** Keeps calling until `outcome` is there. */
export async function hurry(outcome: Promise<unknown>, queue: GPUQueue): Promise<void> {
  const settled = outcome.then(
    () => true,
    () => true,
  );
  const began = performance.now();
  for (let due = EVERY_MS; due < AT_MOST_MS && (await Promise.race([settled, nextTask()])) !== true;) {
    if (performance.now() - began < due) continue;
    queue.onSubmittedWorkDone().catch(() => undefined);
    due += EVERY_MS;
  }
}
