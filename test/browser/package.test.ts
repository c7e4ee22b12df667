/**
 * The package as it is published, from a plain file server with nothing of Vite's: one script tag, ES modules under a
 * strict policy, an insecure page.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Page } from 'playwright-core';
import type { InklingClassifier } from 'inkling/elements';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../../vite.config.ts';
import { openPage } from '../tools/page.ts';

const folder = join(root, '.cache/published');
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.gz': 'application/gzip' };
const policy =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types lit-html";

/** What the site has beside the package. */
const files: Record<string, string> = {
  '/modules.html': '<!doctype html><link rel="icon" href="data:," /><script type="module" src="app.js"></script>',
  '/app.js': `
    import { add, argMax, cast, createSession, equal, gradientDescent, matmul, placeholder, reduceMean, reduceSum,
      softmaxCrossEntropy, variable, zeros } from './package/index.js';
    import { loadMnist } from './package/data.js';
    const { train, test } = await loadMnist();
    const [x, y_] = [placeholder('x', [null, 784]), placeholder('y_', [null, 10])];
    const logits = add(matmul(x, variable('W', zeros([784, 10]))), variable('b', zeros([10])));
    const step = gradientDescent(0.01).minimize(reduceSum(softmaxCrossEntropy(logits, y_)));
    const accuracy = reduceMean(cast(equal(argMax(logits, 1), argMax(y_, 1)), 'float32'));
    const session = await createSession();
    for await (const _ of session.train(step, { steps: 100, batchSize: 100, data: { x: train.images, y_: train.labels } }));
    const result = await session.evaluate({ data: { x: test.images, y_: test.labels }, fetch: { accuracy } });
    console.log(JSON.stringify({ backend: session.backend, ...result }));`,
  '/printing.html': '<!doctype html><link rel="icon" href="data:," /><script type="module" src="printing.js"></script>',
  '/printing.js': `
    import { createSession, GraphError, gradientDescent, matmul, placeholder, reduceSum, softmax, variable, zeros } from './package/index.js';
    import { Dataset } from './package/data.js';
    import { createClassifier, dense, sequential } from './package/layers.js';
    const x = placeholder('x', [null, 2]);
    const W = variable('W', zeros([2, 3]));
    const y = softmax(matmul(x, W));
    const set = Dataset.from({ features: new Float32Array(4), labels: [0, 1], name: 'set' });
    const session = await createSession();
    const model = sequential({ input: [2], classes: 2, layers: [dense({ units: 2 })] });
    const values = [x, W, y, gradientDescent(0.1).minimize(reduceSum(W)), set, set.images, session,
      await createClassifier(model, { optimizer: 'adam', session }), await session.get(W)];
    for (const value of values) {
      console.log(value);
      console.log(String(value));
    }
    console.log([y], { W });
    class Mine extends GraphError {}
    for (const error of [new GraphError('No.'), new Mine('No.')]) console.log(error);
    console.log('done');
    matmul(W, W);`,
};

