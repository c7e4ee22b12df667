/**
 * digitFrom on pictures as people have them: of each kind, how many of MNIST's test digits a network still tells.
 */
import { describe, expect, it } from 'vitest';
import { digitFrom } from '../../src/data/digit.ts';
import { loadMnist } from '../../src/data/mnist.ts';
import { type Kind, named, others, pictureOf } from './digits/kinds.ts';
import { loadMlp } from './digits/mlp.ts';
import { random } from './digits/random.ts';

const guess = loadMlp();
const { test } = await loadMnist();

function rightOf(kind: Kind, digits: number): number {
  const next = random(7);
  let right = 0;
  for (let i = 0; i < digits; i++) {
    const bytes = test.images.values.subarray(784 * i, 784 * (i + 1)) as Uint8Array;
    const picture = pictureOf(bytes, kind, next) as ImageData;
    if (guess(digitFrom(picture)) === test.label(i)) right++;
  }
  return right;
}

describe('digits in pictures', () => {
  const lines: string[] = [];
  const N = Number(process.env.N ?? 500);
  for (const [name, kind] of Object.entries({ ...named, ...others })) {
    it(name, { timeout: 120_000 }, () => {
      const right = rightOf(kind, N);
      lines.push(`${name.padEnd(50)} ${right} of ${N}  ${((100 * right) / N).toFixed(1)} %`);
      console.log(lines.at(-1));
      expect(right / N).toBeGreaterThanOrEqual(0.97);
    });
  }
});
