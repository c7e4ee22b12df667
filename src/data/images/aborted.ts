/**
 * Work that cannot be aborted, such as a decoder's, is waited for no longer than its signal allows.
 */

/** What `work` gives. @throws the signal's reason as soon as it is aborted; what comes of the work later is dropped */
export async function unlessAborted<T>(work: Promise<T> | T, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        // The caller's reason as it is, whatever it is.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(signal.reason);
      },
      { signal: stop.signal },
    );
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop.abort();
  }
}
