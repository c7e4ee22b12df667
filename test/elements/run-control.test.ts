/** Pause, resume and stop of a run. */
import { expect, it } from 'vitest';
import { RunControl } from '../../src/elements/run-control.ts';

/** Tests whether a promise is settled after the current microtasks. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): boolean => (settled = true);
  promise.then(settle, settle);
  await new Promise((resolve) => setTimeout(resolve));
  return settled;
}

it('lets a run go on, unless it is paused', async () => {
  const run = new RunControl();
  await run.checkpoint();
  expect(run.resume()).toBe(false);
  run.pause();
  const waiting = run.checkpoint();
  expect(await isSettled(waiting)).toBe(false);
  expect(run.resume()).toBe(true);
  await waiting;
  await run.checkpoint();
});

it('ends a run, paused or not, with the reason', async () => {
  const run = new RunControl();
  run.pause();
  const waiting = run.checkpoint();
  const reason = new Error('enough');
  run.stop(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(run.checkpoint()).rejects.toBe(reason);
  expect(run.signal.aborted).toBe(true);
});
