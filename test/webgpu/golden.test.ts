/**
 * The text of every WGSL module that the planner emits, as hashes: what changes a kernel says so. They do not depend on names or
 * white space: each is of the text with its words replaced by the order in which they first occur. A change on purpose is written down by
 * `npx vitest run test/webgpu/golden.test.ts -u`; `node test/tools/diff-modules.js HEAD` shows it.
 */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { modulesOf, programs, type Module } from './modules.ts';

/** A text without the white space that separates no words, its words numbered by their first occurrence. */
function withoutNames(code: string): string {
  const numbers = new Map<string, number>();
  const tokens = code.replace(/\s+/g, ' ').replace(/ ?([^\w ]) ?/g, '$1');
  return tokens.replace(/[A-Za-z_]\w*/g, (word) => {
    const number = numbers.get(word) ?? numbers.size;
    numbers.set(word, number);
    return `w${number}`;
  });
}

function hashOf(modules: readonly Module[]): string {
  const hash = createHash('sha256');
  for (const { code } of modules) hash.update(withoutNames(code)).update('\0');
  return hash.digest('hex').slice(0, 10);
}

it('sees neither names nor white space, and all else', () => {
  const code = 'let a = b + f(a, 1.0);';
  expect(withoutNames(code)).toBe(withoutNames('let sum=x + g(sum,\n  1.0);'));
  for (const other of [
    'let a = a + f(a, 1.0);',
    'let a = b - f(a, 1.0);',
    'let a = b + f(a, 1.5);',
    'let a = b + f(b, 1.0);',
  ])
    expect(withoutNames(other)).not.toBe(withoutNames(code));
});

it('every module of every program is what it was', { timeout: 180_000 }, async () => {
  const lines = Object.entries(programs).flatMap(([program, build]) => {
    const targets = Object.entries(modulesOf(build)).map(([target, modules]) => `  ${hashOf(modules)} ${target}`);
    return [program, ...targets];
  });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden.txt');
});
