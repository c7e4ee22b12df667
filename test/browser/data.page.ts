/** Runs in the page: loads data over the network, damages files, draws on a canvas. */
import { Dataset, digitFrom, loadIdx, loadMnist } from 'inkling/data';

export default async function run(): Promise<Record<string, unknown>> {
  let progress = { loaded: 0, total: 0 };
  const { train, validation, test } = await loadMnist({ onProgress: (now) => (progress = now) });
  const missing = await failureOf(loadMnist({ url: '/nowhere/' }));
  return {
    sizes: [train.size, validation.size, test.size],
    ones: Array.from(test.labels.values).filter((label) => label === 1).length,
    progress,
    image: test.image(0) instanceof ImageData,
    missing,
    aborted: await failureOf(loadMnist({ signal: AbortSignal.abort(new Error('enough')) })),
    damaged: await damaged(),
    digit: drawn(),
    rows: Dataset.from({ features: [1, 2, 3, 4], labels: [0, 1] }).size,
  };
}

/** What each damaged gzip file is refused with. */
async function damaged(): Promise<Record<string, string>> {
  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0);
  const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7);
  const stream = new Blob([images]).stream().pipeThrough(new CompressionStream('gzip'));
  const whole = new Uint8Array(await new Response(stream).arrayBuffer());
  const checksum = whole.slice();
  checksum[whole.length - 8] = (checksum[whole.length - 8] ?? 0) ^ 1;
  const files = {
    whole: new Blob([whole]),
    cut: new Blob([whole.slice(0, -1)]),
    checksum: new Blob([checksum]),
    junk: new Blob([whole, Uint8Array.of(1)]),
    member: new Blob([whole, whole]),
  };
  const found: Record<string, string> & { bomb?: string } = {};
  for (const [name, file] of Object.entries(files)) {
    found[name] = await failureOf(loadIdx({ images: new File([file], name), labels }));
  }
  found.bomb = await failureOf(loadIdx({ images: files.whole, labels, maxBytes: 16 }));
  return found;
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => String(error),
  );
}

/** Centre of mass and height of a stroke drawn on a cleared canvas, in an odd colour. */
function drawn(): { x: number; y: number; rows: number; peak: number } {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 280;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D context');
  context.lineWidth = 20;
  context.lineCap = 'round';
  context.strokeStyle = '#fe8';
  context.stroke(new Path2D('M 30 40 L 90 40 L 50 140'));
  const digit = digitFrom(canvas);
  let [mass, x, y] = [0, 0, 0];
  const rows = new Set<number>();
  digit.forEach((ink, i) => {
    mass += ink;
    x += ink * (i % 28);
    y += ink * Math.floor(i / 28);
    if (ink > 0) rows.add(Math.floor(i / 28));
  });
  return { x: x / mass, y: y / mass, rows: rows.size, peak: Math.max(...digit) };
}
