/** Runs in a page or a worker: makes image files, whole and damaged, and loads them. */
import { type Dataset, loadImages, type LoadImagesOptions } from 'inkling/data';

export type Found = Readonly<Record<string, unknown>>;

const options = { size: 4, channels: 3 } as const;

export default async function run(): Promise<Found> {
  // The left half is the first colour, the right half the second; twice as wide as high.
  const dog = await file('zoo/dog/1.png', ['#ff0000', '#0000ff']);
  const cat = await file('zoo/cat/1.jpg', ['#000000', '#ffffff']);
  const clear = await file('zoo/cat/clear.png', ['#00ff00', 'transparent']);
  const files = [dog, cat, clear];
  const progress: string[] = [];
  const colour = await loadImages(files, {
    ...options,
    size: [2, 4],
    onProgress: ({ loaded, total }) => progress.push(`${loaded}/${total}`),
  });
  const grey = await loadImages(new Set(files), { size: 2, channels: 1, labelFrom: (path) => path, name: 'pets' });
  const url = URL.createObjectURL(await file('x.png', ['red', 'red']));
  return {
    colour: describe(colour),
    grey: describe(grey),
    upright: describe(await loadImages([await turned()], { size: 2, channels: 3 })),
    blobUrl: describe(await loadImages([url], { size: 1, channels: 3, labelFrom: (path) => path })),
    progress,
    refused: await refusals(dog, cat),
  };
}

async function refusals(dog: File, cat: File): Promise<Record<string, string>> {
  const dogBytes = new Uint8Array(await dog.arrayBuffer());
  const catBytes = new Uint8Array(await cat.arrayBuffer());
  const bomb = dogBytes.slice();
  new DataView(bomb.buffer).setUint32(16, 2 ** 24);
  const reason = new Error('enough');
  const later = new AbortController();
  const load = (source: Blob | string, wrong: object = {}): Promise<string> =>
    failureOf([dog, source], { ...options, ...wrong });
  return {
    cut: await load(named(dogBytes.slice(0, 40), 'a/cut.png')),
    cutJpeg: await load(named(catBytes.slice(0, 24), 'a/cut.jpg')),
    damaged: await load(named(dogBytes.fill(7, 60, 70), 'a/damaged.png')),
    bomb: await load(named(bomb, 'a/bomb.png')),
    gif: await load(named(new TextEncoder().encode('GIF89a and so on'), 'a/moving.gif')),
    text: await load(named(new TextEncoder().encode('GIF images are not like this'), 'a/text.gif')),
    empty: await load(named(new Uint8Array(), 'a/empty.png')),
    noFolder: await load(new File([catBytes], 'alone.jpg')),
    blob: await load(new Blob([catBytes])),
    missing: await load('/nowhere/dog/1.png'),
    noUrl: await load('http://'),
    noLabel: await load(cat, { labelFrom: () => '' }),
    none: await failureOf([], options),
    size: await load(cat, { size: 0 }),
    noSize: await load(cat, { size: undefined }),
    width: await load(cat, { size: [3, 0.5] }),
    channels: await load(cat, { channels: 4 }),
    aborted: await load(cat, { signal: AbortSignal.abort(reason) }),
    abortedLater: await load(cat, { signal: later.signal, onProgress: () => later.abort(reason) }),
  };
}

/** A file as one chosen with its folder. */
function named(bytes: Uint8Array<ArrayBuffer> | Blob, path: string): File {
  const made = new File([bytes], path.split('/').at(-1) ?? '');
  return Object.defineProperty(made, 'webkitRelativePath', { value: path });
}

async function file(path: string, [left, right]: readonly [string, string]): Promise<File> {
  const canvas = new OffscreenCanvas(32, 16);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D context');
  context.fillStyle = left;
  context.fillRect(0, 0, 16, 16);
  context.fillStyle = right;
  context.fillRect(16, 0, 16, 16);
  return named(
    await canvas.convertToBlob({ type: path.endsWith('png') ? 'image/png' : 'image/jpeg', quality: 1 }),
    path,
  );
}

/** A JPEG, black at the left, that says to be turned by a quarter clockwise: black is at the top. */
async function turned(): Promise<File> {
  const jpeg = new Uint8Array(await (await file('x.jpg', ['black', 'white'])).arrayBuffer());
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const exif = [...new TextEncoder().encode('Exif'), 0, 0, ...tiff];
  const segment = [0xff, 0xe1, 0, exif.length + 2, ...exif];
  return named(Uint8Array.of(...jpeg.slice(0, 2), ...segment, ...jpeg.slice(2)), 'zoo/up/1.jpg');
}

function describe({ name, classes, imageShape, labels, images }: Dataset): Found {
  return { name, classes, imageShape, labels: Array.from(labels.values), bytes: Array.from(images.values) };
}

async function failureOf(files: Iterable<Blob | string>, wrong: LoadImagesOptions): Promise<string> {
  return loadImages(files, wrong).then(
    () => 'none',
    (error: unknown) => String(error),
  );
}
