/** Runs in the page: loads images in a module worker. */
import type { Found } from './images.page.ts';

export default function run(): Promise<Found> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./images.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Found>) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}
