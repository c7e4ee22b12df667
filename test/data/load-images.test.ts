/**
 * `loadImages` on lists, folders, archives and classes, with a decoder of the test's own: an "image" is a text such as
 * `255,0,0,255 …`, one pixel after another. test/data/images-in-node.test.ts has real files, test/browser/images.test.ts a
 * browser.
 */
import { zipSync } from 'fflate';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import type { DecodedImage, ImageSource, ImageSources } from '../../src/data/index.ts';
import { loadImages, type LoadImagesOptions } from '../../src/data/load-images.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { rejection } from './files.ts';

const red = '255,0,0,255 0,0,0,255';
const text = new TextEncoder();

async function decode(bytes: Uint8Array): Promise<DecodedImage> {
  const content = new TextDecoder().decode(bytes);
  if (!/^[\d, ]+$/.test(content)) throw new Error('these are no pixels');
  const data = Uint8Array.from(content.split(/[ ,]/), Number);
  return { data, width: data.length / 4, height: 1 };
}

const options = { size: [1, 2], channels: 3, decode } as const satisfies LoadImagesOptions;

/** A file as one chosen with its folder. */
function file(path: string, content: string | Uint8Array<ArrayBuffer> = red): File {
  const made = new File([content], path.split('/').at(-1) ?? '');
  return path.includes('/') ? Object.defineProperty(made, 'webkitRelativePath', { value: path }) : made;
}

async function load(files: ImageSources, more: Partial<LoadImagesOptions> = {}): Promise<object> {
  const { classes, labels, skipped } = await loadImages(files, { ...options, ...more });
  return { labels: Array.from(labels.values, (id) => classes[id]), skipped: skipped.map(({ path }) => path) };
}

const failure = (files: unknown, more: object = {}): Promise<Error> =>
  rejection(loadImages(files as ImageSources, { ...options, ...more }));

let warn = vi.spyOn(console, 'warn');
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => {
  warn.mockRestore();
});

describe('a list of files', () => {
  it('has its order, the classes sorted, and rows as they are prepared', async () => {
    const set = await loadImages([file('p/dog/1.png'), file('p/cat/2.png', '0,0,255,255 9,8,7,0')], options);
    expect([set.classes, set.imageShape, Array.from(set.labels.values)]).toEqual([
      ['cat', 'dog'],
      [1, 2, 3],
      [1, 0],
    ]);
    expect(Array.from(set.images.values)).toEqual([255, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]);
    expect(set.preprocessing).toStrictEqual({ background: 'white' });
    expect(set.skipped).toEqual([]);
    expect(String(set)).toBe(`Dataset('images', size=2, imageShape=[1, 2, 3], classes=2)`);
    expect(warn).not.toHaveBeenCalled();
  });

  it('skips hidden files and files that are not pictures, and lists them', async () => {
    const names = [
      'p/.DS_Store',
      'p/cat/._1.png',
      'p/__MACOSX/cat/1.png',
      'p/cat/Thumbs.db',
      'p/labels.txt',
      'p/.git/x.png',
    ];
    const progress: string[] = [];
    const set = await loadImages([...names.map((name) => file(name, 'no')), file('p/cat/1.png')], {
      ...options,
      onProgress: ({ loaded, total }) => progress.push(`${loaded}/${total}`),
    });
    expect(set.skipped.map(({ path }) => path)).toEqual(names);
    expect(set.skipped[0]?.reason).toBe("'.DS_Store' is hidden: its name begins with a dot.");
    expect([set.size, progress]).toEqual([1, ['1/1']]);
  });

  it('is not passed over for the folder that was chosen', async () => {
    expect(await load([file('.data/cat/1.png')])).toEqual({ labels: ['cat'], skipped: [] });
  });

  it('has nothing left where all is passed over', async () => {
    const error = await failure([file('notes.txt'), file('.x')]);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toBe(
      "loadImages() found no image in 2 files: 'notes.txt' is not an image, by its name. " +
        "'.x' is hidden: its name begins with a dot. Give image files.",
    );
    expect((await failure(file('notes.txt'))).message).toContain('found no image in 1 file: ');
  });

  it.each([
    [[], 'was given no files. Give at least one'],
    [[1], 'loadImages: file 0 is 1; give a File'],
    [[file('a/1.png'), null], 'loadImages: file 1 is null; give'],
    [[{ file: file('a/1.png'), label: 3 }], "loadImages: the label of file 0 is 3; give a class's name"],
    [[{ file: 7, label: 'cat' }], 'loadImages: the `file` of file 0 is 7; give'],
    [7, 'loadImages: the files is 7; give a list'],
    [['http://'], 'is not a URL'],
  ])('refuses %j', async (files, message) => {
    const error = await failure(files);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(message);
  });

  it.each([
    [{ onError: 'ignore' }, "'throw' or 'skip'"],
    [{ background: 'grey' }, "'white' or 'black'"],
    [{ ink: 'blue' }, "'light', 'dark'"],
    [{ handwriting: { box: 3, centre: 'mass' } }, 'The box of handwriting is 3. Give an integer from 1 to 1'],
    [{ handwriting: { box: 1 } }, "{ box: 20, centre: 'mass' }"],
    [{ classes: [] }, "Give the classes' names"],
    [{ classes: ['a', 'b', 'a'] }, "has 'a' twice"],
    [{ classes: ['a', ''] }, "Give the classes' names"],
    [{ decode: 'sharp' }, 'give a function'],
  ])('refuses %j', async (wrong, message) => {
    const error = await failure([file('a/1.png')], wrong);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(message);
  });
});

