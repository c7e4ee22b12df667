/** The lock of a runner: one piece of work at a time, and the only way to what needs it. */
import { expect, test } from 'vitest';
import { createCpuBackend } from '../../src/cpu/backend.ts';
import { cpu } from '../../src/cpu/target.ts';
import { LockedRunner, type Runner } from '../../src/session/runner.ts';

const openRunner = (): Runner => new LockedRunner({ target: cpu, backend: createCpuBackend({ seed: 0 }) });

test('work runs in the order of the calls, also after a failure', async () => {
  const runner = openRunner();
  const order: string[] = [];
  const slow = runner.exclusively(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push('slow');
    throw new Error('no');
  });
  const next = runner.exclusively(() => order.push('next'));
  await expect(slow).rejects.toThrow('no');
  await next;
  expect(order).toEqual(['slow', 'next']);
});

test('work that waits when the session is disposed is refused', async () => {
  const runner = openRunner();
  const waiting = runner.exclusively(() => 1);
  runner.dispose();
  await expect(waiting).rejects.toMatchObject({ code: 'usage' });
});

test('the types give variables, plans and submits to work under the lock alone', async () => {
  type Exposed = Extract<
    keyof Runner,
    'load' | 'submit' | 'reset' | 'restore' | 'ensureVariables' | 'plans' | 'variables'
  >;
  type ExposedOfBackend = Extract<keyof Runner['backend'], 'load' | 'synchronize' | 'readVariables' | 'writeVariable'>;
  const exposed: [Exposed, ExposedOfBackend] extends [never, never] ? 'none' : 'some' = 'none';
  expect(exposed).toBe('none');
  await expect(openRunner().exclusively((locked) => locked.reset())).resolves.toBeUndefined();
});
