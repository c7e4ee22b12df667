/** A contender's page for the runner: a tab of its own, whose calls return in a reasonable time or fail. */
import type { Browser, Page } from 'playwright-core';
import type { Contender } from './contenders.ts';
import type { Bench } from './page/bench.ts';

const LIMIT_MS = 180_000;

type Commands = { [K in keyof Bench as Bench[K] extends (argument: never) => Promise<unknown> ? K : never]: Bench[K] };

export class ContenderPage {
  readonly contender: Contender;
  /** Why it is out, if it is. */
  error: string | undefined;
  readonly #page: Page;

  private constructor(contender: Contender, page: Page) {
    this.contender = contender;
    this.#page = page;
  }

  /** Opens a page and loads the library in it. */
  static async open(browser: Browser, origin: string, contender: Contender): Promise<ContenderPage> {
    const page = new ContenderPage(contender, await browser.newPage());
    await page.#page.goto(`${origin}bench.html`);
    await page.attempt(() => page.call('load', contender));
    return page;
  }

  /** Has the page do one of the things that page/bench.ts has. */
  call<K extends keyof Commands>(name: K, ...parameters: Parameters<Commands[K]>): ReturnType<Commands[K]> {
    const given = parameters.map((parameter) => JSON.stringify(parameter)).join();
    return within(this.#page.evaluate(`bench.${name}(${given})`), name) as ReturnType<Commands[K]>;
  }

  /** Does something with the page, unless it is out; a failure puts it out, and the others go on. */
  async attempt<T>(work: (page: this) => Promise<T>): Promise<T | undefined> {
    if (this.error !== undefined) return undefined;
    try {
      return await work(this);
    } catch (error) {
      this.error = messageOf(error);
      console.error(`  ${this.contender.title} is out: ${this.error}`);
      await this.close(); // what it may still be computing would slow the others
      return undefined;
    }
  }

  close(): Promise<void> {
    return this.#page.context().close();
  }
}

/** `work`, or an error after a while. */
export async function within<T>(work: Promise<T>, name: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`'${name}' took longer than ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The first line, without what the driver puts before it. */
export function messageOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.replace(/^page\.\w+: (?:Error: )?/, '').slice(0, 200);
}