describe('classes', () => {
  it('are given with each file, or by a function', async () => {
    const bytes = text.encode(red);
    const pairs = [{ file: file('1.png'), label: 'cat' }, { file: bytes, label: 'dog' }, { file: new Blob([red]), label: 'cat' }]; // prettier-ignore
    expect(await load(pairs)).toEqual({ labels: ['cat', 'dog', 'cat'], skipped: [] });
    const seen: string[] = [];
    const labelFrom = (path: string): string => (seen.push(path), path.slice(0, 1));
    expect(await load([file('p/cat/1.png'), bytes, file('zoo.png')], { labelFrom })).toEqual({ labels: ['p', 'i', 'z'], skipped: [] }); // prettier-ignore
    // Once each: those that are pictures by their names before any is read.
    expect(seen).toEqual(['p/cat/1.png', 'zoo.png', 'image 1']);
  });

  it('have the ids that are given, those without images too', async () => {
    const given = ['dog', 'cat', 'bird'];
    const set = await loadImages([file('p/cat/1.png'), file('p/dog/1.png')], { ...options, classes: given });
    expect([set.classes, Array.from(set.labels.values)]).toEqual([given, [1, 0]]);
    const files = [file('p/emu/1.png'), file('p/dog/1.png')];
    const error = await failure(files, { classes: given });
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain("p/emu/1.png is of class 'emu', which is not among the given 'classes' (dog, cat, bird). Leave"); // prettier-ignore
    const rest = await loadImages(files, { ...options, classes: given, onError: 'skip' });
    expect([rest.classes, Array.from(rest.labels.values), rest.skipped]).toEqual([
      given, [0], [{ path: 'p/emu/1.png', reason: error.message }],
    ]); // prettier-ignore
  });

  it('are the same in both spellings of an accent', async () => {
    const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];
    expect(await load([file(`p/${composed}/1.png`), file(`p/${decomposed}/2.png`)])).toEqual({ labels: [composed, composed], skipped: [] }); // prettier-ignore
    const set = await loadImages([file(`p/${composed}/1.png`)], { ...options, classes: ['a', decomposed] });
    expect([set.classes, set.label(0)]).toEqual([['a', decomposed], 1]);
  });

  it('are missed before anything is read', async () => {
    const read = vi.fn(decode);
    const error = await failure([file('p/cat/1.png'), file('alone.png')], { decode: read });
    expect(error.message).toMatch(/^alone\.png lies in no folder to name its class\. Let the user choose a folder/);
    expect(read).not.toHaveBeenCalled();
  });
});

