/**
 * Starts a command in an environment in which Node finds a WebGPU adapter, if this machine can have one:
 *   node test/tools/launch.js vitest run
 * INKLING_ADAPTER tells the command which one; it is empty where there is none.
 */
import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findAdapter } from './find-adapter.js';

const [command, ...parameters] = process.argv.slice(2);
if (command === undefined) throw new Error('name a command: node test/tools/launch.js vitest run');

const adapter = await findAdapter();
const bin = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));
const env = {
  ...process.env,
  ...adapter?.env,
  INKLING_ADAPTER: adapter?.name ?? '',
  PATH: [bin, process.env.PATH].join(delimiter),
};
const child = spawn(command, parameters, { stdio: 'inherit', env, shell: process.platform === 'win32' });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`${command} does not start: ${error.message}`);
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal ? 1 : 0);
});
