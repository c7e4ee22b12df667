/**
 * Runs double.wgsl on four numbers, on any GPU, as a minimal use of WebGPU.
 */
import shader from './double.wgsl';

/** GPUBufferUsage and GPUMapMode, which are not globals in Node. */
const usage = { mapRead: 1, copySrc: 4, copyDst: 8, storage: 0x80 };

export default async function runDouble(numbers: readonly number[], gpu = navigator.gpu): Promise<number[]> {
  const device = await (await gpu.requestAdapter())?.requestDevice();
  if (!device) throw new Error('no adapter');
  const size = numbers.length * 4;
  const [x, y, result] = [
    device.createBuffer({ size, usage: usage.storage | usage.copyDst }),
    device.createBuffer({ size, usage: usage.storage | usage.copySrc }),
    device.createBuffer({ size, usage: usage.mapRead | usage.copyDst }),
  ];
  device.queue.writeBuffer(x, 0, new Float32Array(numbers));
  const module = device.createShaderModule({ code: shader.code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const entries = [x, y].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(y, 0, result, 0, size);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(1);
  const doubled = [...new Float32Array(result.getMappedRange())];
  device.destroy();
  return doubled;
}