describe('failures', () => {
  const files = (): ImageSource[] => [
    file('p/cat/1.png'),
    file('p/cat/bad.png', 'nothing'),
    file('alone.png'),
    file('p/cat/empty.png', ''),
    file('p/dog/1.png'),
    pathToFileURL('/nowhere/at/all.png'),
  ];

  it('ends the loading', async () => {
    const messages = await Promise.all(files().map(async (one) => failure([one]).catch(() => undefined)));
    expect(messages.map((error) => error?.message)).toEqual([
      undefined,
      'p/cat/bad.png is not an image that can be decoded. Leave it out, or convert it to PNG or JPEG.',
      expect.stringMatching(/^alone\.png lies in no folder/),
      'p/cat/empty.png is empty: it has no bytes. Leave it out, or save it again.',
      undefined,
      expect.stringMatching(/^all\.png was not found\. Check the path/),
    ]);
    expect((messages[1]?.cause as Error).message).toBe('these are no pixels');
  });

  it('is skipped where that is asked for, in order, and counted', async () => {
    const progress: string[] = [];
    const set = await loadImages(files(), {
      ...options,
      onError: 'skip',
      onProgress: ({ loaded, total }) => progress.push(`${loaded}/${total}`),
    });
    expect([set.size, set.classes]).toEqual([2, ['cat', 'dog']]);
    expect(set.skipped.map(({ path, reason }) => `${path.split('/').at(-1) ?? ''}: ${reason.slice(0, 24)}`)).toEqual([
      'bad.png: p/cat/bad.png is not an ',
      'alone.png: alone.png lies in no fol',
      'empty.png: p/cat/empty.png is empty',
      'all.png: all.png was not found. C',
    ]);
    expect(progress).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6']);
    expect((await failure(files().slice(1, 4), { onError: 'skip' })).message).toMatch(/^loadImages\(\) found no image in 3 files: p\/cat\/bad\.png is/); // prettier-ignore
  });

  it('is not affected by changes of the caller', async () => {
    const reason = new Error('mine');
    const fail = (): never => {
      throw reason;
    };
    const skip = { onError: 'skip' } as const;
    expect(await failure([file('p/cat/1.png')], { ...skip, labelFrom: fail })).toBe(reason);
    expect(await failure([file('p/cat/1.png')], { ...skip, onProgress: fail })).toBe(reason);
    expect(await failure([file('p/cat/1.png')], { ...skip, signal: AbortSignal.abort(reason) })).toBe(reason);
  });

  it('is a decoder that gives no pixels', async () => {
    const given = (result: unknown): Promise<Error> =>
      failure([file('p/cat/1.png')], { decode: () => Promise.resolve(result) });
    const remedy = 'Return { data, width, height }, of four bytes a pixel: RGBA.';
    expect((await given(undefined)).message).toBe(`decode() returned undefined for p/cat/1.png. ${remedy}`);
    expect((await given({ data: new Uint8Array(6), width: 2, height: 1 })).message).toBe(
      `decode() returned 6 bytes for 2 × 1 pixels for p/cat/1.png. ${remedy}`,
    );
  });
});

