/** Inkling by its public API: a classifier that is fitted, with a report at the end of a round. */
import { assign, createSession, gradientDescent, matmul, variable, zeros } from 'inkling';
import { createClassifier } from 'inkling/layers';
import { BATCH } from '../contenders.ts';
import type { Peer } from './peer.ts';

export async function createPeer(backend: string): Promise<Peer> {
  const options = { backend: backend as 'webgpu' | 'cpu' };
  return {
    async open({ model, optimizer, train }) {
      const { name, learningRate } = optimizer;
      const classifier = await createClassifier(model, {
        ...options,
        optimizer: name === 'adam' ? { name, learningRate } : gradientDescent(learningRate),
      });
      return {
        async train(steps) {
          let last = NaN;
          for await (const { loss } of classifier.fit(train, { steps, batchSize: BATCH, every: steps })) last = loss;
          return last;
        },
        async predict(images) {
          const { classes } = model;
          const result = new Float32Array((images.length / 784) * classes.length);
          const predictions = await classifier.predict(images);
          predictions.forEach(({ probabilities }, row) => result.set(probabilities, row * classes.length));
          return result;
        },
      };
    },

    async product(a, b) {
      const session = await createSession(options);
      const [left, right] = [variable('a', { ...a, dtype: 'float32' }), variable('b', { ...b, dtype: 'float32' })];
      const result = variable('c', zeros(a.shape));
      const multiplication = assign(result, matmul(left, right));
      return {
        async multiply(times) {
          await Promise.all(Array.from({ length: times }, () => session.run(multiplication)));
        },
        result: async () => (await session.get(result)).data as Float32Array,
      };
    },
  };
}
