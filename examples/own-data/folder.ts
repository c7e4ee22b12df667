/**
 * Data of your own, as files: a folder with one folder of images for each class trains a classifier, which is saved as a file.
 * The package `sharp` decodes the images; in a page the browser does, and `loadImages` takes the files that a visitor chooses or drops.
 *   node test/tools/run.js examples/own-data/folder.ts FOLDER MODEL.safetensors
 */
import { writeFile } from 'node:fs/promises';
import { loadImages } from 'inkling/data';
import { createClassifier, models } from 'inkling/layers';
import 'inkling/node';

const [, , folder, file] = process.argv;
if (folder === undefined || file === undefined) throw new Error('Give a folder of images and a file to write.');

const images = await loadImages(folder, { size: 28, channels: 3, onError: 'skip' });
for (const { path, reason } of images.skipped) console.log(`${path} is left out: ${reason}`);

const [test, train] = images.shuffle(0).split(Math.ceil(images.size / 5));
const classifier = await createClassifier(models.softmax(train.imageShape, train.classes), { optimizer: 'adam' });
for await (const { step, loss } of classifier.fit(train, { epochs: 20 }))
  console.log(`step ${step}: loss ${loss.toFixed(3)}`);

const { accuracy, confusion } = await classifier.evaluate(test);
console.log(
  `Of ${test.size} images that it was not trained on, ${(100 * accuracy).toFixed(0)} % are classified rightly:`,
);
confusion.forEach((row, i) => console.log(`${train.classes[i] ?? ''}:`, row.join(' ')));

await writeFile(file, await classifier.save());
classifier.dispose();
