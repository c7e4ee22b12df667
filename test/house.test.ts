/**
 * Rules for committed files: no path of a machine, no private registry's host, pinned dependencies, a header in every
 * source.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../vite.config.ts';

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'latin1') }));

test('no tracked file names a path of a machine', () => {
  const machinePath = /(?<![\w.$)}-])\/(?:work|root|home|Users)\/\w/;
  expect(tracked.filter(({ text }) => machinePath.test(text)).map(({ path }) => path)).toEqual([]);
});

test('the lock names no registry but the public one, and every package has its hash', () => {
  const lock = tracked.find(({ path }) => path === 'package-lock.json');
  const hosts = [...(lock?.text.matchAll(/"resolved": "https?:\/\/([^/"]+)/g) ?? [])].map(([, host]) => host);
  expect(hosts.filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
  const { packages } = JSON.parse(lock?.text ?? '{}') as { packages: Record<string, { integrity?: string }> };
  const unhashed = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && integrity === undefined);
  expect(unhashed.map(([path]) => path)).toEqual([]);
});

test('every dependency is pinned', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const versions = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('every source opens with a comment on its role', () => {
  const sources = tracked.filter(({ path }) => /^(?:src|shaders|demo|examples)\/.*\.(?:ts|js|wgsl)$/.test(path));
  expect(sources.filter(({ text }) => !/^\/[*/]/.test(text)).map(({ path }) => path)).toEqual([]);
});
