/** A module worker around engine.page.ts: receives a job, posts its report. */
import run, { type Job } from './engine.page.ts';

addEventListener(
  'message',
  ({ data }: MessageEvent<Job>) => void run(data).then((report) => postMessage(report), reportError),
);
