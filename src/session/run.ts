/**
 * Runs of training: their reports come one by one as they are iterated, or, where a run is awaited, all at its end as its history.
 */
import { UsageError } from '../errors.ts';

/**
 * A run, which begins when it is first iterated or awaited. Iterated, it goes on as reports are pulled. Awaited, it runs to the end
 * and gives its history; so an async function that returns a run awaits it. A run that a loop iterates can be awaited too: that
 * waits for the loop's end, and gives the history of the same run, or rejects with the error that ended the loop.
 */
export class Run<Report, History> implements AsyncIterableIterator<Report, undefined>, PromiseLike<History> {
  readonly #caller: string;
  readonly #reports: AsyncGenerator<Report, undefined>;
  readonly #history: History;
  readonly #record: (report: Report) => void;
  readonly #ended: Promise<History>;
  #resolve: (history: History) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #iterated = false;

  /** `record` adds a report to `history`. */
  constructor(
    caller: string,
    reports: AsyncGenerator<Report, undefined>,
    history: History,
    record: (report: Report) => void,
  ) {
    this.#caller = caller;
    this.#reports = reports;
    this.#history = history;
    this.#record = record;
    this.#ended = new Promise<History>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A loop gets the error itself.
    this.#ended.catch(() => undefined);
  }

  [Symbol.asyncIterator](): this {
    const caller = this.#caller;
    if (this.#iterated)
      throw new UsageError(`${caller}: a run can be iterated once; call ${caller}() again for more steps.`);
    this.#iterated = true;
    return this;
  }

  async next(): Promise<IteratorResult<Report, undefined>> {
    try {
      const result = await this.#reports.next();
      if (result.done === true) this.#resolve(this.#history);
      else this.#record(result.value);
      return result;
    } catch (error) {
      this.#reject(error);
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Report, undefined>> {
    const result = await this.#reports.return(undefined);
    this.#resolve(this.#history);
    return result;
  }

  async throw(error: unknown): Promise<IteratorResult<Report, undefined>> {
    await this.return();
    throw error;
  }

  then<A = History, B = never>(
    onEnd?: ((history: History) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#toEnd().then(onEnd, onError);
  }

  catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<History | B> {
    return this.#toEnd().catch(onError);
  }

  finally(onSettled?: (() => void) | null): Promise<History> {
    return this.#toEnd().finally(onSettled);
  }

  #toEnd(): Promise<History> {
    if (!this.#iterated) {
      this.#iterated = true;
      void this.#pullAll();
    }
    return this.#ended;
  }

  async #pullAll(): Promise<void> {
    const more = async (): Promise<boolean> => (await this.next()).done !== true;
    // An error is that of `#ended`.
    while (await more().catch(() => false));
  }
}
