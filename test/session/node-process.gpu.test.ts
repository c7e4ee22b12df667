/** Node processes that use a session end by themselves, without a crash, whether or not the session is disposed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root } from '../../vite.config.ts';

/** Runs node-script.ts: its exit code, or the signal that ended it, and what it printed. */
async function runScript(ends: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const script = ['test/tools/run.js', 'test/session/node-script.ts', ends];
  try {
    const output = await promisify(execFile)(process.execPath, script, { cwd: root, timeout: 40_000 });
    return { code: 0, ...output };
  } catch (error) {
    const { code, signal, stdout, stderr } = error as Record<'code' | 'signal' | 'stdout' | 'stderr', string>;
    return { code: signal || code, stdout, stderr };
  }
}

it.each([
  ['neither disposed nor told to exit', 0],
  ['disposed', 0],
  ['in the middle', 0],
  ['exit', 3],
])('a script that ends %s', async (ends, code) => {
  expect(await runScript(ends)).toEqual({ code, stdout: 'webgpu 30 true\n', stderr: '' });
});
