/**
 * Pauses in long work on the page's thread, for other work and for an abort.
 */
import { nextTask } from '../next-task.ts';

/** The longest work without a pause, in milliseconds: less than a frame. */
const TURN_MS = 12;

/**
 * Returns a function to await between pieces of work: it yields to other tasks every {@link TURN_MS}, and else does nothing.
 *
 * @throws the signal's reason once it is aborted
 */
export function pauses(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < TURN_MS) return;
    await nextTask();
    signal?.throwIfAborted();
    since = performance.now();
  };
}
