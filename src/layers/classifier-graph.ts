/** The graph of a classifier: logits, loss, accuracy, training step. */
import {
  add,
  argMax,
  assign,
  cast,
  equal,
  group,
  placeholder,
  reduceMean,
  softmaxCrossEntropy,
  variable,
  zeros,
  type Operation,
  type Tensor,
  type Variable,
} from '../index.ts';
import type { Measures } from './fit.ts';
import { resolveOptimizer, describeOptimizer, type NamedOptimizer, type OptimizerChoice } from './optimizers.ts';
import { buildModel, type BuiltModel, type Sequential } from './sequential.ts';

export class ClassifierGraph {
  readonly model: Sequential;
  readonly built: BuiltModel;
  readonly fetch: Measures;
  /** The sums of the measures over the steps since they were set to 0. They are neither saved nor trained. */
  readonly totals: { readonly [K in keyof Measures]: Variable };
  readonly newTotals: Measures;
  /** The likeliest class of each row. */
  readonly predicted: Tensor;
  /** The optimizer as plain data; `undefined` for one of the engine's. */
  readonly optimizer: NamedOptimizer | undefined;
  /** The training step; `undefined` without an optimizer. */
  readonly step: Operation | undefined;

  constructor(model: Sequential, optimizer: OptimizerChoice | undefined) {
    this.model = model;
    this.built = buildModel(model);
    const { logits } = this.built;
    const labels = placeholder('labels', [null, model.classes.length]);
    const loss = reduceMean(softmaxCrossEntropy(logits, labels));
    this.predicted = argMax(logits, 1);
    const accuracy = reduceMean(cast(equal(this.predicted, argMax(labels, 1)), 'float32'));
    this.fetch = { loss, accuracy };
    const total = (name: string): Variable => variable(`metrics/${name}`, zeros([]), { trainable: false });
    this.totals = { loss: total('loss'), accuracy: total('accuracy') };
    this.newTotals = { loss: add(this.totals.loss, loss), accuracy: add(this.totals.accuracy, accuracy) };
    this.optimizer = describeOptimizer(optimizer);
    if (optimizer === undefined) return;
    this.step = group(
      resolveOptimizer(optimizer).minimize(loss),
      assign(this.totals.loss, this.newTotals.loss),
      assign(this.totals.accuracy, this.newTotals.accuracy),
    );
  }

  /** The model's variables, layer by layer. */
  get variables(): readonly Variable[] {
    return this.built.layers.flatMap(({ variables }) => variables);
  }

  /** The optimizer's state: variables that the step updates beside the weights. */
  get slots(): readonly Variable[] {
    const others = new Set([...this.variables, ...Object.values(this.totals)]);
    return (this.step?.updates ?? []).map(({ variable }) => variable).filter((variable) => !others.has(variable));
  }
}
