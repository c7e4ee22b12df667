/** Text of a polite live region: the latest sentence, with a pause between two. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

const PAUSE_MS = 2500;

export class Announcer implements ReactiveController {
  /** Text to render in an element with `role="status"`. */
  text = '';
  readonly #host: ReactiveControllerHost;
  #next = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Says `text` now, or after the pause since the last sentence; of several that wait, only the latest is said. */
  say(text: string): void {
    this.#next = text;
    if (this.#timer === undefined) this.#speak();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #speak(): void {
    this.text = this.#next;
    this.#host.requestUpdate();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#next !== this.text) this.#speak();
    }, PAUSE_MS);
  }
}
