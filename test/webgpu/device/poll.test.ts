/** Waiting for one result: the device is called until it is there, not for ever, and whatever becomes of it. */
import { expect, it } from 'vitest';
import { pollCompletion } from '../../../src/webgpu/device/poll.ts';

/** A queue that is told of each call. */
function queueThat(onCall: (call: number) => void): { readonly queue: GPUQueue; readonly calls: () => number } {
  let calls = 0;
  const onSubmittedWorkDone = (): Promise<undefined> => {
    onCall(++calls);
    return Promise.reject(new Error('The device is gone.'));
  };
  return { queue: { onSubmittedWorkDone } as unknown as GPUQueue, calls: () => calls };
}

it.each(['resolves', 'rejects'])('ends when the outcome %s', async (how) => {
  let end: (() => void) | undefined;
  const outcome = new Promise<void>((resolve, reject) => {
    end = how === 'resolves' ? resolve : reject;
  });
  outcome.catch(() => undefined);
  const { queue, calls } = queueThat((call) => {
    if (call === 3) end?.();
  });
  await pollCompletion(outcome, queue);
  expect(calls()).toBe(3);
});

it('gives up on long work', async () => {
  const { queue, calls } = queueThat(() => undefined);
  await pollCompletion(new Promise(() => undefined), queue);
  expect(calls()).toBe(19);
});
