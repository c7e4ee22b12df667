/** A visitor's measures: the time from load to the first steps, and frames while the demo page trains. */
import type { Browser } from 'playwright-core';
import type { InklingClassifier } from 'inkling/elements';
import { messageOf, within } from './contender-page.ts';
import type { Contender } from './contenders.ts';
import type { Options } from './options.ts';
import type { LoadResult } from './page/load.ts';
import { mean, median, percentile } from './statistics.ts';

export interface LoadTimes {
  readonly name: string;
  /** From the start of the navigation to the hundredth step, round by round. */
  readonly ms: number[];
  error?: string;
}

/** A fresh page with empty caches each time. */
export async function measureLoad(
  browser: Browser,
  origin: string,
  { contenders, rounds }: Options,
): Promise<LoadTimes[]> {
  const results = contenders.map((contender) => ({ contender, times: emptyTimes(contender.name) }));
  for (let round = 1; round <= rounds; round++) {
    console.log(`  round ${round} of ${rounds}`);
    for (const { contender, times } of results) {
      if (times.error !== undefined) continue;
      try {
        const { ms, loss } = await loadOnce(browser, origin, contender);
        if (!(loss < LEARNT)) throw new Error(`it has not learnt: the loss of step 100 is ${loss}`);
        times.ms.push(ms);
      } catch (error) {
        times.error = messageOf(error);
        console.error(`  ${contender.title} is out: ${times.error}`);
      }
    }
  }
  return results.map(({ times }) => times);
}

const emptyTimes = (name: string): LoadTimes => ({ name, ms: [] });

/** Before the first step the loss is ln 10 = 2.3. */
const LEARNT = 1;

async function loadOnce(browser: Browser, origin: string, { library, backend }: Contender): Promise<LoadResult> {
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}load.html?library=${library}&backend=${backend}`);
    return await within(page.evaluate<LoadResult>('loaded()'), 'load');
  } finally {
    await page.context().close();
  }
}

/** Intervals between frames, in milliseconds. */
export interface Frames {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}

/** The demo page, while nothing happens and while it trains softmax with its curves, each several times. */
export interface FrameTimes {
  readonly idle: Frames;
  readonly training: readonly Frames[];
}

export async function measureFrames(browser: Browser, origin: string, { rounds }: Options): Promise<FrameTimes> {
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}demo/`);
    const classifier = page.locator('inkling-classifier');
    const record = (): Promise<number[]> => within(classifier.evaluate(recordTraining), 'frames');
    const first = await record(); // pipelines are made, MNIST is loaded
    if (first.length === 0) throw new Error('the demo page drew no frames');
    const idle = await page.evaluate(recordIdle);
    const training: Frames[] = [];
    for (let round = 1; round <= rounds; round++) {
      console.log(`  round ${round} of ${rounds}`);
      training.push(summarize(await record()));
    }
    return { idle: summarize(idle), training };
  } finally {
    await page.context().close();
  }
}

function summarize(intervals: readonly number[]): Frames {
  return {
    count: intervals.length,
    mean: mean(intervals),
    median: median(intervals),
    p99: percentile(intervals, 0.99),
    worst: Math.max(...intervals),
  };
}

/** Runs in the page: the intervals between frames while it trains from the start. */
async function recordTraining(element: Element): Promise<number[]> {
  const classifier = element as unknown as InklingClassifier;
  const intervals: number[] = [];
  let running = true;
  let last: number | undefined;
  const frame = (now: number): void => {
    if (!running) return;
    if (last !== undefined) intervals.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  await classifier.reset();
  requestAnimationFrame(frame);
  const trained = new Promise((resolve, reject) => {
    classifier.addEventListener('inkling-trained', resolve, { once: true });
    classifier.addEventListener('inkling-error', ({ detail }) => reject(detail.error), { once: true });
  });
  await classifier.train();
  await trained;
  running = false;
  return intervals;
}

/** Runs in the page: the intervals between the frames of two seconds. */
function recordIdle(): Promise<number[]> {
  return new Promise((resolve) => {
    const times: number[] = [];
    const frame = (now: number): void => {
      times.push(now);
      if (now - (times[0] ?? now) < 2000) requestAnimationFrame(frame);
      else resolve(times.slice(1).map((time, i) => time - (times[i] ?? NaN)));
    };
    requestAnimationFrame(frame);
  });
}
