/** Runs in a page: trains on PNG files with clear parts, and predicts the same pictures in every form. */
import { digitFrom, loadImages, type Picture } from 'inkling/data';
import { createClassifier, dense, flatten, loadClassifier, sequential, type Prediction } from 'inkling/layers';

export type Found = Readonly<Record<string, unknown>>;

const names = ['disc', 'bar', 'ring'];

/** A shape of half-clear ink on a clear canvas of 40 × 30, its place by its number. */
function draw(name: string, i: number): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.fillStyle = context.strokeStyle = `hsl(${i * 37} 80% 30% / ${0.4 + 0.06 * i})`;
  context.lineWidth = 4;
  const [x, y] = [15 + (i % 5), 12 + (i % 3)];
  if (name === 'bar') context.fillRect(x - 10.5, y, 24, 5.5);
  else context.ellipse(x, y, 9, 9, 0, 0, 7);
  if (name === 'disc') context.fill();
  if (name === 'ring') context.stroke();
  return canvas;
}

export default async function run(): Promise<Found> {
  const files = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const label = names[i % 3] ?? '';
      const blob = await new Promise<Blob | null>((resolve) => draw(label, i).toBlob(resolve));
      return { file: new File([blob ?? ''], `${i}.png`, { type: 'image/png' }), label };
    }),
  );
  const options = { size: [15, 20], channels: 3, classes: names } as const;
  const set = await loadImages(files, options);
  const model = sequential({ input: [15, 20, 3], classes: names, layers: [flatten(), dense({ units: 3 })] });
  const trained = await createClassifier(model, { optimizer: 'adam', backend: 'cpu' });
  for await (const _ of trained.fit(set, { epochs: 100, batchSize: 30 }));
  const classifier = await loadClassifier(await trained.save(), { backend: 'cpu' });
  const expected = await trained.predict(set);
  const pictures = await formsOf(files.map(({ file }) => file));
  const right: Record<string, number> = {};
  const furthest: Record<string, number> = {};
  for (const [form, given] of Object.entries(pictures)) {
    const found = await classifier.predict(given);
    right[form] = found.filter(({ label }, i) => label === names[i % 3]).length;
    furthest[form] = Math.max(...found.map((one, i) => distance(one, expected[i])));
  }
  const [one] = await classifier.predict(pictures.canvas?.slice(4, 5) ?? []);
  return { right, furthest, single: distance(one, expected[4]), digits: await digits(), refused: await refusals() };

  async function refusals(): Promise<Record<string, string>> {
    const failed = (work: () => unknown): Promise<string> =>
      Promise.resolve()
        .then(work)
        .then(() => 'nothing', String);
    const broken = new Image();
    broken.src = 'data:image/png;base64,AAAA';
    return {
      unloaded: await failed(() => digitFrom(new Image())),
      broken: await failed(() => classifier.predict(broken)),
      video: await failed(() => classifier.predict(document.createElement('video'))),
      empty: await failed(() => classifier.predict(new OffscreenCanvas(0, 3))),
      text: await failed(() => classifier.predict(new Blob(['no picture']))),
      element: await failed(() => classifier.predict(document.createElement('p') as never)),
    };
  }
}

async function formsOf(files: readonly Blob[]): Promise<Record<string, readonly Picture[]>> {
  const images = files.map((file) => Object.assign(new Image(), { src: URL.createObjectURL(file) }));
  // These are asked about while they load.
  const loading = files.map((file) => Object.assign(new Image(), { src: URL.createObjectURL(file) }));
  await Promise.all(images.map((image) => image.decode()));
  const bitmaps = await Promise.all(files.map((file) => createImageBitmap(file)));
  const canvases = images.map((image) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
    canvas.getContext('2d')?.drawImage(image, 0, 0);
    return canvas;
  });
  const offscreen = bitmaps.map((bitmap) => {
    const canvas = new OffscreenCanvas(40, 30);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas;
  });
  const data = canvases.map((canvas) => canvas.getContext('2d')?.getImageData(0, 0, 40, 30) ?? new ImageData(1, 1));
  const gpu = bitmaps.map((bitmap) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
    canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
    return canvas;
  });
  const frames = canvases.map((canvas) => new VideoFrame(canvas, { timestamp: 0, alpha: 'keep' }));
  return {
    imageData: data,
    canvas: canvases,
    offscreen,
    image: images,
    loading,
    bitmap: await Promise.all(files.map((file) => createImageBitmap(file))),
    bitmapCanvas: gpu,
    blob: files,
    frame: frames,
  };
}

const distance = (a: Prediction | undefined, b: Prediction | undefined): number =>
  Math.max(...Array.from(a?.probabilities ?? [NaN], (p, i) => Math.abs(p - (b?.probabilities[i] ?? NaN))));

/** Whether `digitFrom` reads all forms of a drawing alike. */
async function digits(): Promise<Record<string, boolean>> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 100, height: 100 });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.fillStyle = 'white';
  context.fillRect(0, 0, 100, 100);
  context.fillStyle = 'black';
  context.fillRect(46, 20, 8, 60);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  const image = Object.assign(new Image(), { src: canvas.toDataURL() });
  await image.decode();
  const expected = String(digitFrom(canvas));
  return {
    drawn: Math.max(...digitFrom(canvas)) === 1,
    image: String(digitFrom(image)) === expected,
    bitmap: String(digitFrom(await createImageBitmap(canvas))) === expected,
    blob: String(await digitFrom(blob ?? new Blob())) === expected,
    frame: String(digitFrom(new VideoFrame(canvas, { timestamp: 0 }))) === expected,
    data: String(digitFrom(context.getImageData(0, 0, 100, 100))) === expected,
  };
}
