/**
 * Long work on the page's thread gives way to other work from time to time, and ends when it is aborted.
 */

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

/** A macrotask: timers are throttled in hidden tabs, messages are not. The port is closed, so Node may end. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
