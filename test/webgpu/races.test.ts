/**
 * Race check of the modules that the planner emits. detectRaces of wgsl_reflect cannot run them: its invocations share their private
 * variables. So each module runs as JavaScript (test/tools/wgsl-in-js.ts) on zeroed memory, the invocations of a workgroup in
 * lockstep from barrier to barrier. Accesses of two workgroups to one word are a race whatever the barriers. Two kinds of adapter
 * are enough: tile sizes change the kernels, not their chain. Shaders with quads are left out.
 */
import { describe, expect, it } from 'vitest';
import { convolutional, softmaxRegression, summedCrossEntropy, trainingStep } from './classifiers.ts';
import { programs } from './modules.ts';
import { ADAPTERS, modulesIn, planFor, type Asked } from './planning.ts';
import { racesOf } from './races.ts';

const BARRIER = /\b(?:workgroup|storage)Barrier\(\);/g;

const small: Readonly<Record<string, () => Asked>> = {
  'a softmax regression': () =>
    trainingStep(softmaxRegression({ size: 65, classes: 3 }), { batch: 17, fetchLoss: true }),
  'its loss in one': () => trainingStep(softmaxRegression({ size: 65, loss: summedCrossEntropy }), { batch: 9 }),
  'a convolutional network': () => trainingStep(convolutional(13, [3, 5], 7), { batch: 3, fetchLoss: true }),
};
/** Of each op the first row, forward and backward. */
const ops = Object.entries(programs).filter(
  ([name], i, all) => name.startsWith('op: ') && name.split(':')[1] !== all[i - 1]?.[0].split(':')[1],
);
const KINDS = ['a GPU', 'a software adapter'] as const;

const seen = new Set<string>();

/** The modules with barriers of a program; each text once. */
const modulesOf = (build: () => Asked) =>
  KINDS.flatMap((kind) => {
    const plan = planFor(build(), { ...ADAPTERS[kind], schedule: 'fused' });
    return modulesIn(plan).filter(({ code }) => code.search(BARRIER) >= 0 && seen.size !== seen.add(code).size);
  });

describe('the detector', () => {
  const module = (body: string): string => `
    @group(0) @binding(0) var<storage, read_write> x: array<u32>;
    @group(0) @binding(1) var<storage, read_write> counts: array<atomic<u32>>;
    var<workgroup> numbers: array<u32, 8>;
    @compute @workgroup_size(8)
    fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) i: u32) { ${body} }`;

  it.each<[string, string, string[]]>([
    ['own words', 'x[workgroup.x * 8u + i] = i;', []],
    ['a neighbour’s word', 'x[workgroup.x * 8u + i] = x[workgroup.x * 8u + (i + 1u) / 8u];', ['x[0]', 'x[8]', 'x[1]', 'x[9]']],
    ['a neighbour’s word after a barrier', 'numbers[i] = i; workgroupBarrier(); x[workgroup.x * 8u + i] = numbers[7u - i];', []],
    ['another workgroup’s word after a barrier', 'x[workgroup.x * 8u + i] = i; storageBarrier(); if (x[i] > 9u) { return; }', Array.from({ length: 8 }, (_, i) => `x[${i}]`)],
    ['one word, by all at once', 'x[0] = 1u;', ['x[0]']],
    ['one word, atomically', 'atomicMax(&counts[0], i);', []],
  ])('judges accesses to %s', (_, body, words) => {
    expect(racesOf(module(body), [2, 1, 1]).sort()).toEqual(words.sort());
  }); // prettier-ignore

  it('finds a barrier that a part of a workgroup misses', () => {
    expect(() => racesOf(module('if (i < 4u) { workgroupBarrier(); }'), [1, 1, 1])).toThrow(
      '4 invocations miss a barrier',
    );
  });
});

describe('no module has a race; without its barriers it has', () => {
  it.each(Object.entries(small))('%s', { timeout: 120_000 }, (_, build) => {
    const modules = modulesOf(build);
    expect(modules.length).toBeGreaterThan(0);
    for (const { name, code, workgroups } of modules) {
      expect(racesOf(code, workgroups), name).toEqual([]);
      expect(racesOf(code.replace(BARRIER, ''), workgroups), name).not.toEqual([]);
    }
  });
});

it('no module of an op has a race', { timeout: 120_000 }, () => {
  const modules = ops.flatMap(([, build]) => modulesOf(build));
  const races = modules.map(({ name, code, workgroups }) => ({
    name,
    races: racesOf(code, workgroups),
    without: racesOf(code.replace(BARRIER, ''), workgroups),
  }));
  expect(races.filter(({ races }) => races.length > 0)).toEqual([]);
  // An elementwise kernel reads the elements that its own invocation wrote, so that not every barrier separates a race.
  expect(races.filter(({ without }) => without.length > 0).length).toBeGreaterThan(2);
});
