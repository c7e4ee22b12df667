/**
 * Waiting for work that cannot be aborted itself, such as a decoder's.
 */

/** The result of `work`. @throws the signal's reason as soon as it is aborted; a later result is dropped */
export async function unlessAborted<T>(work: Promise<T> | T, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        // The caller's reason may be any value.
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
