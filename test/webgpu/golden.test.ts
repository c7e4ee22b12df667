/**
 * The text of every WGSL module that the planner emits, as hashes: a change of a kernel says so. They depend neither on the names
 * that a module declares nor on white space. A change on purpose is written down by `npx vitest run test/webgpu/golden.test.ts -u`;
 * `node test/tools/diff-modules.js HEAD` shows it.
 */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { modulesOf, programs, type Module } from './modules.ts';

/** The declarations of a module. */
function declarationsIn(code: string): string[] {
  const ends: number[] = [];
  let depth = 0;
  for (const { 0: character, index } of code.matchAll(/[[\](){};]/g)) {
    depth += Number('{(['.includes(character)) - Number('])}'.includes(character));
    if (depth === 0 && ';}'.includes(character)) ends.push(index + 1);
  }
  return ends.map((end, i) => code.slice(ends[i - 1] ?? 0, end));
}

const MODULE_NAME = /\b(?:(?:fn|struct|const|override) |var(?:<[^>]*>| ))(\w+)/;
const LOCAL_NAME = /\b(?:let|const|var) (\w+)|(\w+):/g;

/**
 * A module without the white space that separates no words, and with the names it declares replaced by numbers: those of the
 * module in the order of their declarations, those within a declaration by their first occurrence there.
 */
function withoutNames(code: string): string {
  const declarations = declarationsIn(code.replace(/\s+/g, ' ').replace(/ ?([^\w ]) ?/g, '$1'));
  const localsIn = (text: string): string[] =>
    [...text.matchAll(LOCAL_NAME)].map(([, name, member]) => name ?? member ?? '');
  const names = declarations.flatMap((text) => [
    ...(MODULE_NAME.exec(text)?.slice(1) ?? []),
    ...(text.startsWith('struct') ? localsIn(text) : []),
  ]);
  const numbers = new Map(names.map((name, i) => [name, `g${i}`]));
  return declarations
    .map((text) => {
      const locals = new Map<string, string>();
      for (const name of localsIn(text))
        if (!numbers.has(name)) locals.set(name, locals.get(name) ?? `l${locals.size}`);
      return text.replace(/[A-Za-z_]\w*/g, (word) => numbers.get(word) ?? locals.get(word) ?? word);
    })
    .join('\n');
}

function hashOf(modules: readonly Module[]): string {
  const hash = createHash('sha256');
  for (const { code } of modules) hash.update(withoutNames(code)).update('\0');
  return hash.digest('hex').slice(0, 10);
}

it('sees neither names nor white space, and all else', () => {
  const code =
    'var<private> p: bool; fn f(x: f32, y: f32) -> f32 { return y; } fn g() { let a = max(1.0, 2.0); let b = f(a, a); p = true; }';
  const renamed =
    'var<private> q: bool; fn h(a:f32, b: f32)->f32{\n return b; } fn main() { let c = max(1.0, 2.0); let d = h(c, c); q = true; }';
  expect(withoutNames(renamed)).toBe(withoutNames(code));
  const changes: [string, string][] = [
    ['return y', 'return x'],
    ['max', 'min'],
    ['2.0', '2.5'],
    ['f(a, a)', 'f(a, b)'],
    ['= f(', '= g('],
  ];
  for (const [from, to] of changes) expect(withoutNames(code.replace(from, to))).not.toBe(withoutNames(code));
});

it('every module of every program is unchanged', { timeout: 180_000 }, async () => {
  const lines = Object.entries(programs).flatMap(([program, build]) => {
    const targets = Object.entries(modulesOf(build)).map(([target, modules]) => `  ${hashOf(modules)} ${target}`);
    return [program, ...targets];
  });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden.txt');
});
