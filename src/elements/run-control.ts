/** Pause, resume and stop of one training run, which asks between two reports. */

export class RunControl {
  readonly #stop = new AbortController();
  readonly signal = this.#stop.signal;
  #paused: Promise<void> | undefined;
  /** Resolves `#paused`. */
  #resume: (() => void) | undefined;

  pause(): void {
    this.#paused = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  /** Lets a paused run go on. Returns whether it was paused. */
  resume(): boolean {
    const resume = this.#resume;
    this.#resume = this.#paused = undefined;
    resume?.();
    return resume !== undefined;
  }

  /** Ends the run, paused or not, with `reason`. */
  stop(reason?: unknown): void {
    this.#stop.abort(reason);
    this.resume();
  }

  /** Waits while the run is paused. Throws the reason of {@link stop}. */
  async checkpoint(): Promise<void> {
    await this.#paused;
    this.signal.throwIfAborted();
  }
}
