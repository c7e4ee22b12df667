/** A module worker around engine.page.ts: a job comes in, its report goes out. */
import run, { type Job } from './engine.page.ts';

addEventListener(
  'message',
  ({ data }: MessageEvent<Job>) => void run(data).then((report) => postMessage(report), reportError),
);
