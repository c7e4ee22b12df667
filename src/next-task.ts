/**
 * Lets other work of the page have its turn.
 */

/** A macrotask: timers are throttled in hidden tabs, messages are not. The port is closed, so Node may end. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel === 'undefined') {
      setTimeout(resolve, 0);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
