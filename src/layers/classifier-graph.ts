/** What a classifier computes, as graph. */
import {
  argMax,
  cast,
  equal,
  placeholder,
  reduceMean,
  softmaxCrossEntropy,
  type Operation,
  type Tensor,
  type Variable,
} from '../index.ts';
import { createOptimizer, describeOptimizer, type NamedOptimizer, type OptimizerChoice } from './optimizers.ts';
import { buildModel, type BuiltModel, type Sequential } from './sequential.ts';

/** All that a classifier computes. */
export class ClassifierGraph {
  readonly model: Sequential;
  readonly built: BuiltModel;
  /** What may be asked of a labelled batch. */
  readonly fetch: { readonly loss: Tensor; readonly accuracy: Tensor };
  /** The likeliest class of each row. */
  readonly predicted: Tensor;
  /** How it learns, as plain data; `undefined` where that was not given as such. */
  readonly optimizer: NamedOptimizer | undefined;
  readonly step: Operation | undefined;

  constructor(model: Sequential, optimizer: OptimizerChoice | undefined) {
    this.model = model;
    this.built = buildModel(model);
    const { logits } = this.built;
    const labels = placeholder('labels', [null, model.classes.length]);
    const loss = reduceMean(softmaxCrossEntropy(logits, labels));
    this.predicted = argMax(logits, 1);
    this.fetch = { loss, accuracy: reduceMean(cast(equal(this.predicted, argMax(labels, 1)), 'float32')) };
    this.optimizer = describeOptimizer(optimizer);
    this.step = optimizer === undefined ? optimizer : createOptimizer(optimizer).minimize(loss);
  }

  /** The model's variables, layer by layer. */
  get variables(): readonly Variable[] {
    return this.built.layers.flatMap(({ variables }) => variables);
  }

  /** What the optimizer keeps beside them. */
  get slots(): readonly Variable[] {
    const weights = new Set(this.variables);
    return (this.step?.updates ?? []).map(({ variable }) => variable).filter((variable) => !weights.has(variable));
  }
}
