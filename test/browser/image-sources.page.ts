/** Runs in the page: loads images from drops, from handles, and from archives. */
import { zipSync } from 'fflate';
import { loadImages, type LoadImagesOptions, type ImageSources } from 'inkling/data';

type Found = Readonly<Record<string, unknown>>;

export default async function run(): Promise<Found> {
  const png = await pngOf('red', 'blue');
  const pets = folder('pets', [
    folder(
      'dog',
      Array.from({ length: 130 }, (_, i) => file(`${i + 1000}.png`, png)),
    ),
    folder('cat', [file('b.png', png), file('a.png', png), file('._a.png', png), file('Thumbs.db', png)]),
    folder('.git', [file('x.png', png)]),
    folder('__MACOSX', [file('x.png', png)]),
    file('.DS_Store', png),
    file('notes.txt', png),
  ]);
  const broken = folder('pets', [
    folder('dog', [file('1.png', png), file('2.png', undefined)]),
    folder('cat', undefined),
  ]);
  const bytes = new Uint8Array(await png.arrayBuffer());
  const zip = new File([new Uint8Array(zipSync({ 'pets/dog/1.png': bytes, 'pets/cat/2.png': bytes, '__MACOSX/x.png': bytes }))], 'pets.zip'); // prettier-ignore
  return {
    dropped: await described(drop([item(pets)])),
    items: await described(drop([item(pets)]).items),
    entry: await described([pets]),
    withTexts: await described(drop([{ kind: 'string', getAsFile: () => null }, item(pets), item(file('alone.png', png))]), { onError: 'skip' }), // prettier-ignore
    plainFile: await described(drop([{ kind: 'file', getAsFile: () => new File([png], '1.png') }]), { labelFrom: (path) => path }), // prettier-ignore
    nothing: await described(drop([{ kind: 'string', getAsFile: () => null }])),
    over: await described(new DataTransfer()),
    broken: await described([broken]),
    brokenSkipped: await described([broken], { onError: 'skip' }),
    aborted: await abortedWhileListing(),
    handle: await described(await directory(png)),
    labelled: await described([{ file: await directory(png), label: 'pet' }]),
    zip: await described([zip]),
    zipUrl: await described(URL.createObjectURL(zip)),
    zipBytes: await described(await zip.arrayBuffer()),
    warned: await warningsOf(png),
  };
}

/** Takes what a real drop on the page brings; what comes of it is the promise's. */
export function catchDrop(): Promise<Found | string> {
  return new Promise((resolve) => {
    document.body.style.height = '100vh';
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      if (event.dataTransfer) void described(event.dataTransfer).then(resolve);
    });
  });
}

async function described(files: ImageSources, more: Partial<LoadImagesOptions> = {}): Promise<Found | string> {
  try {
    const { size, classes, labels, skipped } = await loadImages(files, { size: [1, 2], channels: 3, ...more });
    const first = Array.from(labels.values.slice(0, 3), (id) => classes[id]);
    return { size, classes, first, skipped: skipped.map(({ path }) => path) };
  } catch (error) {
    return String(error);
  }
}

/** A file or folder as a browser hands it over when it is dropped; without content it cannot be read. */
function file(name: string, content: Blob | undefined): FileSystemEntry {
  const made = {
    name,
    isFile: true,
    isDirectory: false,
    file: (done: (file: File) => void, fail: (error: Error) => void) =>
      content ? done(new File([content], name)) : fail(new DOMException('gone', 'NotFoundError')),
  };
  return made as unknown as FileSystemEntry;
}

function folder(name: string, children: readonly FileSystemEntry[] | undefined): FileSystemEntry {
  const createReader = (): object => {
    const rest = [...(children ?? [])];
    return {
      readEntries: (done: (entries: unknown) => void, fail: (error: Error) => void) =>
        setTimeout(() => (children ? done(rest.splice(0, 100)) : fail(new DOMException('gone', 'NotFoundError')))),
    };
  };
  return { name, isFile: false, isDirectory: true, createReader } as unknown as FileSystemEntry;
}

/** Gives its entry only until the event is over. */
function item(entry: FileSystemEntry): object {
  let isOver = false;
  setTimeout(() => (isOver = true));
  return { kind: 'file', getAsFile: () => null, webkitGetAsEntry: () => (isOver ? null : entry) };
}

const drop = (items: readonly object[]): DataTransfer => ({ items, dropEffect: 'copy' }) as unknown as DataTransfer;

async function abortedWhileListing(): Promise<unknown> {
  const stop = new AbortController();
  const endless = {
    name: 'x',
    isFile: false,
    isDirectory: true,
    createReader: () => ({ readEntries: () => undefined }),
  };
  setTimeout(() => stop.abort(new Error('enough')), 10);
  return described([endless as unknown as FileSystemEntry], { signal: stop.signal });
}

/** A folder of the browser's own file system, opened by its handle. */
async function directory(png: Blob): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  const pets = await root.getDirectoryHandle('pets', { create: true });
  for (const path of ['dog/2.png', 'dog/1.png', 'cat/1.png', 'cat/.x', '.git/1.png']) {
    const [name = '', file = ''] = path.split('/');
    const handle = await (await pets.getDirectoryHandle(name, { create: true })).getFileHandle(file, { create: true });
    const writable = await handle.createWritable();
    await writable.write(png);
    await writable.close();
  }
  return pets;
}

async function warningsOf(png: Blob): Promise<string[]> {
  const warned: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => warned.push(text);
  const blank = await pngOf('green', 'green');
  const clear = await pngOf('black', 'transparent');
  const files = [png, blank, clear].map((file) => ({ file, label: 'x' }));
  await described(files);
  await described(files, { background: 'black' });
  console.warn = warn;
  return warned;
}

async function pngOf(left: string, right: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(2, 1);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D context');
  [left, right].forEach((colour, x) => {
    context.fillStyle = colour;
    context.fillRect(x, 0, 1, 1);
  });
  return canvas.convertToBlob();
}
