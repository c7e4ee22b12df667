/**
 * Tuning of tile sizes for large products at their first use on a GPU: once, without a trace, and with the same bits for
 * every choice. The software adapter acts as a GPU here.
 */
import { afterAll, beforeEach, expect, it } from 'vitest';
import {
  assign,
  matmul,
  reduceMean,
  relu,
  sub,
  glorotUniform,
  variable,
  type Session,
  type Tensor,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import { instead } from '../webgpu/device/rig.ts';
import { ADAPTERS } from '../webgpu/planning.ts';
import { bits, newDevice } from './programs.ts';

const a = variable('a', glorotUniform([256, 512]));
const b = variable('b', glorotUniform([512, 200]));
const product: Tensor = matmul(a, b);
const step = assign(b, sub(b, reduceMean(product)));

const own = await newDevice();
afterAll(() => own.destroy());

let count = 0;
let pipelines = 0;
let device: GPUDevice;
const sessions: Session[] = [];

/** A session on a GPU that no test before has met. */
beforeEach(() => {
  const adapterInfo = { vendor: 'test', architecture: `GPU ${count++}`, description: '', isFallbackAdapter: false };
  pipelines = 0;
  device = instead(own, {
    adapterInfo,
    createComputePipelineAsync: (descriptor: GPUComputePipelineDescriptor) => {
      pipelines++;
      return own.createComputePipelineAsync(descriptor);
    },
  });
});
afterAll(() => {
  for (const session of sessions) session.dispose();
});

async function open(options: { autotune?: boolean } = {}): Promise<Session> {
  const session = await createSession({ device, ...options });
  sessions.push(session);
  return session;
}

it('takes the same bits from any tiles, and measures each shape once', async () => {
  const plain = await open({ autotune: false });
  const expected = await plain.run(product);
  expect(pipelines).toBe(1);
  const choices = plain.plan(product).kernels.map(({ tiles }) => tiles?.count);
  expect(choices).toEqual([Object.values(ADAPTERS).filter(({ adapterClass }) => adapterClass === 'gpu').length]);

  const tuned = await open();
  expect(await tuned.run(product)).toEqual(expected);
  // The first tiles' pipeline is there; the others are built to be measured.
  expect(pipelines).toBe(4);
  expect(await (await open()).run(product)).toEqual(expected);
  expect(pipelines).toBe(4);
  // The same shape in another graph is known; it is another module, and no more.
  await tuned.run(relu(product));
  expect(pipelines).toBe(5);
});

it('leaves no trace in the session', async () => {
  const [plain, tuned] = [await open({ autotune: false }), await open()];
  for (const session of [plain, tuned]) {
    await session.run(step);
    await session.run(step);
  }
  expect(await bits(tuned, a, b)).toEqual(await bits(plain, a, b));
  expect(tuned.step).toBe(plain.step);
});

it('has nothing to measure where products are small or the adapter is software', async () => {
  const small = await open();
  const x = variable('x', glorotUniform([20, 20]));
  expect(small.plan(matmul(x, x)).kernels.map(({ tiles }) => tiles)).toEqual([undefined]);
  const software = await createSession({ device: own });
  expect(software.plan(product).kernels.map(({ tiles }) => tiles)).toEqual([undefined]);
  software.dispose();
});
