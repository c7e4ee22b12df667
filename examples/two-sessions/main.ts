/**
 * Two sessions on one device: two classifiers, which differ in their seed, are trained side by side, and their answers are added up.
 * Sessions share the device, its pipelines and the uploaded data set; each has variables of its own.
 *   node test/tools/run.js examples/two-sessions/main.ts
 */
import { loadMnist } from 'inkling/data';
import { createClassifier, dense, flatten, sequential, type Classifier, type Prediction } from 'inkling/layers';
import 'inkling/node';

const { train, test } = await loadMnist();
const model = sequential({
  input: train.imageShape,
  classes: train.classes,
  layers: [flatten(), dense({ units: 32, activation: 'relu' }), dense({ units: 10, activation: 'softmax' })],
});

/** Trains a classifier; the seed decides its initial weights and the order of the images. */
async function trained(seed: number): Promise<Classifier> {
  const classifier = await createClassifier(model, { optimizer: 'adam', seed });
  for await (const { step, loss } of classifier.fit(train, { steps: 300, batchSize: 50, every: 100 }))
    console.log(`seed ${seed}, step ${step}: loss ${loss.toFixed(3)}`);
  return classifier;
}

/** The part of the test images whose class has the highest sum of probabilities. */
function accuracyOf(answers: readonly Prediction[][]): number {
  let right = 0;
  for (let i = 0; i < test.size; i++) {
    const sums = test.classes.map((_, c) => answers.reduce((sum, of) => sum + (of[i]?.probabilities[c] ?? 0), 0));
    if (sums.indexOf(Math.max(...sums)) === test.label(i)) right++;
  }
  return right / test.size;
}

const classifiers = await Promise.all([trained(0), trained(1)]);
const answers = await Promise.all(classifiers.map((classifier) => classifier.predict(test)));
console.log(
  'test accuracy of each:',
  answers.map((of) => accuracyOf([of])),
  'of both:',
  accuracyOf(answers),
);
for (const classifier of classifiers) classifier.dispose();
