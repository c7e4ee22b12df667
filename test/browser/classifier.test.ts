/**
 * `<inkling-classifier>` in a real browser, on the real engine: attributes, methods, events, states, errors, and its
 * behaviour when it is moved, removed, or one of ten.
 */
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InklingClassifier } from 'inkling/elements';
import type * as Layers from 'inkling/layers';
import { openPage } from '../tools/page.ts';
import { addElements } from './elements.ts';

interface Told {
  readonly type: string;
  readonly detail: {
    readonly step?: number;
    readonly loss?: number;
    readonly accuracy?: number;
    readonly backend?: string;
    readonly error?: unknown;
  };
}

let page: Page;
let warnings: string[] = [];
let requests: string[] = [];

/** One page for all: the modules, the device and its pipelines stay. */
beforeAll(async () => {
  page = await openPage();
  page.on('console', (message) => {
    if (message.type() === 'warning' && message.text().startsWith('Inkling')) warnings.push(message.text());
  });
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await addElements(page);
});

beforeEach(() => {
  warnings = [];
  requests = [];
});

afterEach(async () => {
  await page.unrouteAll();
  await page.evaluate(() => { document.body.replaceChildren(); }); // prettier-ignore
});

/** Puts a body on the page and keeps what its classifiers tell, in `events`. */
async function show(html: string): Promise<void> {
  await page.evaluate((html) => {
    const page = globalThis as unknown as { told: unknown[]; listening?: AbortController };
    page.listening?.abort();
    const { signal } = (page.listening = new AbortController());
    const told: unknown[] = (page.told = []);
    for (const type of ['ready', 'progress', 'trained', 'prediction', 'error']) {
      const tell = (event: Event): void => void told.push({ type, detail: (event as CustomEvent<unknown>).detail });
      document.addEventListener(`inkling-${type}`, tell, { signal });
    }
    document.body.innerHTML = html;
  }, html);
}

const events = (): Promise<Told[]> => page.evaluate(() => (globalThis as unknown as { told: Told[] }).told);
const classifier = () => page.locator('inkling-classifier').first();
const state = (name: string): Promise<void> =>
  classifier().evaluate(
    (element, state) =>
      new Promise((resolve) => {
        const look = () => (element.matches(state) ? resolve() : setTimeout(look, 5));
        look();
      }),
    `:state(${name})`,
  );
const call = (body: (element: InklingClassifier) => unknown): Promise<void> =>
  classifier().evaluate(async (element, body) => {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
    await new Function('element', `return (${body})(element)`)(element);
  }, String(body));

