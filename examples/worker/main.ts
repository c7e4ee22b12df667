/**
 * Training in a worker: the page stays free for whatever else it does, and shows the messages that the worker posts.
 *   npm run examples
 */
import type { Message } from './worker.ts';

const show = (line: string): void => document.querySelector('pre')?.append(line, '\n');

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const button = document.querySelector('button');
button?.addEventListener('click', () => worker.postMessage('stop'));

worker.addEventListener('message', ({ data }: MessageEvent<Message>) => {
  if (button) button.disabled = data.kind === 'done';
  if (data.kind === 'progress') {
    show(`step ${data.step}: loss ${data.loss.toFixed(3)}`);
  } else {
    show(`${data.step} steps on ${data.backend}: ${(100 * data.accuracy).toFixed(1)} % of the test images`);
    worker.terminate();
  }
});
worker.addEventListener('error', ({ message }) => show(message));
