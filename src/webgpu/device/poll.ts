/**
 * A workaround for the wait after a small run in Chromium.
 *
 * Behaviour: Chromium checks for completed GPU work when the page calls into WebGPU, and otherwise only every 2 ms (compare
 * `kHandleMoreWorkPeriodMs` in its gpu/ipc/service/command_buffer_stub.cc). A small network needs less for an image.
 * Measured: with the calls below, one image takes a third of the time (CHANGELOG, 0.1.0).
 * Not covered: Firefox checks every 100 ms (https://bugzilla.mozilla.org/show_bug.cgi?id=1870699); only a submit helps there.
 * Removal: delete this file and its one call as soon as the bench's row of one image is as fast without it.
 */
import { nextTask } from '../../next-task.ts';

/** Time between two calls. Shorter intervals cost more in calls than they save. */
const INTERVAL_MS = 0.2;

/** Time after which the 2 ms no longer matter. */
const TIMEOUT_MS = 4;

/** Calls into WebGPU until `outcome` settles, or for {@link TIMEOUT_MS}. */
export async function pollCompletion(outcome: Promise<unknown>, queue: GPUQueue): Promise<void> {
  const settled = outcome.then(
    () => true,
    () => true,
  );
  const began = performance.now();
  for (let due = INTERVAL_MS; due < TIMEOUT_MS && (await Promise.race([settled, nextTask()])) !== true;) {
    if (performance.now() - began < due) continue;
    queue.onSubmittedWorkDone().catch(() => undefined);
    due += INTERVAL_MS;
  }
}
