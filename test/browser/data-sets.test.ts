/**
 * `<inkling-classifier>` on data sets other than digits: pictures to classify, the pad and the test images follow the data
 * set's images.
 */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InklingClassifier, InklingPad } from 'inkling/elements';
import { openPage } from '../tools/page.ts';
import { addElements } from './elements.ts';

const idx = (shape: readonly number[], data: Uint8Array): Buffer => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return gzipSync(Buffer.concat([header, data]));
};

/** Images in three classes, the row's number modulo three. */
function files(rows: number, shape: readonly number[], value: (row: number, i: number) => number): Buffer[] {
  const size = shape.reduce((a, b) => a * b);
  const images = Uint8Array.from({ length: rows * size }, (_, i) => value(Math.floor(i / size), i % size));
  return [
    idx([rows, ...shape], images),
    idx(
      [rows],
      Uint8Array.from({ length: rows }, (_, row) => row % 3),
    ),
  ];
}

/** L, T and +, of light ink, 20 pixels high and wide, in the middle. */
const letters = (row: number, i: number): number => {
  const [x, y] = [(i % 28) - 4, Math.floor(i / 28) - 4];
  const thick = 2 + ((row >> 2) % 3);
  if (x < 0 || y < 0 || x >= 20 || y >= 20) return 0;
  const [column, line] = ([[0, 20 - thick], [9, 0], [9, 9]] as const)[row % 3] ?? [0, 0]; // prettier-ignore
  return (x >= column && x < column + thick) || (y >= line && y < line + thick) ? 255 - (row % 7) * 8 : 0;
};

/** Mostly red, green and blue. */
const colours = (row: number, i: number): number => (i % 3 === row % 3 ? 180 : 60) + ((row * 7 + i * 5) % 40);

const sets: Readonly<Record<string, Readonly<Record<string, Buffer>>>> = {
  letters: named(files(90, [28, 28], letters), files(30, [28, 28], letters)),
  colours: named(files(90, [8, 10, 3], colours), files(30, [8, 10, 3], colours)),
};

function named(train: readonly Buffer[], test: readonly Buffer[]): Record<string, Buffer> {
  const [trainImages = Buffer.of(), trainLabels = Buffer.of()] = train;
  const [testImages = Buffer.of(), testLabels = Buffer.of()] = test;
  return {
    'train-images-idx3-ubyte.gz': trainImages,
    'train-labels-idx1-ubyte.gz': trainLabels,
    't10k-images-idx3-ubyte.gz': testImages,
    't10k-labels-idx1-ubyte.gz': testLabels,
  };
}

describe.each(['letters', 'colours'])('%s', (name) => {
  let page: Page;
  const classifier = () => page.locator('inkling-classifier');
  const says = (): Promise<string> => page.locator('#drawing').innerText();

  beforeAll(async () => {
    page = await openPage();
    await page.route('**/sets/**', (route) => {
      const [, set = '', file = ''] = /sets\/(\w+)\/(.*)$/.exec(route.request().url()) ?? [];
      return route.fulfill({ body: sets[set]?.[file] ?? '', contentType: 'application/octet-stream' });
    });
    await addElements(page);
    await page.evaluate((html) => void (document.body.innerHTML = html), `<inkling-classifier dataset="/sets/${name}/" model="softmax" backend="cpu" optimizer="adam" learning-rate="0.02" steps="120" batch-size="30"></inkling-classifier>`); // prettier-ignore
    await classifier().evaluate(async (element: InklingClassifier) => element.train());
  });
  afterAll(() => page.context().close());

  it('learns it', async () => {
    expect(await classifier().evaluate((element) => element.matches(':state(trained)'))).toBe(true);
    expect(await page.locator('#digits').innerText()).toMatch(/30 of 30 recognised/);
  });

  it('shows the pictures as they are: ink in the page’s colour, colours as themselves', async () => {
    const painted = await page.locator('inkling-digits canvas').evaluateAll((canvases: HTMLCanvasElement[]) =>
      canvases.slice(0, 3).map((canvas) => {
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
        const sums = [0, 0, 0];
        Array.from(data).forEach((value, i) => (sums[i % 4] = (sums[i % 4] ?? 0) + value));
        return sums.slice(0, 3).indexOf(Math.max(...sums.slice(0, 3)));
      }),
    );
    if (name === 'colours') expect(painted).toEqual([0, 1, 2]);
    else expect(new Set(painted).size).toBe(1);
  });

  it('takes a test image to the pad, and answers as the test did', async () => {
    for (const place of [0, 1, 2]) {
      await page.locator('inkling-digits [role=option]').nth(place).click();
      const shown = await page.locator('inkling-digits [role=option]').nth(place).innerText();
      await expect.poll(says).toMatch(new RegExp(`looks like ${shown.trim().slice(0, 1)}`));
    }
  });

  it('classifies pictures of other sizes and papers', async () => {
    const found = await classifier().evaluate(async (element: InklingClassifier, name) => {
      const answers: string[] = [];
      for (const [paper, ink] of [
        ['white', 'black'],
        ['black', 'white'],
        ['', '#222'],
      ] as const) {
        for (const which of [0, 1, 2]) {
          const canvas = Object.assign(document.createElement('canvas'), { width: 140, height: 140 });
          const context = canvas.getContext('2d');
          if (!context) throw new Error('no canvas');
          context.fillStyle = paper || 'transparent';
          context.fillRect(0, 0, 140, 140);
          context.fillStyle = ink;
          if (name === 'colours') {
            context.fillStyle = ['#c84040', '#40c840', '#4040c8'][which] ?? '';
            context.fillRect(0, 0, 140, 140);
          } else {
            const [x = 0, y = 0] = [[0, 85], [45, 0], [45, 45]][which] ?? []; // prettier-ignore
            context.fillRect(20 + x, 20, 15, 100);
            context.fillRect(20, 20 + y, 100, 15);
          }
          answers.push((await element.classify(canvas)).label);
        }
      }
      return answers;
    }, name);
    expect(found).toEqual(['0', '1', '2', '0', '1', '2', '0', '1', '2']);
  });

  it('classifies drawings on the pad, at any position and size', async () => {
    const pad = page.locator('inkling-pad');
    await pad.getByRole('button', { name: 'Clear' }).click();
    const box = await pad.locator('.pad').boundingBox();
    if (box === null) throw new Error('no pad');
    const draw = async (points: readonly (readonly [number, number])[]): Promise<void> => {
      for (const [i, [x, y]] of points.entries()) {
        await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
        if (i === 0) await page.mouse.down();
      }
      await page.mouse.up();
    };
    await draw([[0.1, 0.1], [0.1, 0.5], [0.5, 0.5]]); // prettier-ignore
    if (name === 'letters') await expect.poll(says).toMatch(/looks like 0/);
    else await expect.poll(says).toMatch(/looks like \d/);
    expect(await pad.evaluate((pad: InklingPad) => [pad.image.width, pad.empty])).toEqual([280, false]);
  });
});