describe('a run', () => {
  it('loads once it is seen, trains, pauses, goes on, steps and starts anew, with events of each', async () => {
    await show('<inkling-classifier steps="60" batch-size="50" seed="3"></inkling-classifier>');
    await state('ready');
    const [ready] = await events();
    expect(ready).toMatchObject({ type: 'ready', detail: { backend: 'webgpu', adapter: { class: 'software' } } });

    // Pausing: the step stands still.
    await classifier().evaluate((element: InklingClassifier) => {
      element.addEventListener('inkling-progress', () => { element.pause(); }, { once: true }); // prettier-ignore
      void element.train();
    });
    await state('paused');
    const paused = await events();
    await page.waitForTimeout(150);
    expect(await events()).toEqual(paused);
    expect(paused.at(-1)).toMatchObject({ type: 'progress', detail: { step: 1, steps: 60 } });

    await call((element) => Promise.all([element.step(), element.step()]));
    expect((await events()).at(-1)).toMatchObject({ type: 'progress', detail: { step: 3, steps: 60 } });
    await state('paused');

    await call((element) => element.resume());
    await state('trained');
    const trained = (await events()).at(-1);
    expect(trained).toMatchObject({ type: 'trained', detail: { steps: 60 } });
    expect(trained?.detail.accuracy).toBeGreaterThan(0.7);
    expect(trained?.detail.loss).toBeGreaterThan(0);
    const steps = (await events()).filter(({ type }) => type === 'progress').map(({ detail }) => detail.step);
    expect(steps).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect((await events()).find(({ type }) => type === 'progress')?.detail).toEqual({
      step: 1,
      steps: 60,
      loss: expect.closeTo(50 * Math.log(10), 2) as number,
      accuracy: expect.any(Number) as number,
      stepsPerSecond: expect.any(Number) as number,
    });

    // The same run again, in one go and after a reset, comes to the same.
    await call((element) => element.reset());
    await state('ready');
    await call((element) => element.train());
    expect((await events()).at(-1)).toEqual(trained);

    // Once trained, as many steps again.
    await call((element) => element.train());
    expect((await events()).at(-1)).toMatchObject({ type: 'trained', detail: { steps: 120 } });
  });

  it('leaves the focus with who presses keys: at Train while it loads, and at Reset', async () => {
    let deliver = (): void => undefined;
    const held = new Promise<void>((resolve) => (deliver = resolve));
    await page.route('**/mnist/*', (route) => held.then(() => route.continue()));
    await show('<inkling-classifier steps="20"></inkling-classifier>');
    await state('loading');
    const main = page.locator('button.main');
    await main.press('Enter');
    await expect.poll(() => main.getAttribute('aria-disabled')).toBe('true');
    deliver();
    await state('trained');
    expect(await main.evaluate((button) => button.matches(':focus'))).toBe(true);
    await page.getByRole('button', { name: 'Reset' }).press('Enter');
    await state('ready');
    expect(await main.evaluate((button) => button.matches(':focus'))).toBe(true);
    await expect.poll(() => page.getByRole('status').innerText(), { timeout: 10_000 }).toBe('Ready to train.');
  });

  it('classifies pictures, also while it trains, and rejects all else', async () => {
    await show('<inkling-classifier steps="3000" autostart></inkling-classifier>');
    await state('training');
    const prediction = await classifier().evaluate((element: InklingClassifier) => {
      return element.classify(Float32Array.from({ length: 784 }, (_, i) => (i % 28 > 12 && i % 28 < 16 ? 1 : 0)));
    });
    expect(prediction.label).toBe(String(prediction.index));
    expect(Object.values(prediction.probabilities).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    expect(await classifier().evaluate((element) => element.matches(':state(training)'))).toBe(true);
    expect((await events()).some(({ type }) => type === 'prediction')).toBe(true);
    const refused = await classifier().evaluate((element: InklingClassifier) =>
      element.classify([1, 2, 3]).then(
        () => 'nothing',
        (error: unknown) => String(error),
      ),
    );
    expect(refused).toMatch(/784/);
    expect(await classifier().evaluate((element) => element.matches(':state(training)'))).toBe(true);
    await call((element) => element.reset());
    await state('ready');
  });
});

describe('models', () => {
  /** The canvases of weights, by what is written below them, and their width in pixels. */
  const pictures = async () => {
    const labels = await page.locator('inkling-filters').getByRole('listitem').allInnerTexts();
    const width = await page.locator('inkling-filters canvas').first().evaluate((canvas: HTMLCanvasElement) => canvas.width); // prettier-ignore
    return { count: labels.length, last: labels.at(-1), width };
  };
  const recipe = () =>
    classifier().evaluate(({ model, optimizer, steps, batchSize, learningRate }: InklingClassifier) => {
      return [model, optimizer, steps, batchSize, learningRate];
    });

  it('are chosen by name, each with its own defaults and pictures, and trained anew', async () => {
    await show('<inkling-classifier steps="30" learning-rate="0.02"></inkling-classifier>');
    await state('ready');
    expect(await recipe()).toEqual(['softmax', 'gradientDescent', 30, 100, 0.02]);
    expect(await pictures()).toEqual({ count: 10, last: '9', width: 28 });
    await call((element) => element.train());

    const choice = page.getByRole('combobox', { name: 'Model' });
    await choice.focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { name: 'Five-layer network' }).waitFor();
    await state('ready');
    expect(await recipe()).toEqual(['mlp', 'adam', 1650, 100, 0.003]);
    await expect.poll(pictures).toEqual({ count: 25, last: '25', width: 28 });
    expect(await page.getByText('0 of 1,650').count()).toBe(1);
    await classifier().evaluate(async (element: InklingClassifier) => {
      element.steps = 25;
      await element.updateComplete;
      await element.train();
    });
    const trained = (await events()).at(-1);
    expect(trained).toMatchObject({ type: 'trained', detail: { steps: 25 } });
    expect(trained?.detail.accuracy).toBeGreaterThan(0.5);

    await choice.selectOption('cnn');
    await page.getByRole('heading', { name: 'Convolutional network' }).waitFor();
    await state('ready');
    await expect.poll(pictures).toEqual({ count: 24, last: '24', width: 5 });
    await call((element) => element.step());
    await state('paused');
    expect((await events()).at(-1)).toMatchObject({ type: 'progress', detail: { step: 1, steps: 300 } });
    expect((await events()).some(({ type }) => type === 'error')).toBe(false);
  });

  it('take options that are set along with them, and another learning rate from run to run', async () => {
    await show('<inkling-classifier optimizer="momentum" learning-rate="0.001" steps="5"></inkling-classifier>');
    await state('ready');
    expect(await recipe()).toEqual(['softmax', 'momentum', 5, 100, 0.001]);
    await classifier().evaluate(async (element: InklingClassifier) => {
      await element.train();
      element.learningRate = 1e-9;
      await element.updateComplete;
      await element.train();
      Object.assign(element, { model: 'mlp', steps: 7 });
      await element.updateComplete;
    });
    const reports = (await events()).filter(({ type }) => type === 'progress');
    expect(reports.map(({ detail }) => detail.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await events()).filter(({ type }) => type === 'trained')).toHaveLength(2);
    expect(await recipe()).toEqual(['mlp', 'adam', 7, 100, 0.003]);
  });

  it('can be of layers, as a property', async () => {
    await page.evaluate(`import('/src/layers/index.ts').then((layers) => void Object.assign(globalThis, { layers }))`);
    await show('<inkling-classifier steps="20"></inkling-classifier>');
    await classifier().evaluate(async (element: InklingClassifier) => {
      const { dense, flatten, sequential } = (globalThis as unknown as { layers: typeof Layers }).layers;
      element.model = sequential({ input: [28, 28, 1], classes: 10, layers: [flatten(), dense({ units: 12, activation: 'relu' }), dense({ units: 10 })] }); // prettier-ignore
      await element.updateComplete;
      await element.train();
    });
    await state('trained');
    expect(await page.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('');
    expect(await page.getByRole('heading', { name: 'Your own model' }).count()).toBe(1);
    expect(await pictures()).toEqual({ count: 12, last: '12', width: 28 });
    const wrong = await classifier().evaluate(async (element: InklingClassifier) => {
      const { dense, sequential } = (globalThis as unknown as { layers: typeof Layers }).layers;
      element.model = sequential({ input: [5], classes: 10, layers: [dense({ units: 10 })] });
      await element.updateComplete;
      await element.train();
      return element.matches(':state(error)');
    });
    expect(wrong).toBe(true);
    expect(await page.getByRole('alert').textContent()).toMatch(/the model takes \[5\] in 10/);
  });
});

describe('a saved classifier', () => {
  /** Trains for 30 steps, keeps the classifier's file in the page as `saved`, and says how it classifies a stroke. */
  async function saveOne(): Promise<void> {
    await show('<inkling-classifier steps="30"></inkling-classifier>');
    await classifier().evaluate(async (element: InklingClassifier) => {
      await element.train();
      const saved = await element.save();
      const stroke = Float32Array.from({ length: 784 }, (_, i) => (i % 28 > 12 && i % 28 < 16 ? 1 : 0));
      const { probabilities } = await element.classify(stroke);
      Object.assign(globalThis, { saved, stroke, before: probabilities });
    });
  }
  /** Whether the stroke is classified as it was before it was saved. */
  const isTheSame = (): Promise<boolean> =>
    classifier().evaluate(async (element: InklingClassifier) => {
      const { stroke, before } = globalThis as unknown as Record<'stroke' | 'before', Float32Array>;
      const { probabilities } = await element.classify(stroke);
      return probabilities.every((value, i) => value === before[i]);
    });

  it('goes on elsewhere: its model, weights and step, by load() and by its URL', async () => {
    await saveOne();
    const trained = (await events()).at(-1)?.detail.accuracy;
    await classifier().evaluate(async (element: InklingClassifier) => {
      element.model = 'mlp';
      await element.updateComplete;
      await element.step();
      await element.load((globalThis as unknown as { saved: Uint8Array }).saved);
    });
    await state('ready');
    await page.getByRole('heading', { name: 'Softmax regression' }).waitFor();
    expect(await isTheSame()).toBe(true);
    expect(await page.getByText('30 of 1,000').count()).toBe(1);
    expect(await page.getByText(`${((trained ?? 0) * 100).toFixed(1)}%`).count()).toBeGreaterThan(0);
    await call((element) => element.step());
    const last = (await events()).findLast(({ type }) => type === 'progress');
    expect(last?.detail).toMatchObject({ step: 31, steps: 1000 });

    await page.evaluate(() => {
      const { saved } = globalThis as unknown as { saved: Uint8Array<ArrayBuffer> };
      document.body.innerHTML = `<inkling-classifier model="mlp" weights="${URL.createObjectURL(new Blob([saved]))}" steps="40"></inkling-classifier>`;
    });
    await state('ready');
    await page.getByRole('heading', { name: 'Softmax regression' }).waitFor();
    expect(await isTheSame()).toBe(true);
    await page.getByRole('combobox', { name: 'Model' }).selectOption('mlp');
    await page.getByRole('heading', { name: 'Five-layer network' }).waitFor();
    await state('ready');
    expect(await page.getByText('0 of 1,650').count()).toBe(1);
  });

  it('is refused where it is damaged, and the model stays unchanged', async () => {
    await saveOne();
    const refused = await classifier().evaluate(async (element: InklingClassifier) => {
      const { saved } = globalThis as unknown as { saved: Uint8Array };
      const failure = (bytes: Uint8Array) => element.load(bytes).then(() => 'nothing', String);
      return [await failure(saved.slice(0, -1)), await failure(new Uint8Array(5))];
    });
    for (const message of refused) expect(message).toMatch(/^DataError: /);
    await state('trained');
    expect(await isTheSame()).toBe(true);
    expect(await classifier().evaluate((element: InklingClassifier) => element.model)).toBe('softmax');
    await page.evaluate(() => {
      document.body.innerHTML = '<inkling-classifier weights="/nowhere.safetensors"></inkling-classifier>';
    });
    await state('error');
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/nowhere\.safetensors could not be fetched/);
  });
});

