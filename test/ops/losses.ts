/** Rows of the table as losses: scalars with feeds, whose first and second gradients are checked. */
import { evaluate, type Feed } from '../reference/evaluate.ts';
import { add, gradients, mul, placeholder, reduceSum, type Placeholder, type Tensor } from '../../src/index.ts';
import { between, placeholdersOf, shapeAt, valuesAt, type OpCase } from './table.ts';

export interface Loss {
  readonly loss: Tensor;
  readonly feeds: ReadonlyMap<Placeholder, Feed>;
}

/** Σ weight · result, or of what `of` makes of it, and what it is fed at a batch. */
export function lossOf(testCase: OpCase, of = (result: Tensor): Tensor => result): (batch: number) => Loss {
  const inputs = placeholdersOf(testCase);
  const result = of(testCase.build(...inputs));
  const weights = placeholder(
    'weights',
    result.shape.map(() => null),
  );
  const loss = reduceSum(mul<Tensor, Tensor>(result, weights));
  return (batch) => {
    const feeds = new Map<Placeholder, Feed>();
    testCase.inputs.forEach((input, i) => {
      const to = inputs[i];
      if (to !== undefined) feeds.set(to, { data: valuesAt(input, batch), shape: shapeAt(input.shape, batch) });
    });
    const [{ shape, data } = { shape: [], data: [] }] = evaluate([result], feeds, { training: true });
    feeds.set(weights, { data: Array.from(data, (_, i) => between(0.5, 2, 0.7)(i)), shape });
    return { loss, feeds };
  };
}

/** The inputs of a row that have gradients. */
export function floats({ feeds }: Loss): Placeholder[] {
  return [...feeds.keys()].filter(({ dtype, name }) => dtype === 'float32' && name !== 'weights');
}

/** How a loss grows as all its inputs move along a direction at once: its gradient is a product with the Hessian. */
export function growth({ loss, feeds }: Loss, inputs: readonly Placeholder[]): Loss {
  const slopes = gradients(loss, inputs);
  const fed = new Map(feeds);
  const terms = inputs.map((input, i): Tensor => {
    const { data, shape } = feeds.get(input) ?? { data: [], shape: [] };
    const direction: Placeholder = placeholder(`direction ${i}`, input.shape);
    fed.set(direction, { data: Array.from(data, (_, k) => between(-1, 1.5, 0.37 * i)(k)), shape });
    return reduceSum(mul<Tensor, Tensor>(slopes[i] ?? loss, direction));
  });
  return { loss: terms.reduce((a, b): Tensor => add<Tensor, Tensor>(a, b)), feeds: fed };
}
