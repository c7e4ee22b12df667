/**
 * The documents agree with the code: programs run as they are written, excerpts are in their files, paths exist, and the
 * compiler prints the quoted output. `…` in a quotation replaces omitted text.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Plan } from '../src/compile/plan.ts';
import { webgpu } from '../src/webgpu/target.ts';
import { root } from '../vite.config.ts';
import { softmaxRegression, trainingStep } from './webgpu/classifiers.ts';
import { modulesIn, planFor } from './webgpu/planning.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file.split(sep).join('/')}`);
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'src/README.md', 'examples/README.md'],
  ...inDocs,
].map((path) => ({ path, text: read(path) }));

/** Fenced blocks: a language, and what the block quotes; a program quotes nothing. */
const blocks = documents.flatMap(({ path, text }) =>
  [...text.matchAll(/^ *```(\w+)(?: (.+))?\n([^]*?)^ *```$/gm)].map(([, language = '', of = '', code = '']) => ({
    path,
    language,
    of,
    code,
  })),
);

/** Expects the parts of a quotation in its source, one after the other, whatever the white space. */
function expectQuoted(quotation: string, source: string): void {
  const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();
  const text = plain(source);
  let from = 0;
  for (const part of quotation.split(/^.*….*$/m).map(plain)) {
    const at = text.indexOf(part, from);
    expect(at, `not in the source, or not there: ${part}`).toBeGreaterThanOrEqual(0);
    from = at + part.length;
  }
}

test.each(documents)('$path links to what exists', ({ path, text }) => {
  const links = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, link = '']) => link);
  const missing = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(root, dirname(path), link)));
  expect(missing).toEqual([]);
});

describe('quotations', () => {
  const plan: Plan = planFor(trainingStep(softmaxRegression(), { fetchLoss: true }), { adapterClass: 'software' });
  const sources: Readonly<Record<string, string | undefined>> = {
    explain: webgpu.explain(plan),
    'dispatch 1': modulesIn(plan)[0]?.code,
    'dispatch 2': modulesIn(plan)[1]?.code,
  };

  it.each(blocks.filter(({ of }) => of !== ''))('$path: $of', ({ of, code }) => {
    expectQuoted(code, sources[of] ?? read(of));
  });
});

test('the API reference is made without a warning', { timeout: 120_000 }, () => {
  const { status, stderr } = spawnSync(process.execPath, ['node_modules/typedoc/bin/typedoc', '--emit', 'none'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the programs run as they stand', { timeout: 60_000 }, () => {
  const programs = blocks.filter(({ language, of }) => language === 'ts' && of === '');
  const endings = [
    /\n1000 \d+\.\d+ \d+\.\d+\n\{ accuracy: 0\.91\d+ \}\n$/,
    /\n300 0\.\d+ 0\.\d+\n0\.9\d+ 10 \[[^]*label: '7'[^]*\]\n$/,
  ];
  expect(programs).toHaveLength(endings.length);
  const folder = join(root, '.cache/documents');
  mkdirSync(folder, { recursive: true });
  programs.forEach(({ code }, i) => {
    const file = join(folder, `program${i}.ts`);
    writeFileSync(file, code);
    const options = { cwd: root, encoding: 'utf8' } as const;
    const { stdout, stderr } = spawnSync(process.execPath, ['test/tools/run.js', file], options);
    expect(stderr).toBe('');
    expect(stdout).toMatch(endings[i] ?? /^$/);
  });
});
