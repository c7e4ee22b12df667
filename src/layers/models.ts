/**
 * The three models of the demo, the codelab's and two deeper ones, as functions of an image's shape and the classes.
 */
import { activation } from './activation.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { flatten } from './flatten.ts';
import { maxPooling2d } from './pooling.ts';
import { sequential, type Sequential } from './sequential.ts';

/** Names of the classes, or how many there are. @inline */
type Classes = readonly string[] | number;

/** The number of classes; 1 for invalid ones, which `sequential` refuses. */
const countOf = (classes: Classes): number =>
  Array.isArray(classes) ? classes.length : Number.isSafeInteger(classes) && Number(classes) > 0 ? Number(classes) : 1;

/** Softmax regression, y = softmax(xW + b) with W = 0 at first: the codelab's model. */
export function softmax(input: readonly number[], classes: Classes): Sequential {
  const last = dense({ units: countOf(classes), activation: 'softmax', kernelInitializer: 'zeros' });
  return sequential({ input, classes, layers: [flatten(), last] });
}

/**
 * Five fully connected layers, 200-100-60-30 with ReLU and one of as many units as there are classes.
 * Source: M. Görner, "TensorFlow and deep learning, without a PhD".
 */
export function mlp(input: readonly number[], classes: Classes): Sequential {
  const hidden = [200, 100, 60, 30].map((units) => dense({ units, activation: 'relu' }));
  const last = dense({ units: countOf(classes), activation: 'softmax' });
  return sequential({ input, classes, layers: [flatten(), ...hidden, last] });
}

/** A convolutional network: 24 filters of 5×5, 32 of 3×3, each pooled by 2 and with ReLU; 256 units; the classes. */
export function cnn(input: readonly number[], classes: Classes): Sequential {
  return sequential({
    input,
    classes,
    layers: [
      conv2d({ filters: 24, kernelSize: 5 }),
      maxPooling2d(),
      activation('relu'),
      conv2d({ filters: 32, kernelSize: 3 }),
      maxPooling2d(),
      activation('relu'),
      flatten(),
      dense({ units: 256, activation: 'relu' }),
      dense({ units: countOf(classes), activation: 'softmax' }),
    ],
  });
}
