/**
 * The cost of training mode: batch normalisation takes a dispatch in each direction, dropout none; outside of training
 * neither does.
 */
import { expect, it } from 'vitest';
import type { Plan } from '../../src/compile/plan.ts';
import {
  batchNormalization,
  dropout,
  gradientDescent,
  matmul,
  ones,
  placeholder,
  reduceMean,
  relu,
  softmaxCrossEntropy,
  variable,
  zeros,
  type Tensor,
} from '../../src/index.ts';
import { planFor } from '../webgpu/planning.ts';

type Layer = (x: Tensor, units: number) => Tensor;

const plain: Layer = (x) => x;
const dropped: Layer = (x) => dropout(relu(x), 0.25);
const normal: Layer = (x, units) => {
  const [gamma, beta] = [variable(`gamma ${units}`, ones([units])), variable(`beta ${units}`, zeros([units]))];
  const moving = (name: string) => variable(`${name} ${units}`, zeros([units]), { trainable: false });
  return batchNormalization(x, { gamma, beta, movingMean: moving('mean'), movingVariance: moving('variance') });
};

/** Two hidden layers of relu, on batches of 100: a training step, or the predictions. */
function planOf(layer: Layer, training: boolean): Plan {
  const x: Tensor = placeholder('x', [null, 784]);
  const h = [200, 65].reduce((input, units, i) => {
    const W: Tensor = variable(`W${i}`, zeros([input.shape[1] ?? 1, units]));
    return relu(layer(matmul(input, W), units));
  }, x);
  const logits: Tensor = matmul(h, variable('W', zeros([65, 10])));
  const loss: Tensor = reduceMean(softmaxCrossEntropy(logits, placeholder('y_', [null, 10])));
  const { updates, checks } = gradientDescent(0.1).minimize(loss);
  return planFor({
    ...(training ? { updates, checks } : { fetches: [logits] }),
    ...{ training, countsStep: training },
    feeds: new Map([
      ['x', { kind: 'array', shape: [100, 784] }],
      ['y_', { kind: 'array', shape: [100, 10] }],
    ]),
  });
}

it('in training', () => {
  const { dispatches } = planOf(plain, true);
  expect(planOf(dropped, true).dispatches).toBe(dispatches);
  expect(planOf(normal, true).dispatches).toBe(dispatches + 4);
  expect(planOf(dropped, true).graph).toContain('dropoutMask');
});

it('outside of training', () => {
  const { dispatches } = planOf(plain, false);
  expect(planOf(dropped, false).dispatches).toBe(dispatches);
  expect(planOf(normal, false).dispatches).toBe(dispatches);
  expect(planOf(dropped, false).graph).not.toMatch(/dropout|stepKey/);
  expect(planOf(normal, false).graph).not.toContain('reduceSum');
});
