/**
 * random.wgsl against permutation.ts, on an adapter.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { epochKey, feistelBits, permute } from '../../src/graph/permutation.ts';
import { nodeGpu } from '../tools/node-gpu.ts';

/** GPUBufferUsage, which lib.dom lacks; GPUMapMode.READ is 1 too. */
const Usage = { MAP_READ: 0x01, COPY_SRC: 0x04, COPY_DST: 0x08, STORAGE: 0x80 };

const library = readFileSync(new URL('../../shaders/random.wgsl', import.meta.url), 'utf8');
const kernel = /* wgsl */ `
@group(0) @binding(0) var<storage, read> cases: array<vec4<u32>>; // index, n, seed, epoch
@group(0) @binding(1) var<storage, read> halfBits: array<u32>;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&result)) { return; }
  let it = cases[id.x];
  result[id.x] = permute(it.x, it.y, halfBits[id.x], epochKey(it.z, it.w));
}`;

it('random.wgsl permutes as permutation.ts does, bit for bit', async () => {
  const sizes = [1, 2, 3, 7, 100, 257, 1000, 55_000, 2 ** 31 - 1, 2 ** 31];
  const keys = [0, 42, 0xffffffff].flatMap((seed) => [0, 1, 0x80000000].map((epoch) => [seed, epoch] as const));
  const cases = sizes.flatMap((n) =>
    keys.flatMap(([seed, epoch]) => {
      const indices = new Set([0, 1, 2, 99, 256, 54_999, n >>> 1, n - 1].filter((index) => index < n));
      return [...indices].map((index) => ({ index, n, seed, epoch }));
    }),
  );

  const adapter = await (await nodeGpu()).requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device) throw new Error('no device');
  const upload = (words: readonly number[]): GPUBuffer => {
    const buffer = device.createBuffer({
      size: 4 * words.length,
      usage: Usage.STORAGE,
      mappedAtCreation: true,
    });
    new Uint32Array(buffer.getMappedRange()).set(words);
    buffer.unmap();
    return buffer;
  };
  const size = 4 * cases.length;
  const result = device.createBuffer({ size, usage: Usage.STORAGE | Usage.COPY_SRC });
  const copy = device.createBuffer({ size, usage: Usage.COPY_DST | Usage.MAP_READ });
  const buffers = [
    upload(cases.flatMap(({ index, n, seed, epoch }) => [index, n, seed, epoch])),
    upload(cases.map(({ n }) => feistelBits(n) / 2)),
    result,
  ];
  const module = device.createShaderModule({ code: library + kernel });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil(cases.length / 64));
  pass.end();
  encoder.copyBufferToBuffer(result, 0, copy, 0, size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(Usage.MAP_READ);
  const found = Array.from(new Uint32Array(copy.getMappedRange()));
  device.destroy();

  const expected = cases.map(({ index, n, seed, epoch }) => permute(index, n, epochKey(seed, epoch)));
  expect(found).toEqual(expected);
});
