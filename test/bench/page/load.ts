/** From the click on a link to the hundredth step of softmax regression: the library, the data and the first compilation. */
import { models } from 'inkling/layers';
import { trainings, type Library } from '../contenders.ts';
import { loadPeer } from './peer.ts';
import { mnist, nextBatches } from './problem.ts';

const STEPS = 100;

async function run(): Promise<{ ms: number; loss: number }> {
  const query = new URLSearchParams(location.search);
  const [peer, { train }] = await Promise.all([
    loadPeer(query.get('library') as Library, query.get('backend') ?? ''),
    mnist(),
  ]);
  const model = models.softmax(train.imageShape, train.classes);
  const weights = [[784, 10], [10]].map((shape) => ({
    data: new Float32Array(shape.reduce((product, size) => product * size)),
    shape,
  }));
  const isOurs = query.get('library') === 'inkling'; // which draws its batches itself
  const batches = isOurs ? [] : nextBatches(train, STEPS);
  const { optimizer } = trainings.softmax;
  const trained = await peer.open({ model, optimizer, weights, train, batches });
  const loss = await trained.train(STEPS);
  return { ms: performance.now(), loss };
}

/** Milliseconds since the navigation began. */
export type LoadResult = Awaited<ReturnType<typeof run>>;

const running = run();
running.catch(() => undefined); // told to whoever asks
Object.assign(globalThis, { loaded: () => running });
