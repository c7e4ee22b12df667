/**
 * digitFrom on pictures as people have them: of each kind, how many of MNIST's test digits a network still tells.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { digits, guess, note, rightOf, table } from './digits/judge.ts';
import { named } from './digits/kinds.ts';

afterAll(() => console.log(`digits in pictures, and how many a network tells:\n${table.join('\n')}`));

/** Digits of each kind: the first of MNIST's test set. */
const COUNT = 200;

describe(`of ${COUNT} digits in pictures as the issue names them, 98 % are told`, () => {
  it('and of the digits themselves', () => {
    const rows = Array.from({ length: COUNT }, (_, i) => digits.images.row(i));
    const right = rows.filter((row, i) => guess(row) === digits.label(i)).length;
    expect(note("MNIST's own", right, COUNT)).toBeGreaterThanOrEqual(0.986 * COUNT);
  });

  it.each(Object.entries(named))('%s', { timeout: 120_000 }, (name, kind) => {
    const share = name.startsWith('clean') ? 0.986 : 0.98;
    expect(rightOf(name, kind, COUNT)).toBeGreaterThanOrEqual(share * COUNT);
  });
});
