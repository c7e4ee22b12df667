/**
 * The dev server of demo/ and, under Vitest, the tests. What `npm run build` makes is in test/tools/build.js.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { wgsl } from './shaders/wgsl-plugin.ts';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: file('demo'),
  plugins: [wgsl()],
});
