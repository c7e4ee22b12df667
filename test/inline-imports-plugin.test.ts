/**
 * The plugin that makes dynamic imports static: the imports it changes, and the same modules afterwards.
 */
import { expect, test } from 'vitest';
import { inlineImports, withStaticImports } from '../inline-imports-plugin.ts';

test("a module's own files are imported once, on its first line", () => {
  const code = [
    'import { a } from "./a.ts";',
    'const { b } = await import("./b.ts");',
    "const { c } = await import('../c.ts');",
    'const { d } = await import("./b.ts");',
  ].join('\n');
  expect(withStaticImports(code).split('\n')).toEqual([
    'import * as inlined0 from "./b.ts"; import * as inlined1 from \'../c.ts\'; import { a } from "./a.ts";',
    'const { b } = await Promise.resolve(inlined0);',
    'const { c } = await Promise.resolve(inlined1);',
    'const { d } = await Promise.resolve(inlined0);',
  ]);
  expect(inlineImports().apply).toBe('build');
});

test('packages, and names that are not known, load as before', () => {
  for (const code of ['await import("webgpu")', 'await import(name)', 'loader.import("./a.ts")'])
    expect(withStaticImports(code)).toBe(code);
});
