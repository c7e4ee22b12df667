/**
 * Runs a TypeScript module of this repository in Node, `.wgsl` imports and `inkling` included, through Vite:
 *   node test/tools/run.js demo/train.ts
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfigFromFile, runnerImport } from 'vite';

const [, , file, ...parameters] = process.argv;
if (file === undefined) throw new Error('name a module: node test/tools/run.js demo/train.ts');
process.argv = [process.execPath, resolve(file), ...parameters];

const root = fileURLToPath(new URL('../..', import.meta.url));
const loaded = await loadConfigFromFile({ command: 'serve', mode: 'development' }, undefined, root);
await runnerImport(resolve(file), { ...loaded?.config, root, logLevel: 'error' });
