/**
 * The codelab's training step compiles to two dispatches in all its forms; snapshots of the compiler's printed output.
 */
import { expect, it } from 'vitest';
import type { Plan } from '../../src/compile/plan.ts';
import { adam, DeviceError, gradientDescent, momentum, oneCycle, type Optimizer } from '../../src/index.ts';
import {
  convolutional,
  distantKin,
  kin,
  perceptron,
  softmaxRegression,
  summedCrossEntropy,
  trainingStep,
  type Classifier,
  type StepOptions,
} from '../webgpu/classifiers.ts';
import { DEFAULT_LIMITS, planFor } from '../webgpu/planning.ts';

const targets = ['gpu', 'software'] as const;

it.each(Object.entries(kin))('two dispatches a step: %s', (_, build) => {
  const ways: readonly StepOptions[] = [
    ...[1, 3, 128].flatMap((batch) => [{ batch }, { batch, fetchLoss: true }]),
    { from: 'arrays', fetchLoss: true },
  ];
  for (const adapterClass of targets)
    for (const way of ways) {
      const plan = planFor(trainingStep(build(), way), { adapterClass });
      expect(plan.dispatches, `${adapterClass} ${JSON.stringify(way)}\n${kernelsOf(plan)}`).toBe(2);
    }
});

it.each(Object.entries(distantKin))('%s compiles', (_, build) => {
  expect(planFor(trainingStep(build())).dispatches).toBeLessThanOrEqual(3);
});

