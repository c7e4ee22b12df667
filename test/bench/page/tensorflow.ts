/**
 * TensorFlow.js in a page in its idiomatic form: batches are tensors on the device, and the loss is read now and then, not
 * after each step.
 */
import * as tf from 'peer:tfjs';
import { BATCH } from '../contenders.ts';
import { TfjsModel, type Value } from '../tfjs.ts';
import { STEPS_IN_FLIGHT, type Peer, type Problem } from './peer.ts';

export async function createPeer(backend: string): Promise<Peer> {
  if (backend === 'webgpu') await import('peer:tfjs-webgpu');
  if (backend === 'wasm') {
    const { setWasmPaths } = await import('peer:tfjs-wasm');
    setWasmPaths(new URL('./', location.href).href);
    // Its threads never start from a bundle, where their script is not what it expects.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} here`);
  await tf.ready();
  return {
    open: (problem) => Promise.resolve(openModel(problem)),

    product(a, b) {
      const [left, right] = [tf.tensor(a.data, a.shape), tf.tensor(b.data, b.shape)];
      let result = tf.matMul(left, right);
      return Promise.resolve({
        async multiply(times) {
          for (let i = 0; i < times; i++) {
            result.dispose();
            result = tf.matMul(left, right);
          }
          // It has no other way to wait.
          const corner = tf.slice(result, [0, 0], [1, 1]);
          await corner.data();
          corner.dispose();
        },
        result: () => result.data(),
      });
    },
  };
}

function openModel({ model, optimizer, weights, batches }: Problem) {
  const peer = new TfjsModel(tf, model, weights, (train) =>
    optimizer.name === 'adam' ? train.adam(optimizer.learningRate) : train.sgd(optimizer.learningRate),
  );
  const resident = batches.map(({ images, labels }) => peer.tensors(BATCH, images, labels));
  const pixels = model.input.reduce((product, size) => product * size, 1);
  let taken = 0;
  return {
    async train(steps: number): Promise<number> {
      let last: Value | undefined;
      for (let i = 1; i <= steps; i++) {
        const [images, labels] = resident[taken++ % resident.length] ?? [];
        if (images === undefined || labels === undefined) throw new Error('there are no batches');
        last?.dispose();
        last = tf.tidy(() => peer.minimize(BATCH, images, labels));
        if (i % STEPS_IN_FLIGHT === 0) await last.data();
      }
      const [loss = NaN] = (await last?.data()) ?? [];
      last?.dispose();
      return loss;
    },
    predict: (images: Float32Array): Promise<Float32Array> => peer.predict(images.length / pixels, images),
  };
}
