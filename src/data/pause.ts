/**
 * Long work on the page's thread gives way to other work from time to time, and ends when it is aborted.
 */
import { nextTask } from '../next-task.ts';

/** How long work may hold the thread, in milliseconds: less than a frame. */
const TURN_MS = 12;

/**
 * A function to await between pieces of work: mostly it does nothing; each {@link TURN_MS} it lets other work have its turn.
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
