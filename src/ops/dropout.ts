/**
 * Dropout: sets random elements to zero in training. The mask is a function of the step's key and the element's index, so
 * there is no state.
 */
import { checkOptions, checkText, show } from '../checks.ts';
import { GraphError, UsageError } from '../errors.ts';
import type { Attrs, Op } from '../graph/op.ts';
import { hashName, randomWord } from '../graph/random.ts';
import type { Shape } from '../graph/shape.ts';
import { u32, wgsl } from '../graph/snippet.ts';
import { stepKey } from '../graph/sources.ts';
import { checkTensor, createTensor, describeTensor, input, Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { div } from './div.ts';
import { checkDType, FLOAT, literal } from './elementwise.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

interface DropoutAttrs extends Attrs {
  /** `undefined` where the rate is the second input. */
  readonly rate: number | undefined;
  /** The salt of the random numbers, 32 bits: it differs from one dropout to the next. {@link pathTo} depends on the key. */
  readonly place: number;
}

interface MaskAttrs extends DropoutAttrs {
  readonly shape: Shape;
}

const dropoutOp: Op<DropoutAttrs> = {
  name: 'dropout',
  infer(inputs) {
    const x = input(inputs, 0);
    checkDType('dropout', x, FLOAT);
    return x;
  },
  // The adjoint drops the same elements, or none outside of training.
  gradient: (node, dy) => [createTensor(dropoutOp, [dy, ...node.inputs.slice(1)], node.attrs)],
  resolve(inputs, attrs, training) {
    const [x, rate] = [input(inputs, 0), inputs[1]];
    if (!training || attrs.rate === 0) return x;
    const fed = rate === undefined ? [] : [rate, div<number, Tensor>(1, sub(1, rate))];
    return mul<Tensor, Tensor>(x, createTensor(maskOp, [stepKey(), ...fed], { ...attrs, shape: x.shape }));
  },
  kernel: { kind: 'source' },
};

/**
 * The factor of each element: 0 where it is dropped, else 1 / (1 - rate). Inputs: the step's key and, where the rate is a
 * tensor, the rate and 1 / (1 - rate). A rate outside [0, 1] makes all factors NaN, which stops a step.
 */
const maskOp: Op<MaskAttrs> = {
  name: 'dropoutMask',
  infer: (_, { shape }) => ({ shape, dtype: 'float32' }),
  kernel: {
    kind: 'index',
    wgsl(_, { rate, place: salt }, index, load) {
      const word = wgsl`randomWord(u32(${load(0, u32(0))}), ${salt}u, ${index})`;
      if (rate !== undefined)
        return wgsl`select(${literal(1 / (1 - rate), 'float32')}, 0.0, ${word} < ${threshold(rate)}u)`;
      const [fed, scale] = [load(1, u32(0)), load(2, u32(0))];
      const factor = wgsl`select(${scale}, 0.0, (${word} < u32(${fed} * 4294967296.0)) | (${fed} == 1.0))`;
      // Compares bits, since implementations may assume that there is no NaN.
      const wrong = wgsl`(${fed} < 0.0) | ((bitcast<u32>(${fed}) & 0x7fffffffu) > 0x3f800000u)`;
      return wgsl`bitcast<f32>(select(bitcast<u32>(${factor}), 0x7fc00000u, ${wrong}))`;
    },
    js(_, { rate, place: salt }) {
      if (rate !== undefined) {
        const [dropped, scale] = [threshold(rate), 1 / (1 - rate)];
        return (index, load) => (randomWord(load(0, 0), salt, index) < dropped ? 0 : scale);
      }
      return (index, load) => {
        const fed = load(1, 0);
        if (!(fed >= 0 && fed <= 1)) return NaN;
        return randomWord(load(0, 0), salt, index) < threshold(fed) ? 0 : load(2, 0);
      };
    },
  },
};

/** The bound below which a random word drops an element. */
function threshold(rate: number): number {
  return Math.floor(rate * 2 ** 32);
}

/**
 * In training, sets each element of `x` to zero with probability `rate` and multiplies the others by `1 / (1 - rate)`, which
 * keeps the expected sum; otherwise returns `x`. As Keras' `Dropout`.
 *
 * A rate that is a tensor is evaluated at each run: `dropout(x, sub(1, keep))`. It drops the same elements as a number of the
 * same value in float32. Its range is 0 to 1, where 1 drops all; any other rate, NaN included, makes the result NaN, which
 * stops an optimizer's step. No gradient flows to it.
 *
 * The dropped elements depend on the session's seed, the number of the step, the element's index in `x` and `name`; without
 * a name, on the graph of `x`. So two dropouts of the same tensor drop the same elements unless they have names.
 *
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
 *
 * @param rate - A number from 0 to less than 1, or a float32 scalar.
 * @throws UsageError where a number is not from 0 to less than 1; GraphError where `x` is not float32, or a tensor is not a
 * float32 scalar.
 */
export function dropout<S extends Shape>(
  x: Tensor<S>,
  rate: number | Tensor,
  options: { readonly name?: string | undefined } = {},
): Tensor<S> {
  checkTensor('dropout', x);
  checkOptions('dropout', options);
  const { name } = options;
  if (name !== undefined) checkText('dropout: the name', name);
  const place = hashName(name ?? pathTo(x));
  if (rate instanceof Tensor) {
    if (rate.shape.length === 0 && rate.dtype === 'float32')
      return createTensor(dropoutOp, [x, rate], { rate: undefined, place }, name);
    throw new GraphError(
      `dropout: the rate ${describeTensor(rate)} of ${rate.dtype} is not a float32 scalar; give a number, or e.g. placeholder('rate', []).`,
    );
  }
  if (typeof rate !== 'number' || !(rate >= 0 && rate < 1)) {
    throw new UsageError(
      `dropout: the rate is ${show(rate)}; give the fraction to drop, from 0 to less than 1, e.g. 0.5.`,
    );
  }
  return createTensor(dropoutOp, [x], { rate, place }, name);
}

/**
 * The graph of a tensor as text, which does not depend on other graphs of the program. Random numbers derive from it, so the
 * names of ops and of their attributes stay as they are.
 */
function pathTo(x: Tensor): string {
  const numbers = new Map<Tensor, number>();
  return topologicalOrder([x])
    .map((node) => {
      numbers.set(node, numbers.size);
      const attrs = JSON.stringify(node.attrs, (_, value: unknown) => (ArrayBuffer.isView(value) ? null : value));
      return `${node.op.name} ${node.name} ${attrs} ${node.inputs.map((input) => numbers.get(input)).join()}`;
    })
    .join('\n');
}
