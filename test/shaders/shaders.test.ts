/**
 * Rules of shader files, checked without a GPU. Kernels with barriers are run: wgsl_reflect runs a workgroup's invocations
 * in lockstep and reports races between barriers.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detectRaces } from 'wgsl_reflect/wgsl_reflect.module.js';
import { readShader } from '../../shaders/wgsl-plugin.ts';
import { describeCase, shaderCases, shaderText } from './cases.ts';

const names = readdirSync(new URL('../../shaders', import.meta.url))
  .filter((file) => file.endsWith('.wgsl'))
  .map((file) => file.replace('.wgsl', ''));

describe.each(names)('%s.wgsl', (name) => {
  const text = shaderText(name);
  const shader = readShader(name, text);

  it('parses, and numbers its bindings as kernels do: what is read, then what is written', () => {
    expect(shader.bindings.map(({ group, binding }) => [group, binding])).toEqual(
      shader.bindings.map((_, i) => [0, i]),
    );
    const order = ['uniform', 'read', 'read_write'];
    const kinds = shader.bindings.map(({ kind }) => order.indexOf(kind));
    expect(kinds).toEqual([...kinds].sort());
  });

  it('declares nothing in vain', () => {
    // What the libraries of functions offer is used by what the compiler writes.
    const isLibrary = shader.workgroupSize.length === 0;
    for (const declaration of shader.declarations) {
      const uses = shader.code.match(new RegExp(`\\b${declaration}\\b`, 'g'))?.length ?? 0;
      if (!isLibrary && declaration !== 'main') expect(uses, declaration).toBeGreaterThan(1);
    }
    expect(shader.declarations).toEqual(expect.arrayContaining([...shader.hooks]));
  });

  it('fits what WebGPU grants everywhere', () => {
    const size = shader.workgroupSize.map((part) =>
      typeof part === 'number' ? part : (shader.overrides[part] ?? NaN),
    );
    expect(size.reduce((product, part) => product * part, 1)).toBeLessThanOrEqual(256);
    expect(shader.bindings.filter(({ kind }) => kind !== 'uniform').length).toBeLessThanOrEqual(8);
  });

  it('has a case, if it is a kernel', () => {
    const isKernel = shader.workgroupSize.length > 0;
    expect(shaderCases.some((one) => one.name === name)).toBe(isKernel);
  });
});

const BARRIER = /\b(?:workgroup|storage)Barrier\(\);/g;

/** How many races one workgroup has, and what the buffers hold after it. */
function race(
  code: string,
  buffers: readonly Float32Array[],
): { readonly races: number; readonly after: Float32Array[] } {
  const after = buffers.map((buffer) => buffer.slice());
  const { races, errors } = detectRaces(code, 'main', [1, 1, 1], { 0: Object.fromEntries(after.entries()) });
  expect(errors).toEqual([]);
  return { races: races.length, after };
}

describe('barriers', () => {
  // What has none cannot wait for another invocation. What a kernel computes is looked at on an adapter: functions that are called
  // in lockstep share their variables in wgsl_reflect, though not the places that they read and write here.
  const kernels = shaderCases.map((one) => ({ ...one, code: shaderText(one.name, one.constants) }));
  const waiting = kernels.filter(({ code }) => code.search(BARRIER) >= 0);
  it.each(waiting.map((one) => [describeCase(one), one] as const))('of %s are where they must be', (_, kernel) => {
    expect(race(kernel.code, kernel.buffers).races).toBe(0);
    expect(race(kernel.code.replace(BARRIER, ''), kernel.buffers).races).toBeGreaterThan(0);
  });

  /** Each invocation takes its neighbour's number. */
  const rotate = /* wgsl */ `
    @group(0) @binding(0) var<storage, read_write> x: array<f32>;
    var<workgroup> numbers: array<f32, 8>;
    @compute @workgroup_size(8)
    fn main(@builtin(local_invocation_index) i: u32) {
      numbers[i] = x[i];
      workgroupBarrier();
      x[i] = numbers[(i + 1u) % 8u];
    }`;

  it('are missed by the detector where they are taken out', () => {
    const x = Float32Array.from({ length: 8 }, (_, i) => i);
    expect(race(rotate, [x])).toEqual({ races: 0, after: [Float32Array.of(1, 2, 3, 4, 5, 6, 7, 0)] });
    expect(race(rotate.replace(BARRIER, ''), [x]).races).toBeGreaterThan(0);
  });
});
