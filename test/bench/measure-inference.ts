/** Inference through the five-layer perceptron, and the product of two matrices. */
import type { ContenderPage } from './contender-page.ts';
import type { Options } from './options.ts';
import type { Calls } from './page/count-calls.ts';
import { median, percentile } from './statistics.ts';

export interface InferenceResult {
  readonly name: string;
  /** 10,000 images at once, upload and readback included, round by round. */
  readonly batchMs: number[];
  /** One image: the median and the 99th percentile, round by round. */
  readonly imageMs: number[];
  readonly imageP99Ms: number[];
  /** Calls of WebGPU for one image. */
  calls: Calls | undefined;
  error?: string;
}

export interface ProductResult {
  readonly name: string;
  /** GFLOP/s, round by round. */
  readonly speeds: number[];
  error?: string;
}

const IMAGES = 10_000;
/** The share of images that may be classified otherwise than by the first contender: probabilities are rounded. */
const DIFFERING = 0.001;

/** Measures inference on pages that have loaded their libraries. */
export async function measureInference(
  pages: readonly ContenderPage[],
  { rounds, roundMs }: Options,
): Promise<InferenceResult[]> {
  const entries = pages.map((page) => ({ page, result: emptyResult(page.contender.name) }));
  let reference: readonly number[] | undefined;
  for (const { page, result } of entries) {
    await page.attempt(async () => {
      console.log(`  ${page.contender.title}`);
      await page.call('open', 'mlp');
      const { classes } = await page.call('classify', IMAGES);
      reference ??= classes;
      const differing = classes.filter((index, i) => index !== reference?.[i]).length;
      if (differing > DIFFERING * IMAGES)
        throw new Error(`${differing} of ${IMAGES} images are taken for others than by the first contender`);
      await page.call('classifyOneByOne', roundMs / 4);
      if (page.contender.backend === 'webgpu') result.calls = await page.call('countImage');
    });
  }
  for (let round = 1; round <= rounds; round++) {
    console.log(`  round ${round} of ${rounds}`);
    for (const { page, result } of entries)
      await page.attempt(async () => {
        result.batchMs.push((await page.call('classify', IMAGES)).ms);
        const times = await page.call('classifyOneByOne', roundMs);
        result.imageMs.push(median(times));
        result.imageP99Ms.push(percentile(times, 0.99));
      });
  }
  return entries.map(({ page, result }) => withError(result, page));
}

const emptyResult = (name: string): InferenceResult => ({
  name,
  batchMs: [],
  imageMs: [],
  imageP99Ms: [],
  calls: undefined,
});

const withError = <T>(result: T, { error }: ContenderPage): T => (error === undefined ? result : { ...result, error });

/** The error that sums of 1,024 products of float32 may have, as a share of the largest element. */
const PRODUCT_TOLERANCE = 1e-5;

/** Measures the product of two matrices of 1024 × 1024 on pages that have loaded their libraries. */
export async function measureProduct(
  pages: readonly ContenderPage[],
  { rounds, roundMs }: Options,
): Promise<ProductResult[]> {
  const entries = pages.map((page) => ({
    page,
    result: { name: page.contender.name, speeds: [] as number[] },
    times: 1,
  }));
  for (const entry of entries)
    await entry.page.attempt(async (page) => {
      console.log(`  ${page.contender.title}`);
      const error = await page.call('openProduct');
      if (!(error < PRODUCT_TOLERANCE)) throw new Error(`the product is off by ${error}`);
      entry.times = Math.max(1, Math.round(roundMs / (await page.call('multiply', 1))));
    });
  for (let round = 1; round <= rounds; round++) {
    console.log(`  round ${round} of ${rounds}`);
    for (const { page, result, times } of entries)
      await page.attempt(async () => {
        const ms = await page.call('multiply', times);
        result.speeds.push((GIGA_OPERATIONS * times * 1000) / ms);
      });
  }
  return entries.map(({ page, result }) => withError(result, page));
}

const GIGA_OPERATIONS = (2 * 1024 ** 3) / 1e9;