test('images of one colour are reported once, with up to three names', async () => {
  const blank = '9,9,9,255 9,9,9,255';
  const files = ['1', '2', '3', '4', '5'].map((name) => file(`p/cat/${name}.png`, blank));
  await load([file('p/cat/0.png'), ...files]);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toMatch(/^loadImages: 5 of 6 images are all one colour: p\/cat\/1\.png, p\/cat\/2\.png, p\/cat\/3\.png and 2 more\. Check/); // prettier-ignore
  // Black strokes on a clear ground, on black.
  warn.mockClear();
  await load([file('p/cat/ink.png', '0,0,0,255 0,0,0,0')], { background: 'black' });
  expect(warn.mock.calls[0]?.[0]).toMatch(/^loadImages: 1 of 1 images is all one colour: p\/cat\/ink\.png\. Check/);
  warn.mockClear();
  await load([file('p/cat/ink.png', '0,0,0,255 0,0,0,0')], { background: 'white' });
  await load([file('p/cat/dot.png', blank)], { size: 1 });
  expect(warn).not.toHaveBeenCalled();
});

test('options about the images are part of the data set', async () => {
  const more = { size: 28, background: 'black', ink: 'light' } as const;
  const { preprocessing } = await loadImages([file('p/cat/1.png')], { ...options, ...more, handwriting: true });
  expect(preprocessing).toStrictEqual({ background: 'black', ink: 'light', handwriting: { box: 20, centre: 'mass' } });
  const handwriting = { box: 14, centre: 'box' } as const;
  const other = await loadImages([file('p/cat/1.png')], { ...options, size: 28, handwriting });
  expect(other.preprocessing).toEqual({ background: 'white', handwriting });
});

describe('a zip archive', () => {
  const zip = (files: Record<string, string | Uint8Array>): Uint8Array<ArrayBuffer> =>
    new Uint8Array(
      zipSync(
        Object.fromEntries(
          Object.entries(files).map(([path, data]) => [path, typeof data === 'string' ? text.encode(data) : data]),
        ),
      ),
    );
  const pets = zip({
    'pets/dog/1.png': red,
    'pets/cat/1.png': red,
    '__MACOSX/pets/cat/._1.png': 'no',
    'pets/.DS_Store': 'no',
    'pets/bird/': '',
  });

  it.each([
    ['a file', [file('pets.zip', pets)]],
    ['by itself', file('pets.zip', pets)],
    ['a file in a folder', [file('a/b/pets.zip', pets)]],
    ['a Blob', [new Blob([pets])]],
    ['bytes', pets],
    ['an ArrayBuffer', [pets.buffer]],
    ['a data URL', [`data:application/zip;base64,${Buffer.from(pets).toString('base64')}`]],
    ['of another name', [file('pets.png', pets)]],
  ] satisfies [string, ImageSources][])('stands for its images: %s', async (_, files) => {
    const more = Array.isArray(files) && files[0] instanceof File && files[0].name === 'pets.png' ? { labelFrom: (path: string) => path.split('/').at(-2) ?? 'no' } : {}; // prettier-ignore
    expect(await load(files, more)).toEqual({
      labels: ['dog', 'cat'],
      skipped: ['__MACOSX/pets/cat/._1.png', 'pets/.DS_Store'],
    });
  });

  it('counts its images when it is opened, and gives them its class', async () => {
    const progress: string[] = [];
    const onProgress = ({ loaded, total }: { loaded: number; total: number }): unknown =>
      progress.push(`${loaded}/${total}`);
    const set = { file: file('pets.zip', pets), label: 'pet' };
    expect(await load([set], { onProgress })).toMatchObject({ labels: ['pet', 'pet'] });
    expect(progress).toEqual(['1/2', '2/2']);
  });

  it('is named where it, or a file in it, fails', async () => {
    const bad = zip({ 'cat/1.png': 'nothing', 'cat/2.png': red, '3.png': red, 'x/more.zip': pets });
    const { skipped } = await loadImages([file('bad.zip', bad)], { ...options, onError: 'skip' });
    expect(skipped.map(({ path, reason }) => [path, reason.split('. ')[0]])).toEqual([
      ['cat/1.png', 'cat/1.png in bad.zip is not an image that can be decoded'],
      ['3.png', '3.png lies in no folder to name its class'],
      ['x/more.zip', 'x/more.zip in bad.zip is an archive within another'],
    ]);
    expect((await failure([file('cut.zip', pets.slice(0, -30))])).message).toMatch(/^cut\.zip is incomplete or damaged: .* Download it again/); // prettier-ignore
    expect((await failure(zip({}))).message).toContain(
      'folders or archives without files. Give one with images in it.',
    );
  });
});

