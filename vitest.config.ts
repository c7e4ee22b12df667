/** Tests. */
import { defineConfig } from 'vitest/config';
import { wgsl } from './shaders/wgsl-plugin.ts';

export default defineConfig({ plugins: [wgsl()], test: { include: ['test/**/*.test.ts'] } });
