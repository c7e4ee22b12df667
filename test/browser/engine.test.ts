/**
 * The engine in a real browser, on its software adapter: the codelab's program as a page script, in pages, in workers, and
 * without WebGPU.
 */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';
import type { Job, Report } from './engine.page.ts';

const runIn = async (page: Page, job: Job, module = 'engine.page.ts'): Promise<Report> =>
  (await runInPage(page, `/test/browser/${module}`, job)) as Report;

const job: Job = { steps: 150, backend: 'webgpu' };
let page: Page;
/** What the job comes to on a page that does nothing else. */
let alone: Report;

beforeAll(async () => {
  page = await openPage();
  alone = await runIn(page, job);
});

describe('the codelab', () => {
  it('runs word for word as a page script', async () => {
    const page = await openPage();
    const logged = page.waitForEvent('console', { predicate: (message) => message.type() === 'log' });
    await page.addScriptTag({ type: 'module', url: '/test/session/codelab.ts' });
    const accuracy = Number((await logged).text());
    expect(accuracy).toBeGreaterThan(0.91);
    expect(accuracy).toBeLessThan(0.93);
  });

  it('trains 1,000 steps on WebGPU by train(), reporting along the way', async () => {
    const { backend, accuracy, reports } = await runIn(page, { steps: 1000 });
    expect(backend).toBe('webgpu');
    expect(accuracy).toBeGreaterThan(0.91);
    expect(accuracy).toBeLessThan(0.93);
    expect(reports.at(-1)).toBe(1000);
    expect(reports.length).toBeGreaterThan(4);
  });
});

describe('the same bits', () => {
  it('in a module worker', async () => {
    expect(await runIn(page, job, 'worker.page.ts')).toMatchObject({ backend: 'webgpu', weights: alone.weights });
  });

  it('in two tabs and two sessions of one page at once, and others with another seed', async () => {
    const tab = await openPage();
    const [first, second, other, elsewhere] = await Promise.all([
      runIn(page, job),
      runIn(page, job),
      runIn(page, { ...job, seed: 1 }),
      runIn(tab, job),
    ]);
    expect([first, second, elsewhere].map(({ weights }) => weights)).toEqual(Array(3).fill(alone.weights));
    expect(other.weights).not.toBe(alone.weights);
  });
});

describe('without WebGPU', () => {
  it.each([
    ['no API', 'delete Navigator.prototype.gpu', /no WebGPU here: .*Chrome.* backend: 'cpu'/],
    ['no adapter', 'GPU.prototype.requestAdapter = async () => null', /no adapter: .*chrome:\/\/gpu.* backend: 'cpu'/],
  ])('%s: the CPU with one note, or a refusal that says what to do', async (_, script, advice) => {
    const page = await openPage();
    await page.addInitScript(script);
    await page.reload();
    const notes: string[] = [];
    page.on('console', (message) => notes.push(message.text()));
    const open = (backend: string): Promise<unknown> => runInPage(page, '/test/browser/open.page.ts', backend);
    expect(await Promise.all([open('auto'), open('auto')])).toEqual(['cpu', 'cpu']);
    expect(notes.filter((note) => note.startsWith('Inkling'))).toEqual([expect.stringMatching(advice)]);
    await expect(open('webgpu')).rejects.toThrow(new RegExp(`DeviceError: .*${advice.source}`));
  });

  it('trains on the CPU', async () => {
    const { backend, accuracy } = await runIn(page, { steps: 100, backend: 'cpu' });
    expect(backend).toBe('cpu');
    expect(accuracy).toBeGreaterThan(0.8);
  });
});