/** How README.md puts the single file on a page. */
const [, tag = ''] = /```html\n([^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];

/** Everyone may read it, as a CDN has it. */
const server: Server = createServer((request, response) => {
  const [url = '/'] = (request.url ?? '/').split('?');
  const text = files[url];
  const body = text === undefined ? readFile(join(folder, url.replace(/^\/package/, ''))) : Promise.resolve(text);
  const headers = {
    'content-type': types[extname(url)] ?? 'text/plain',
    'access-control-allow-origin': '*',
    'content-security-policy': policy,
  };
  body.then(
    (content) => response.writeHead(200, headers).end(content),
    () => response.writeHead(404).end(),
  );
});

let port: number;

beforeAll(async () => {
  for (const mode of ['library', 'single']) {
    const parameters = [
      'node_modules/vite/bin/vite.js',
      'build',
      '--mode',
      mode,
      '--outDir',
      folder,
      '--logLevel',
      'error',
    ];
    const env = { ...process.env, NODE_ENV: 'production' };
    execFileSync(process.execPath, [...parameters, mode === 'library' ? '--emptyOutDir' : ''], { cwd: root, env });
  }
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => void server.close());

it('trains with the one tag of README.md, from another origin: the single file finds the data set beside itself', async () => {
  const page = await openPage();
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  const cdn = `http://127.0.0.1:${port}/package`;
  await page.setContent(tag.replace(/src=".*\/inkling\.js"/, `src="${cdn}/inkling.js"`));
  const trained = await page.locator('inkling-classifier').evaluate(
    (element: InklingClassifier) =>
      new Promise<{ steps: number; accuracy: number }>((resolve, reject) => {
        element.addEventListener('inkling-trained', ({ detail }) => resolve(detail));
        element.addEventListener('inkling-error', ({ detail }) => reject(detail.error));
        customElements.whenDefined('inkling-classifier').then(() => element.train(), reject);
      }),
  );
  expect(trained.steps).toBe(1000);
  expect(trained.accuracy).toBeGreaterThan(0.91);
  expect(fetched.filter((url) => url.startsWith(cdn) && !url.endsWith('.gz'))).toEqual([`${cdn}/inkling.js`]);
  expect(fetched.filter((url) => url.startsWith(`${cdn}/mnist/`))).toHaveLength(4);
  // What few pages use comes from files beside it: what tells ink from paper in photographs, and a model's file.
  const found = await page.locator('inkling-classifier').evaluate(async (element: InklingClassifier) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 100, height: 100 });
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    const light = context.createLinearGradient(0, 0, 100, 0);
    light.addColorStop(0, 'rgb(220 220 220)');
    light.addColorStop(1, 'rgb(150 150 150)');
    context.fillStyle = light;
    context.fillRect(0, 0, 100, 100);
    context.fillStyle = '#333';
    context.fillRect(46, 20, 8, 60);
    const { label } = await element.classify(canvas);
    await element.load(await element.save());
    return { label, cut: await element.load(new Uint8Array(3)).catch((error: unknown) => String(error)) };
  });
  expect(found).toEqual({ label: '1', cut: expect.stringMatching(/^DataError: The classifier/) as string });
  expect(fetched.filter((url) => url.startsWith(cdn) && url.endsWith('js')).slice(1)).toEqual(
    ['pictures', 'weights'].map((part) => `${cdn}/inkling-${part}.js`),
  );
});

it('loads IDX files through the single file', async () => {
  const page = await openPage();
  const cdn = `http://127.0.0.1:${port}/package`;
  await page.setContent(
    tag.replace(/src=".*\/inkling\.js"/, `src="${cdn}/inkling.js?v=2"`).replace('"mnist"', `"${cdn}/mnist"`),
  );
  const accuracy = await page.locator('inkling-classifier').evaluate(async (element: InklingClassifier) => {
    await customElements.whenDefined('inkling-classifier');
    const trained = new Promise<number>((resolve, reject) => {
      element.addEventListener('inkling-trained', ({ detail }) => resolve(detail.accuracy));
      element.addEventListener('inkling-error', ({ detail }) => reject(detail.error));
    });
    element.steps = 50;
    await element.train();
    return trained;
  });
  expect(accuracy).toBeGreaterThan(0.7);
});

/** An argument of `console.log`, as the protocol of Chromium's tools has it. */
interface ConsoleArgument {
  readonly value?: string;
  readonly description?: string;
  readonly preview?: {
    readonly description?: string;
    readonly properties: readonly { readonly name: string; readonly value?: string }[];
  };
}

