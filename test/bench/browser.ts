/**
 * `npm run bench`: Inkling and its peers in one headless Chromium. Each contender has a page of its own; rounds alternate,
 * and no time is reported for a contender with other results.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import manifest from '../../package.json' with { type: 'json' };
import { root } from '../../vite.config.ts';
import { browserFlags, findBrowser } from '../tools/find-browser.js';
import { ContenderPage, messageOf } from './contender-page.ts';
import type { Workload } from './contenders.ts';
import { measureInference, measureProduct } from './measure-inference.ts';
import { measureFrames, measureLoad } from './measure-page.ts';
import { measureTraining } from './measure-training.ts';
import { parseOptions, usage, type Options } from './options.ts';
import { serveSite } from './site.ts';
import { toMarkdown, type Results } from './table.ts';

const options = parseOptions(process.argv.slice(2));
if (options === undefined) console.log(usage);
else await run(options);

async function run(options: Options): Promise<void> {
  const began = performance.now();
  console.log('building the pages');
  const site = await serveSite();
  const { executable, env } = await findBrowser();
  const browser = await chromium.launch({
    executablePath: executable,
    args: browserFlags,
    env: { ...process.env, ...env },
  });
  try {
    const results = await describe(browser, site.origin, options);
    for (const workload of options.only) {
      console.log(workload);
      try {
        await measure(workload, browser, site.origin, options, results);
      } catch (error) {
        console.error(`  ${workload} failed: ${messageOf(error)}`);
      }
    }
    console.log(`\n${toMarkdown(results)}`);
    console.log(`\nmeasured in ${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
    const file = resolve(root, options.out);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  } finally {
    await browser.close();
    await site.close();
  }
}

async function measure(
  workload: Workload,
  browser: Browser,
  origin: string,
  options: Options,
  results: Results,
): Promise<void> {
  if (workload === 'frames') results.frames = await measureFrames(browser, origin, options);
  else if (workload === 'load') results.load = await measureLoad(browser, origin, options);
  else {
    const pages: ContenderPage[] = [];
    try {
      for (const contender of options.contenders) pages.push(await ContenderPage.open(browser, origin, contender));
      if (workload === 'inference') results.inference = await measureInference(pages, options);
      else if (workload === 'matmul') results.matmul = await measureProduct(pages, options);
      else results.training[workload] = await measureTraining(pages, workload, options);
    } finally {
      for (const page of pages) await page.close();
    }
  }
}

/** On what is measured. */
async function describe(browser: Browser, origin: string, { rounds }: Options): Promise<Results> {
  const page = await browser.newPage();
  await page.goto(`${origin}bench.html`);
  const adapter = await page.evaluate(async () => {
    const info = (await navigator.gpu?.requestAdapter())?.info;
    return info && [info.vendor, info.architecture, info.description].filter(Boolean).join(' ');
  });
  await page.context().close();
  const { dependencies } = JSON.parse(await readFile(join(root, 'test/bench/package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model ?? 'an unnamed CPU'}, ${availableParallelism()} cores`,
    browser: `Chromium ${browser.version()}`,
    adapter: adapter === undefined ? 'no WebGPU adapter' : adapter || 'an unnamed adapter',
    versions: { inkling: manifest.version, ...dependencies },
    rounds,
    training: {},
  };
}
