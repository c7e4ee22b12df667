/**
 * A lock for asynchronous work: one piece at a time, in the order of the calls.
 */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after all earlier work; settles as it does. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
