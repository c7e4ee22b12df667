/**
 * The kernels of shaders/ in their own form, on an adapter: they compile without warnings and compute the formulas of their
 * headers.
 */
import { afterAll, expect, it } from 'vitest';
import { firstDifference } from '../webgpu/device/values.ts';
import { nodeGpu } from '../tools/node-gpu.ts';
import { describeCase, shaderCases, shaderText, type ShaderCase } from './cases.ts';

/** GPUBufferUsage, which lib.dom lacks; GPUMapMode.READ is 1 too. */
const Usage = { mapRead: 0x01, copySrc: 0x04, copyDst: 0x08, storage: 0x80 };

const adapter = await (await nodeGpu()).requestAdapter();
const device = await adapter?.requestDevice();
afterAll(() => device?.destroy());

it.each(shaderCases.map((one) => [describeCase(one), one] as const))('%s', async (_, one) => {
  if (device === undefined) throw new Error('There is no device.');
  const module = device.createShaderModule({ code: shaderText(one.name, one.constants) });
  expect((await module.getCompilationInfo()).messages.map(({ message }) => message)).toEqual([]);
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const after = await run(device, pipeline, one);
  after.forEach((values, i) => expect(firstDifference(values, one.expected[i] ?? [], 1e-5)).toBeUndefined());
});

it.each(['', 'expm1', 'log1p', 'normal', 'power', 'remainder', 'sigmoid', 'sine', 'softplus', 'sqrt', 'tanh'])(
  'elementary.wgsl %s compiles',
  async (library) => {
    const code = [shaderText('elementary'), library === '' ? '' : shaderText(library)].join('\n');
    const messages = await device?.createShaderModule({ code }).getCompilationInfo();
    expect(messages?.messages.map(({ message }) => message)).toEqual([]);
  },
);

/** What the results' bindings hold. */
async function run(
  gpu: GPUDevice,
  pipeline: GPUComputePipeline,
  { buffers, invocations, expected }: ShaderCase,
): Promise<Float32Array[]> {
  const uploads = buffers.map((values) => {
    const usage = Usage.storage | Usage.copyDst | Usage.copySrc;
    const upload = gpu.createBuffer({ size: values.byteLength, usage });
    gpu.queue.writeBuffer(upload, 0, values.slice());
    return upload;
  });
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = uploads.map((buffer, binding) => ({ binding, resource: { buffer } }));
  pass.setBindGroup(0, gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil(invocations / 64));
  pass.end();
  const copies = uploads.slice(-expected.length).map((result) => {
    const copy = gpu.createBuffer({ size: result.size, usage: Usage.copyDst | Usage.mapRead });
    encoder.copyBufferToBuffer(result, 0, copy, 0, result.size);
    return copy;
  });
  gpu.queue.submit([encoder.finish()]);
  await Promise.all(copies.map((copy) => copy.mapAsync(1)));
  return copies.map((copy) => new Float32Array(copy.getMappedRange().slice(0)));
}
