/**
 * Yielding to other tasks of the page.
 */

/** Resolves in the next macrotask. By message, since hidden tabs throttle timers; the port is closed, so Node can exit. */
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
