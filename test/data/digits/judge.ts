/** The accuracy of a network on MNIST's test digits in pictures of one kind, and the table of accuracies. */
import { digitFrom } from '../../../src/data/digit.ts';
import { loadMnist } from '../../../src/data/mnist.ts';
import { type Kind, pictureOf } from './kinds.ts';
import { loadMlp } from './mlp.ts';
import { random } from './random.ts';

export const guess = loadMlp();
export const { test: digits } = await loadMnist();

/** The table's rows so far. */
export const table: string[] = [];

/** Notes how many of the first `count` digits are right. */
export function note(name: string, right: number, count: number): number {
  table.push(`${name.padEnd(46)} ${right} of ${count}  ${((100 * right) / count).toFixed(1)} %`);
  return right;
}

/** How many of the first digits are right, which the table notes. */
export function rightOf(name: string, kind: Kind, count: number): number {
  const next = random(7);
  let right = 0;
  for (let i = 0; i < count; i++) {
    const bytes = digits.images.values.subarray(784 * i, 784 * (i + 1)) as Uint8Array;
    if (guess(digitFrom(pictureOf(bytes, kind, next) as ImageData)) === digits.label(i)) right++;
  }
  return note(name, right, count);
}
