/**
 * Plans and variables that a device has no memory for, or refuses: an error names them, and the session is unchanged.
 */
import { describe, expect, it } from 'vitest';
import {
  add,
  assign,
  DeviceError,
  gradientDescent,
  matmul,
  ones,
  placeholder,
  reduceSum,
  ShaderError,
  square,
  truncatedNormal,
  variable,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import { FEATURES, newDevice, rejection, smallSet, soon } from './programs.ts';

// As small as can be: each device compiles it anew.
const set = smallSet();
const data = { x: set.images };
const x = placeholder('x', [null, FEATURES]);
const W = variable('W', ones([FEATURES, 1]));
const loss = reduceSum(square(matmul(x, W)));
const step = gradientDescent(0.001).minimize(loss);
const feeds = { x: set.images.values.slice(0, 30 * FEATURES) };

describe('programs that do not fit the device', () => {
  /** A device that `spoils` what it is asked to make, as long as `spoiling.on`. */
  async function spoiled(spoils: (device: GPUDevice, spoiling: { on: boolean }) => void) {
    const device = await newDevice();
    const spoiling = { on: false };
    spoils(device, spoiling);
    return { device, spoiling, session: await createSession({ device }) };
  }
  const full = (label: string) => (device: GPUDevice, spoiling: { on: boolean }) => {
    const create = device.createBuffer.bind(device);
    const { maxBufferSize: size } = device.limits;
    device.createBuffer = (descriptor) =>
      create(spoiling.on && descriptor.label === label ? { ...descriptor, size } : descriptor);
  };

  it('names the limit and the request, before anything is allocated', async () => {
    const session = await createSession();
    const column = placeholder('column', [null, 1]);
    const product = matmul(column, column, { transposeB: true });
    const error = await rejection(session.run(product, { column: new Float32Array(40_000) }));
    expect(error).toBeInstanceOf(DeviceError);
    expect((error as Error).message).toMatch(
      /^This run needs \d+ bytes at once; the device's limit maxStorageBufferBindingSize is \d+\. Use a smaller batch/,
    );
    expect(await session.run(product, { column: [[2]] })).toMatchObject({ data: Float32Array.of(4) });
    session.dispose();
  });

  it.each([
    ['a data set', { x: smallSet(300).images }, /^Data set 'small' takes 15600 bytes; .*Size is 8192\. Use take/],
    ['an arena', { x: smallSet(300).images.values }, /^This run needs 1\d{4} bytes at once; .*Size is 8192\. Use a smaller batch/],
    ['variables', undefined, /^The variables take 1\d{4} bytes .*Size is 8192\. Use a smaller model/],
  ])('%s above a limit: names it, and nothing else is disturbed', async (_, fed, message) => {
    const device = await newDevice();
    const limits = new Proxy(device.limits, {
      get: (target, name) =>
        name === 'maxStorageBufferBindingSize' ? 8192 : (Reflect.get(target, name, target) as unknown),
    });
    Object.defineProperty(device, 'limits', { value: limits });
    const session = await createSession({ device });
    const other = variable('other', [1]);
    const count = assign(other, add(other, 1));
    const big = variable('big', truncatedNormal([2000]));
    for (let i = 0; i < 2; i++) {
      await session.run(count);
      const error = await soon(rejection(fed === undefined ? session.run(big) : session.run(step, fed)));
      expect(error).toBeInstanceOf(DeviceError);
      expect((error as Error).message).toMatch(message);
      await session.run(step, feeds);
    }
    expect((await session.get(other)).data).toEqual(Float32Array.of(3));
    expect(session.step).toBe(2);
    session.dispose();
    device.destroy();
  }); // prettier-ignore

  it.each([
    ['the arena', 'scratch', () => feeds, /^The device has no room for the \d+ bytes this run needs at once\. Use a smaller batch/],
    ['the data set', 'small', () => data, /^The device has no room for the data set\. Use a smaller one/],
  ])('%s: the run fails, and works once there is room', async (_, label, fed, message) => {
    const { device, spoiling, session } = await spoiled(full(label));
    spoiling.on = true;
    for (let i = 0; i < 2; i++) {
      const error = await soon(rejection(session.run(step, fed())));
      expect(error).toBeInstanceOf(DeviceError);
      expect((error as Error).message).toMatch(message);
    }
    spoiling.on = false;
    await session.run(step, fed());
    expect((await session.get(W)).data.every((value) => Number.isFinite(value))).toBe(true);
    session.dispose();
    device.destroy();
  }); // prettier-ignore

  it('the variables: every call says so', async () => {
    const { device, spoiling, session } = await spoiled(full('state'));
    await session.run(step, feeds);
    spoiling.on = true;
    const big = variable('big', truncatedNormal([50, 50]));
    for (const call of [() => session.get(big), () => session.run(big), () => session.run(reduceSum(big))]) {
      const error = await soon(rejection(call));
      expect(error).toBeInstanceOf(DeviceError);
      expect((error as Error).message).toMatch(/no room for the \d+ bytes of the variables .* Use a smaller model/);
    }
    session.dispose();
    device.destroy();
  });

  it('a shader it does not take: ShaderError with kernel, line and source', async () => {
    const { device, spoiling, session } = await spoiled((device, spoiling) => {
      const create = device.createShaderModule.bind(device);
      device.createShaderModule = ({ code, ...rest }) =>
        create({ ...rest, code: spoiling.on ? code.replace('fn begin() {', 'fn begin() { nonsense;') : code });
    });
    spoiling.on = true;
    const error = await soon(rejection(session.run(step, feeds)));
    expect(error).toBeInstanceOf(ShaderError);
    const { kernel, line, source, message } = error as ShaderError;
    expect(kernel).not.toBe('');
    expect(source.split('\n')[line - 1]).toContain('fn begin()');
    expect(message).toMatch(/does not compile, line \d+: .*assignment\n[^]*please report it/);
    spoiling.on = false;
    await session.run(step, feeds);
    session.dispose();
    device.destroy();
  });
});
