/**
 * A lock that lets asynchronous work through one at a time, in the order it asked.
 */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything that asked before is done; fails or succeeds with it. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
