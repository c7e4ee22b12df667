/** What is known of a training run so far: where it stands, what was measured, which test images were recognised. */
import type { Dataset } from '../data/index.ts';
import { type CurvePoint, withTest } from './curves.ts';
import type { DigitSample } from './digits.ts';
import type { Judgement, Report } from './job.ts';

/** A test image, and its row in the test set. */
export type Sample = DigitSample & { readonly row: number };

/** Test images shown as samples. */
const SAMPLES = 50;

/** How often the test set is evaluated: after so many steps, and after training for so many times as long as it takes. */
const TESTS_A_RUN = 10;
const FEWEST_STEPS_A_TEST = 100;
const TRAINING_A_TEST = 4;

/** Samples, evenly from the whole set (the first half of MNIST's is the easier one); none of rows that are no pictures. */
export function samplesOf(test: Dataset): Sample[] {
  const [, , channels = 0] = test.imageShape;
  if (test.imageShape.length !== 3 || channels > 4) return [];
  const every = Math.max(1, Math.floor(test.size / SAMPLES));
  return Array.from({ length: Math.min(SAMPLES, test.size) }, (_, i) => {
    const row = i * every;
    return { row, image: test.image(row), label: test.label(row) };
  });
}

export class Measured {
  /** Steps trained so far, and where the run ends. */
  step = 0;
  goal: number;
  report: Report | undefined;
  points: readonly CurvePoint[] = [];
  samples: readonly Sample[];
  /** On the test set, as last evaluated. */
  testAccuracy: number | undefined;
  /** The step of the last test; the step at which the next is due. */
  #testedAt = 0;
  #testAt = 0;
  /** Seconds trained since the last test. */
  #trained = 0;

  constructor(goal: number, samples: readonly Sample[]) {
    this.goal = goal;
    this.samples = samples.map(({ row, image, label }) => ({ row, image, label }));
  }

  /** A report, its speed as a moving average: between two reports lie a few steps only. */
  note(measured: Report): Report {
    const before = this.report?.stepsPerSecond ?? measured.stepsPerSecond;
    const report = { ...measured, stepsPerSecond: 0.8 * before + 0.2 * measured.stepsPerSecond };
    const { step, loss, accuracy } = report;
    this.#trained += (step - this.step) / measured.stepsPerSecond;
    this.report = report;
    this.step = step;
    this.points = [...this.points, { step, loss, accuracy }];
    return report;
  }

  /**
   * Whether it is time for a test, which takes as long as `stepsATest`; at the `end`, unless the step has had its own, or is
   * not the last and a test takes more than a second.
   */
  testDue(stepsATest: number, end: boolean): boolean {
    const seconds = this.report === undefined ? 0 : stepsATest / this.report.stepsPerSecond;
    if (end) return this.#testedAt < this.step && (this.step >= this.goal || seconds < 1);
    return this.step >= this.#testAt && this.#trained >= TRAINING_A_TEST * seconds;
  }

  /** A test in a run of `steps`. */
  tested({ accuracy, predicted }: Judgement, steps: number): void {
    const every = Math.max(FEWEST_STEPS_A_TEST, steps / TESTS_A_RUN);
    this.#testedAt = this.step;
    this.#testAt = (Math.floor(this.step / every) + 1) * every;
    this.#trained = 0;
    this.testAccuracy = accuracy;
    this.points = withTest(this.points, this.step, accuracy);
    this.samples = this.samples.map((sample) => ({ ...sample, predicted: predicted[sample.row] ?? -1 }));
  }
}
