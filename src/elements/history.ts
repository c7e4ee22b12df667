/** History of a training run: its step, its curves, the test images with their predictions. */
import type { Dataset } from '../data/index.ts';
import { type CurvePoint, withTest } from './curves.ts';
import type { DigitSample } from './digits.ts';
import type { Report, TestResult } from './job.ts';

/** A test image, and its row in the test set. */
export type Sample = DigitSample & { readonly row: number };

/** Test images shown as samples. */
const SAMPLES = 50;

/** The test set is evaluated ten times a run: after some steps at least, and after four times as long as an evaluation takes. */
const TESTS_PER_RUN = 10;
const MIN_STEPS_PER_TEST = 100;
const TRAINING_PER_TEST = 4;

/** Samples at even distances in the set (the first half of MNIST's is the easier one); none of rows that are not images. */
export function samplesOf(test: Dataset): Sample[] {
  const [, , channels = 0] = test.imageShape;
  if (test.imageShape.length !== 3 || channels > 4) return [];
  const every = Math.max(1, Math.floor(test.size / SAMPLES));
  return Array.from({ length: Math.min(SAMPLES, test.size) }, (_, i) => {
    const row = i * every;
    return { row, image: test.image(row), label: test.label(row) };
  });
}

export class TrainingHistory {
  /** Steps trained so far. */
  step = 0;
  /** The step at which the run ends. */
  goal: number;
  report: Report | undefined;
  points: readonly CurvePoint[] = [];
  samples: readonly Sample[];
  /** The accuracy of the last evaluation of the test set. */
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

  /** Adds a report. Returns it with its speed as a moving average, since two reports lie only a few steps apart. */
  addReport(latest: Report): Report {
    const before = this.report?.stepsPerSecond ?? latest.stepsPerSecond;
    const report = { ...latest, stepsPerSecond: 0.8 * before + 0.2 * latest.stepsPerSecond };
    const { step, loss, accuracy } = report;
    this.#trained += (step - this.step) / latest.stepsPerSecond;
    this.report = report;
    this.step = step;
    this.points = [...this.points, { step, loss, accuracy }];
    return report;
  }

  /**
   * Tests whether an evaluation is due that takes as long as `stepsPerTest`. At the `end` of a run it is, unless this step is
   * evaluated already, or is not the goal and the evaluation takes a second or more.
   */
  testDue(stepsPerTest: number, end: boolean): boolean {
    const seconds = this.report === undefined ? 0 : stepsPerTest / this.report.stepsPerSecond;
    if (end) return this.#testedAt < this.step && (this.step >= this.goal || seconds < 1);
    return this.step >= this.#testAt && this.#trained >= TRAINING_PER_TEST * seconds;
  }

  /** Adds a test in a run of `steps`. */
  addTest({ accuracy, predicted }: TestResult, steps: number): void {
    const every = Math.max(MIN_STEPS_PER_TEST, steps / TESTS_PER_RUN);
    this.#testedAt = this.step;
    this.#testAt = (Math.floor(this.step / every) + 1) * every;
    this.#trained = 0;
    this.testAccuracy = accuracy;
    this.points = withTest(this.points, this.step, accuracy);
    this.samples = this.samples.map((sample) => ({ ...sample, predicted: predicted[sample.row] ?? -1 }));
  }
}
