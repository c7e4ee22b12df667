/**
 * Dropout: in training, elements set to zero at random. Which ones is computed where the result is: there is no state.
 */
import { UsageError } from '../errors.ts';
import type { Attrs, Op } from '../graph/op.ts';
import { hashName, randomWord } from '../graph/random.ts';
import type { Shape } from '../graph/shape.ts';
import { stepKey } from '../graph/sources.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { checkDType, FLOAT, input, literal } from './elementwise.ts';
import { mul } from './mul.ts';

interface DropoutAttrs extends Attrs {
  readonly rate: number;
  /** 32 bits that set one dropout's numbers apart from another's. */
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
  // The same elements are dropped from the adjoint, or, outside of training, none.
  gradient: (node, dy) => [createTensor(dropoutOp, [dy], node.attrs)],
  resolve(inputs, attrs, training) {
    const x = input(inputs, 0);
    if (!training || attrs.rate === 0) return x;
    return mul<Tensor, Tensor>(x, createTensor(maskOp, [stepKey()], { ...attrs, shape: x.shape }));
  },
  kernel: { kind: 'source' },
};

/** What elements are multiplied by: 0, or what makes up for those that are dropped. */
const maskOp: Op<MaskAttrs> = {
  name: 'dropoutMask',
  infer: (_, { shape }) => ({ shape, dtype: 'float32' }),
  kernel: {
    kind: 'index',
    wgsl(_, { rate, place }, index, load) {
      const word = `randomWord(u32(${load(0, '0u')}), ${place}u, ${index})`;
      return `select(${literal(1 / (1 - rate), 'float32')}, 0.0, ${word} < ${threshold(rate)}u)`;
    },
    js(_, { rate, place }) {
      const [dropped, scale] = [threshold(rate), 1 / (1 - rate)];
      return (index, load) => (randomWord(load(0, 0), place, index) < dropped ? 0 : scale);
    },
  },
};

/** Of the 2³² words, those below it drop an element. */
function threshold(rate: number): number {
  return Math.floor(rate * 2 ** 32);
}

/**
 * In training, `x` with every element set to zero with probability `rate` and the others multiplied by `1 / (1 - rate)`, so
 * that sums stay as they are on average; otherwise `x` itself. As Keras' `Dropout`.
 *
 * Which elements are dropped is decided by the session's seed, the number of the step, the element's place in `x` and
 * `name`; without a name by how `x` is computed. So two dropouts of the same tensor drop alike unless they have names.
 *
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
 *
 * @throws UsageError where the rate is not from 0 to less than 1; GraphError where `x` is not float32.
 */
export function dropout<S extends Shape>(
  x: Tensor<S>,
  rate: number,
  { name }: { readonly name?: string | undefined } = {},
): Tensor<S> {
  if (!(rate >= 0 && rate < 1)) {
    throw new UsageError(`dropout: the rate is ${rate}; give the share to drop, from 0 to less than 1, e.g. 0.5.`);
  }
  return createTensor(dropoutOp, [x], { rate, place: hashName(name ?? pathTo(x)) }, name);
}

/** How a tensor is computed, as text: the same whenever a program builds it, whatever else it builds. */
function pathTo(x: Tensor): string {
  const places = new Map<Tensor, number>();
  return topologicalOrder([x])
    .map((node) => {
      places.set(node, places.size);
      const attrs = JSON.stringify(node.attrs, (_, value: unknown) => (ArrayBuffer.isView(value) ? null : value));
      return `${node.op.name} ${node.name} ${attrs} ${node.inputs.map((one) => places.get(one)).join()}`;
    })
    .join('\n');
}
