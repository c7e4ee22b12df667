/** History of a run: reports as curves, and the times at which a test is due. */
import { expect, it } from 'vitest';
import { TrainingHistory } from '../../src/elements/history.ts';

const report = (step: number, stepsPerSecond = 100) => ({ step, loss: 10 / step, accuracy: 0.5, stepsPerSecond });
const samples = [{ row: 2, image: {} as ImageData, label: 1, predicted: 0 }];

it('keeps reports as points, and smooths the speed', () => {
  const run = new TrainingHistory(50, samples);
  expect(run.addReport(report(10, 100)).stepsPerSecond).toBe(100);
  expect(run.addReport(report(20, 200)).stepsPerSecond).toBe(120);
  expect(run).toMatchObject({ step: 20, goal: 50, report: { loss: 0.5 } });
  expect(run.points).toEqual([
    { step: 10, loss: 1, accuracy: 0.5 },
    { step: 20, loss: 0.5, accuracy: 0.5 },
  ]);
});

it('begins with samples that have no prediction, and adds it by row', () => {
  const run = new TrainingHistory(50, samples);
  expect(run.samples[0]).not.toHaveProperty('predicted');
  run.addReport(report(1));
  run.addTest({ accuracy: 0.75, predicted: [7, 8, 9] }, 50);
  expect(run.samples[0]?.predicted).toBe(9);
  expect(run.testAccuracy).toBe(0.75);
  expect(run.points.at(-1)).toEqual({ step: 1, loss: 10, accuracy: 0.5, testAccuracy: 0.75 });
});

it('tests ten times a run, but a fifth of the time at most, and once at the end', () => {
  const run = new TrainingHistory(2000, samples);
  expect(run.testDue(30, true)).toBe(false);
  run.addReport(report(100));
  expect(run.testDue(30, false)).toBe(false); // 1 second trained, and a test takes 0.3
  run.addReport(report(120));
  expect(run.testDue(30, false)).toBe(true);
  run.addTest({ accuracy: 0.5, predicted: [] }, 2000);
  expect(run.testDue(0, true)).toBe(false);
  run.addReport(report(199));
  expect(run.testDue(0, false)).toBe(false);
  expect(run.testDue(0, true)).toBe(true);
  expect(run.testDue(101, true)).toBe(false); // a second and more, and it is not the last step
  run.addReport(report(200));
  expect(run.testDue(30, false)).toBe(false);
  run.addReport(report(240));
  expect(run.testDue(30, false)).toBe(true);
  run.addReport(report(2000));
  expect(run.testDue(1000, true)).toBe(true);
});
