/** The worker: it loads the data, trains, and posts a message for each report. A message from the page stops it. */
import { loadMnist } from 'inkling/data';
import { createClassifier, models } from 'inkling/layers';

/** A message to the page. */
export type Message =
  | { readonly kind: 'progress'; readonly step: number; readonly loss: number }
  | { readonly kind: 'done'; readonly backend: string; readonly step: number; readonly accuracy: number };

const post = (message: Message): void => postMessage(message);

const stopped = new AbortController();
addEventListener('message', () => stopped.abort());

const { train, test } = await loadMnist();
const classifier = await createClassifier(models.softmax(train.imageShape, train.classes), { optimizer: 'adam' });
try {
  const options = { steps: 1000, batchSize: 100, signal: stopped.signal };
  for await (const { step, loss } of classifier.fit(train, options)) post({ kind: 'progress', step, loss });
} catch (error) {
  if (!stopped.signal.aborted) throw error;
}
const { session } = classifier;
post({ kind: 'done', backend: session.backend, step: session.step, ...(await classifier.evaluate(test)) });
classifier.dispose();