it('the loss by hand is the loss of the library, kernel by kernel, but for masked classes', () => {
  const [byHand, library] = [softmaxRegression(), softmaxRegression({ loss: summedCrossEntropy })].map((classifier) =>
    planFor(trainingStep(classifier, { fetchLoss: true })),
  );
  expect(library?.kernels.map(({ name, ...kernel }) => ({ name: name.replace('+onSupport', ''), ...kernel }))).toEqual(
    byHand?.kernels,
  );
  expect(library?.buffers).toEqual(byHand?.buffers);
  const selects = (plan: Plan | undefined): number => JSON.stringify(plan?.program).match(/select\(/g)?.length ?? 0;
  expect(selects(library) - selects(byHand)).toBe(1);
});

it('a perceptron of six layers takes ten dispatches', () => {
  const plan = planFor(trainingStep(perceptron([200, 100, 60, 30]), { fetchLoss: true }));
  expect(plan.dispatches).toBeLessThanOrEqual(14);
  expect(kernelsOf(plan)).toMatchSnapshot('kernels');
  expect(plan.graph).toMatchSnapshot('graph');
});

it.each(targets)('a perceptron of six layers takes no more with Adam or a schedule: %s', (adapterClass) => {
  const dispatches = (optimizer: Optimizer): number =>
    planFor(trainingStep(perceptron([200, 100, 60, 30], optimizer), { fetchLoss: true }), { adapterClass }).dispatches;
  expect(dispatches(gradientDescent(0.1))).toBeLessThanOrEqual(14);
  expect(dispatches(adam(0.003))).toBeLessThanOrEqual(14);
  expect(dispatches(adam(oneCycle(0.003, 1000)))).toBeLessThanOrEqual(14);
});

it.each(targets)('chained, deep networks take two dispatches: %s', (adapterClass) => {
  const dispatches = ({ batch, of }: { readonly batch: number; readonly of: Classifier }): number =>
    planFor(trainingStep(of, { batch, fetchLoss: true }), { adapterClass, schedule: 'fused' }).dispatches;
  for (const batch of [1, 17, 100, 600]) {
    for (const optimizer of [gradientDescent(0.1), momentum(0.1, 0.9), adam(0.003), adam(oneCycle(0.003, 1000))])
      for (const hidden of [[200, 100, 60, 30], [50], [7, 300]])
        expect(
          dispatches({ batch, of: perceptron(hidden, optimizer) }),
          `${batch} ${hidden.join()}`,
        ).toBeLessThanOrEqual(2);
    for (const optimizer of [gradientDescent(0.01), momentum(0.1, 0.9), adam(0.003), adam(oneCycle(0.003, 1000))])
      expect(dispatches({ batch, of: perceptron([], optimizer) }), `${batch}`).toBe(1);
    if (batch <= 100) expect(dispatches({ batch, of: convolutional() })).toBeLessThanOrEqual(6);
    expect(dispatches({ batch, of: convolutional(13, [3, 5], 7) })).toBeLessThanOrEqual(6);
  }
});

it('a chain that needs more memory at once than there is gives way to the plain schedule', () => {
  const plan = planFor(trainingStep(convolutional(), { batch: 600 }), { schedule: 'fused' });
  expect(plan.peakBytes).toBeLessThanOrEqual(DEFAULT_LIMITS.maxStorageBufferBindingSize);
  expect(plan.dispatches).toBe(planFor(trainingStep(convolutional(), { batch: 600 })).dispatches);
});

it('whatever fits as the plain schedule fits, feeds and all', () => {
  const step = trainingStep(perceptron([50, 50, 50, 50]), { from: 'arrays' });
  const dispatches: number[] = [];
  for (let bytes = 300_000; bytes < 1_200_000; bytes += 20_000) {
    const limits = { ...DEFAULT_LIMITS, maxStorageBufferBindingSize: bytes };
    if (planFor(step).peakBytes > bytes)
      expect(() => planFor(step, { limits, schedule: 'fused' })).toThrow(DeviceError);
    else dispatches.push(planFor(step, { limits, schedule: 'fused' }).dispatches);
  }
  expect(dispatches[0]).toBe(planFor(step).dispatches);
  expect(dispatches.at(-1)).toBe(2);
});

it('a GPU gets chains where they save more than they cost, software for single images', () => {
  const dispatches = (of: Classifier, adapterClass: (typeof targets)[number], batch = 100): number =>
    planFor(trainingStep(of, { batch }), { adapterClass, schedule: 'auto' }).dispatches;
  expect(dispatches(perceptron([200, 100, 60, 30]), 'gpu')).toBe(2);
  expect(dispatches(perceptron([4000, 4000]), 'gpu')).toBeGreaterThan(2);
  expect(dispatches(perceptron([200, 100, 60, 30]), 'software')).toBeGreaterThan(2);
  const forward = (batch: number): number => {
    const step = trainingStep(perceptron([200, 100, 60, 30]), { batch, fetchLoss: true });
    return planFor({ ...step, updates: [], checks: [] }, { adapterClass: 'software', schedule: 'auto' }).dispatches;
  };
  expect([forward(1), forward(100)]).toEqual([2, 6]);
});

it('a convolutional network takes at most twenty', () => {
  const plan = planFor(trainingStep(convolutional(), { fetchLoss: true }));
  expect(plan.dispatches).toBeLessThanOrEqual(20);
  expect(kernelsOf(plan)).toMatchSnapshot('kernels');
});

it('the codelab prints as ever', () => {
  const plan = planFor(trainingStep(softmaxRegression(), { fetchLoss: true }));
  const { graph, feeds, fetches, variables, updates, checks, sampling, buffers, peakBytes } = plan;
  expect(graph).toMatchSnapshot('graph');
  expect(kernelsOf(plan)).toMatchSnapshot('kernels');
  expect({ feeds, fetches, variables, updates, checks, sampling, buffers, peakBytes }).toMatchSnapshot('plan');
});

function kernelsOf({ kernels }: Plan): string {
  return kernels
    .map(
      ({ dispatch, name, source, reads, writes, workgroups }) =>
        `${dispatch}: ${name} (${source}, ${workgroups} workgroups) reads ${reads.join(', ')} writes ${writes.join(', ')}`,
    )
    .join('\n');
}
