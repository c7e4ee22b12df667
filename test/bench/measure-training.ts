/** Training: each contender's steps per second, after a check that its steps are right. */
import { trainings, type ModelName, type Training } from './contenders.ts';
import type { ContenderPage } from './contender-page.ts';
import type { Options } from './options.ts';
import { counted, type Calls } from './page/count-calls.ts';

export interface TrainingResult {
  readonly name: string;
  /** With all that is compiled for it. */
  firstStepMs: number;
  stepsPerRound: number;
  /** Steps a second, round by round. */
  readonly speeds: number[];
  /** Of the first steps, and of the last. */
  readonly losses: number[];
  stepsTaken: number;
  /** On 1,000 test images, after all steps. */
  accuracy: number;
  /** Calls of WebGPU, a step. */
  calls: Calls | undefined;
  error?: string;
}

/** Steps whose losses must be those of the first contender. */
const COMPARED = 3;
const TOLERANCE = 1e-3;
const MAX_STEPS = 1000;

/** Measures one model on pages that have loaded their libraries. */
export async function measureTraining(
  pages: readonly ContenderPage[],
  name: ModelName,
  { rounds, roundMs }: Options,
): Promise<TrainingResult[]> {
  const entries = pages.map((page) => ({ page, result: emptyResult(page.contender.name) }));
  for (const { page, result } of entries) await page.attempt(() => warmUp(page, result, name, roundMs));
  const reference = entries.find(({ page }) => page.error === undefined)?.result.losses ?? [];
  for (const { page, result } of entries) await page.attempt(async () => compare(result, reference));
  for (let round = 1; round <= rounds; round++) {
    console.log(`  round ${round} of ${rounds}`);
    for (const { page, result } of entries) {
      await page.attempt(async () => {
        const { ms } = await take(page, result, result.stepsPerRound);
        result.speeds.push((1000 * result.stepsPerRound) / ms);
      });
    }
  }
  for (const { page, result } of entries) {
    await page.attempt(() => finish(page, result, trainings[name]));
    if (page.error !== undefined) result.error = page.error;
  }
  return entries.map(({ result }) => result);
}

function emptyResult(name: string): TrainingResult {
  const nothing = { firstStepMs: NaN, stepsPerRound: 0, stepsTaken: 0, accuracy: NaN };
  return { name, ...nothing, speeds: [], losses: [], calls: undefined };
}

async function take(page: ContenderPage, result: TrainingResult, steps: number): Promise<{ ms: number; loss: number }> {
  result.stepsTaken += steps;
  return page.call('train', steps);
}

/** The first steps one by one, then as many as it takes to tell how many make a round. */
async function warmUp(page: ContenderPage, result: TrainingResult, name: ModelName, roundMs: number): Promise<void> {
  console.log(`  ${page.contender.title}`);
  await page.call('open', name);
  for (let i = 0; i < COMPARED; i++) {
    const { ms, loss } = await take(page, result, 1);
    if (i === 0) result.firstStepMs = ms;
    result.losses.push(loss);
  }
  for (let steps = 1; ; steps = Math.min(MAX_STEPS, 4 * steps)) {
    const { ms } = await take(page, result, steps);
    if (ms < roundMs / 4 && steps < MAX_STEPS) continue;
    result.stepsPerRound = Math.min(MAX_STEPS, Math.max(1, Math.round((steps * roundMs) / ms)));
    return;
  }
}

/** @throws where the losses are not those of the first contender: it computes something else. */
function compare({ losses }: TrainingResult, reference: readonly number[]): void {
  losses.forEach((loss, i) => {
    const expected = reference[i] ?? NaN;
    if (!(Math.abs(loss - expected) <= TOLERANCE * expected))
      throw new Error(`the loss of step ${i + 1} is ${loss}, that of the first contender ${expected}`);
  });
}

/** @throws where it has not learnt what it should have by now. */
async function finish(page: ContenderPage, result: TrainingResult, { bound }: Training): Promise<void> {
  if (page.contender.backend === 'webgpu') {
    const steps = Math.min(100, result.stepsPerRound);
    result.stepsTaken += steps;
    const calls = await page.call('countSteps', steps);
    result.calls = Object.fromEntries(counted.map((name) => [name, calls[name] / steps])) as Calls;
  }
  const { loss } = await take(page, result, 1);
  result.losses.push(loss);
  result.accuracy = await page.call('accuracy', 1000);
  const [first = NaN] = result.losses;
  if (!(loss < first)) throw new Error(`it has not learnt: the loss went from ${first} to ${loss}`);
  if (result.stepsTaken >= bound.steps && !(result.accuracy >= bound.accuracy))
    throw new Error(`after ${result.stepsTaken} steps it is right about ${result.accuracy} of the images`);
}
