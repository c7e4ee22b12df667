/** The table of ops is complete: each exported op has rows, and each row a name of its own. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as inkling from '../../src/index.ts';
import { opCases } from './table.ts';

test('every exported op has rows', () => {
  const index = readFileSync(new URL('../../src/index.ts', import.meta.url), 'utf8');
  const exports = [...index.matchAll(/export \{([^}]*)\} from '\.\/ops\//g)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
  expect(new Set(opCases.map(({ op }) => op))).toEqual(new Set(exports));
  for (const name of exports) expect(inkling).toHaveProperty(name);
});

test('every row has its own name', () => {
  expect(new Set(opCases.map(({ name }) => name)).size).toBe(opCases.length);
});
