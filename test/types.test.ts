/**
 * The published declarations in a user's project: they compile without skipLibCheck, and need no package of WebGPU types.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from '../vite.config.ts';

const project = join(root, '.cache/consumer');
const installed = join(project, 'node_modules');
const inkling = join(installed, 'inkling');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>;
};
const entries = Object.entries(manifest.exports).flatMap(([name, target]) =>
  typeof target === 'string' ? [] : [{ name, ...target }],
);

beforeAll(() => {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(inkling, { recursive: true });
  execFileSync(process.execPath, [join(root, 'test/tools/emit-types.js'), join(inkling, 'dist/types')], {
    stdio: 'inherit',
  });
  writeFileSync(join(inkling, 'package.json'), readFileSync(join(root, 'package.json')));
  for (const name of [
    'lit',
    'lit-html',
    'lit-element',
    '@lit',
    '@types/trusted-types',
    '@types/node',
    'undici-types',
    '@webgpu/types',
  ]) {
    mkdirSync(join(installed, name, '..'), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(installed, name), 'junction');
  }
  const imports = entries.map(({ name }, i) => ({
    name,
    code: `import * as entry${i} from 'inkling${name.slice(1)}';\nvoid entry${i};`,
  }));
  const program = (parts: typeof imports): string => parts.map(({ code }) => code).join('\n');
  writeFileSync(join(project, 'app.ts'), program(imports));
  // What is no picture is refused where there are no types of elements, too.
  const refused = `import { digitFrom } from 'inkling/data';\n// @ts-expect-error\nvoid digitFrom(42);`;
  const noElements = program(imports.filter(({ name }) => name !== './elements'));
  writeFileSync(join(project, 'no-page.ts'), `${noElements}\n${refused}`);
}, 60_000);

test('every entry of the manifest has its declarations', () => {
  expect(entries.filter(({ types }) => !existsSync(join(inkling, types)))).toEqual([]);
});

test('the declarations ask for neither @webgpu/types nor webgpu, and for no source', () => {
  const files = readdirSync(inkling, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'));
  const asking = files.flatMap((file) => {
    const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(readFileSync(join(inkling, file), 'utf8'));
    const names = [...importedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName);
    return names
      .filter((name) => /^(?:@webgpu\/types|webgpu)$|\.ts$/.test(name))
      .map((name) => `${file} asks for ${name}`);
  });
  expect(files.length).toBeGreaterThan(entries.length);
  expect(asking).toEqual([]);
});

describe('a stranger compiles against them', () => {
  const modern = { target: 'es2022', lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'], types: [] };

  const noPage = { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: false };

  test.each([
    ['a bundler, nothing skipped', { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: false }],
    ['Node, nothing skipped', { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: false }],
    // @webgpu/types contradicts lib.dom in itself, so its users skip the check of libraries.
    [
      'beside @webgpu/types',
      { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true, types: ['@webgpu/types'] },
    ],
    ['a worker, without the DOM library', { ...noPage, lib: ['es2022', 'webworker'] }],
    ['Node, without the DOM library', { ...noPage, lib: ['es2023'], types: ['node'] }],
    ['neither a page, a worker nor Node', { ...noPage, lib: ['es2023'] }],
  ])('%s', (_name, options) => {
    const compilerOptions = { ...modern, strict: true, noEmit: true, ...options };
    const files = ['lib' in options ? 'no-page.ts' : 'app.ts'];
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', project, '--pretty', 'false'], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});