/** What app.js logs, and what else the console says. */
async function runModules(page: Page, url: string): Promise<{ report: unknown; notes: string[] }> {
  const notes: string[] = [];
  page.on('console', (message) => notes.push(message.text()));
  const logged = page.waitForEvent('console', (message) => message.type() === 'log');
  await page.goto(url);
  return { report: JSON.parse((await logged).text()), notes: notes.filter((note) => !/^(\{|\[vite])/.test(note)) };
}

it('trains as ES modules under a strict policy', async () => {
  const page = await openPage();
  const { report, notes } = await runModules(page, `http://127.0.0.1:${port}/modules.html`);
  expect(report).toEqual({ backend: 'webgpu', accuracy: expect.closeTo(0.85, 1) as number });
  expect(notes).toEqual([]);
});

/** An object as Chromium's console shows it: its heading, and the first of its properties, private ones left out. */
function shown({ value, description = '', preview }: ConsoleArgument): string {
  if (preview === undefined) return value ?? description;
  const properties = preview.properties.filter(({ name }) => !name.startsWith('#'));
  return `${preview.description ?? ''} {${properties.map(({ name, value = '' }) => `${name}: ${value}`).join(', ')}}`;
}

it('prints values in the console, and errors by their names', async () => {
  const page = await openPage();
  const lines: string[] = [];
  const console = await page.context().newCDPSession(page);
  await console.send('Runtime.enable');
  console.on('Runtime.consoleAPICalled', ({ args }) => {
    const line = (args as ConsoleArgument[]).map(shown).join(' | ');
    // The development server says when its own script connects, at any time.
    if (!line.startsWith('[vite]')) lines.push(line);
  });
  const thrown = page.waitForEvent('pageerror');
  await page.goto(`http://127.0.0.1:${port}/printing.html`);
  expect((await thrown).name).toBe('GraphError');
  await expect.poll(() => lines.at(-1)).toBe('done');
  const pairs = [
    ["Placeholder('x', op=placeholder, shape=[null, 2], dtype=float32)", '{op: Object'],
    ["Variable('W', op=variable, shape=[2, 3], dtype=float32)", '{op: Object'],
    ['Tensor(op=softmax, shape=[null, 3], dtype=float32)', '{op: Object'],
    ["Operation('gradientDescent', updates=[W])", '{name: gradientDescent'],
  ].map(([text = '', first = '']): [string, string] => [`${text} ${first}`, text]);
  // What has methods is headed by what it is, and has the rest among its properties. So has an array, as a plain object.
  const others: readonly [string, string | RegExp][] = [
    ['Dataset {name: set, size: 2, imageShape: Array(1)', "Dataset('set', size=2, imageShape=[2], classes=2)"],
    [
      'Column {name: set images, shape: Array(2), format: float32',
      "Column('set images', shape=[2, 2], dtype=float32, format=float32)",
    ],
    ['Session {backend: webgpu, adapter: Object', /^Session\(backend=webgpu, adapter=.+, seed=0, step=0\)$/],
    ['Classifier {model: Object, session: Session', 'Classifier(input=[2], classes=2, parameters=6, backend=webgpu)'],
    ['Object {data: Float32Array(6), shape: Array(2), dtype: float32}', '[[0. 0. 0.]\n [0. 0. 0.]]'],
  ];
  for (const [heading, text] of [...pairs, ...others]) {
    expect(lines.shift()?.slice(0, heading.length)).toBe(heading);
    expect(lines.shift()).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
  }
  const [W, y] = pairs.slice(1).map(([, text]) => text);
  expect(lines).toEqual([
    `Array(1) {0: ${y ?? ''}} | Object {W: ${W ?? ''}}`,
    expect.stringMatching(/^GraphError: No\.\n +at /),
    expect.stringMatching(/^Mine: No\.\n +at /),
    'done',
  ]);
});

it('trains on an insecure page on the CPU, and tells why', async () => {
  const page = await openPage();
  await page.route('http://inkling.test/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `http://127.0.0.1:${port}${pathname}` }) });
  });
  const { report, notes } = await runModules(page, 'http://inkling.test/modules.html');
  expect(report).toEqual({ backend: 'cpu', accuracy: expect.closeTo(0.85, 1) as number });
  expect(notes).toEqual([
    expect.stringMatching(/^Inkling runs on the CPU\. WebGPU needs a secure page: .*https.*localhost/),
  ]);
});