describe('invalid values', () => {
  it('falls back to the default, with one warning and an event each', async () => {
    await show(
      '<inkling-classifier steps="1e9" batch-size="-3" learning-rate="fast" backend="abacus"></inkling-classifier>',
    );
    const options = await classifier().evaluate((element: InklingClassifier) => {
      return [element.steps, element.batchSize, element.learningRate, element.backend];
    });
    expect(options).toEqual([1000, 100, 0.01, 'auto']);
    expect((await events()).filter(({ type }) => type === 'error')).toHaveLength(4);
    await classifier().evaluate(async (element) => {
      for (let i = 0; i < 100; i++) element.setAttribute('batch-size', '-3');
      await (element as InklingClassifier).updateComplete;
    });
    expect(warnings).toHaveLength(4);
    await state('ready');
  });

  it('shows a data set that cannot be loaded, and loads it at the second try', async () => {
    let fail = true;
    await page.route('**/mnist/t10k-labels*', (route) => (fail ? route.fulfill({ status: 404 }) : route.continue()));
    await show('<inkling-classifier></inkling-classifier>');
    await state('error');
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toMatch(/t10k-labels.*was not found.*Check the address/);
    expect((await events()).map(({ type }) => type)).toEqual(['error']);
    fail = false;
    await page.getByRole('button', { name: 'Try again' }).press('Enter');
    await state('ready');
    expect(await page.locator('button.main').evaluate((button) => button.matches(':focus'))).toBe(true);
  });

  it('reports missing WebGPU, and trains on the CPU', async () => {
    const whole = page;
    page = await openPage();
    try {
      await page.evaluate(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
      await addElements(page);
      await show('<inkling-classifier steps="20" autostart></inkling-classifier>');
      await state('trained');
      expect(await classifier().textContent()).toBe('');
      expect(await page.getByText('so the CPU trains').count()).toBe(1);
      expect((await events()).find(({ type }) => type === 'ready')?.detail.backend).toBe('cpu');
    } finally {
      await page.context().close();
      page = whole;
    }
  });
});

describe('in the document', () => {
  it('stops when it is removed, and begins anew when it comes back', async () => {
    await show('<div><inkling-classifier steps="100000" autostart></inkling-classifier></div>');
    await state('training');
    const handle = await classifier().elementHandle({ timeout: 1000 });
    await handle.evaluate((element) => { element.remove(); }); // prettier-ignore
    await page.waitForTimeout(100);
    const before = (await events()).length;
    await page.waitForTimeout(200);
    expect((await events()).length).toBe(before);
    expect((await events()).filter(({ type }) => type === 'error')).toEqual([]);
    await handle.evaluate((element) => { document.body.append(element); }); // prettier-ignore
    await state('training');
  });

  it('goes on training when it is only moved', async () => {
    await show('<div></div><inkling-classifier steps="300" autostart></inkling-classifier>');
    await state('training');
    await classifier().evaluate((element) => { document.querySelector('div')?.append(element); }); // prettier-ignore
    await state('trained');
    const steps = (await events()).filter(({ type }) => type === 'progress').map(({ detail }) => detail.step ?? 0);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    await classifier().evaluate((element) => { document.body.append(element); }); // prettier-ignore
    await page.waitForTimeout(300);
    expect((await events()).filter(({ type }) => type === 'ready' || type === 'trained')).toHaveLength(2);
    expect(await classifier().evaluate((element) => element.matches(':state(trained)'))).toBe(true);
  });

  it('shares data with the nine others on a page', async () => {
    await show('<inkling-classifier steps="10" autostart></inkling-classifier>'.repeat(10));
    await page.evaluate(() => {
      for (const element of document.querySelectorAll('inkling-classifier')) void element.train();
    });
    await expect
      .poll(async () => (await events()).filter(({ type }) => type === 'trained').length, { timeout: 30_000 })
      .toBe(10);
    const accuracies = (await events()).flatMap(({ type, detail }) => (type === 'trained' ? [detail.accuracy] : []));
    expect(new Set(accuracies).size).toBe(1);
    expect(requests.filter((path) => path.includes('/mnist/'))).toHaveLength(4);
  });

  it('is not disturbed by a listener that throws, nor by attributes that change all the time', async () => {
    await show('<inkling-classifier steps="40"></inkling-classifier>');
    await state('ready');
    await classifier().evaluate((element: InklingClassifier) => {
      element.addEventListener('inkling-progress', () => {
        throw new Error('a fault of the host page');
      });
      globalThis.addEventListener('error', (event) => event.preventDefault());
      for (let i = 0; i < 10_000; i++) element.setAttribute('learning-rate', String(0.001 + (i % 10) / 1000));
      return element.train();
    });
    await state('trained');
    expect((await events()).filter(({ type }) => type === 'ready')).toHaveLength(1);
  });
});

it('says that the GPU is gone, and trains again at a click', async () => {
  await show('<inkling-classifier steps="5000" autostart></inkling-classifier>');
  await state('training');
  const browser = await page.context().browser()?.newBrowserCDPSession();
  // The command never answers: what it reports to is what it ends.
  browser?.send('Browser.crashGpuProcess').catch(() => undefined);
  await state('error');
  expect((await events()).filter(({ type }) => type === 'error')).toHaveLength(1);
  await page.getByRole('button', { name: 'Try again' }).click();
  await state('ready');
  await call(async (element) => {
    element.steps = 20;
    await element.train();
  });
  await state('trained');
});