describe('a folder on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-images-'));
  const write = (path: string, content: string | Uint8Array = red): void => {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content);
  };
  write('.cache/pets/dog/10.png');
  write('.cache/pets/dog/9.png');
  write('.cache/pets/cat/a % # ? é.png');
  write('.cache/pets/cat/.hidden.png', 'no');
  write('.cache/pets/.git/objects/1.png', 'no');
  write('.cache/pets/read.me.txt', 'no');
  write('.cache/pets/notes.txt/1.png');
  symlinkSync(join(folder, '.cache/pets'), join(folder, '.cache/pets/again'), 'dir');
  mkdirSync(join(folder, 'empty'));
  const pets = join(folder, '.cache/pets');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const found = {
    labels: ['cat', 'dog', 'dog', 'notes.txt'],
    skipped: ['pets/.git', 'pets/cat/.hidden.png', 'pets/read.me.txt'],
  };

  it.each([
    ['its path', pets],
    ['its path in a list', [pets]],
    ['with a slash', `${pets}${sep}`],
    ['its URL', [pathToFileURL(pets)]],
  ] satisfies [string, ImageSources][])('is given by %s', async (_, files) => {
    expect(await load(files)).toEqual(found);
  });

  it('is read in the order of names', async () => {
    const paths: string[] = [];
    await load(pets, { labelFrom: (path) => (paths.push(path), 'x') });
    expect(paths).toEqual(['pets/cat/a % # ? é.png', 'pets/dog/10.png', 'pets/dog/9.png', 'pets/notes.txt/1.png']);
  });

  it('may be hidden itself; so may files that are given one by one', async () => {
    expect(await load(join(pets, 'dog'))).toMatchObject({ labels: ['dog', 'dog'] });
    const files = ['dog/9.png', 'cat/.hidden.png', '.git/objects/1.png'].map((path) => join(pets, path));
    expect(await load(files)).toMatchObject({ labels: ['dog'], skipped: [{}, {}].map(() => expect.stringContaining('pets/') as unknown) }); // prettier-ignore
  });

  it('has no images, or is not there', async () => {
    expect((await failure(join(folder, 'empty'))).message).toContain('without files. Give one with images in it.');
    expect((await failure(join(folder, 'nowhere'))).message).toMatch(/^nowhere was not found\. Check the path/);
  });

  it('is read no further once it is aborted', async () => {
    const [reason, stop] = [new Error('enough'), new AbortController()];
    const read = vi.fn(decode);
    const onProgress = (): void => stop.abort(reason);
    const files = Array.from({ length: 20 }, () => join(pets, 'dog/9.png'));
    expect(await failure(files, { decode: read, onProgress, signal: stop.signal, onError: 'skip' })).toBe(reason);
    // Those that the other lanes were at.
    expect(read.mock.calls.length).toBeLessThanOrEqual(4);
    const hanging = new AbortController();
    const loading = failure(files, { decode: () => new Promise(() => setTimeout(() => hanging.abort(reason))), signal: hanging.signal }); // prettier-ignore
    expect(await loading).toBe(reason);
  });
});

test('nothing decodes images in Node without the package', async () => {
  // Modules of its own: another test's may know of the package.
  vi.resetModules();
  const fresh = { ...(await import('../../src/data/load-images.ts')), ...(await import('../../src/errors.ts')) };
  const error = await rejection(fresh.loadImages(['a/b.png'], { size: 8, channels: 3 }));
  expect(error).toBeInstanceOf(fresh.UsageError);
  expect(error.message).toBe(
    "loadImages() finds nothing here that decodes images. In Node, install the package 'sharp' and import 'inkling/node'; " +
      "elsewhere, give 'decode' a function.",
  );
});
