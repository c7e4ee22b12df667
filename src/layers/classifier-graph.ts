/** The graph of a classifier: logits, loss, accuracy, training step. */
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
import { resolveOptimizer, describeOptimizer, type NamedOptimizer, type OptimizerChoice } from './optimizers.ts';
import { buildModel, type BuiltModel, type Sequential } from './sequential.ts';

export class ClassifierGraph {
  readonly model: Sequential;
  readonly built: BuiltModel;
  /** Measures of a labelled batch. */
  readonly fetch: { readonly loss: Tensor; readonly accuracy: Tensor };
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
    this.fetch = { loss, accuracy: reduceMean(cast(equal(this.predicted, argMax(labels, 1)), 'float32')) };
    this.optimizer = describeOptimizer(optimizer);
    this.step = optimizer === undefined ? optimizer : resolveOptimizer(optimizer).minimize(loss);
  }

  /** The model's variables, layer by layer. */
  get variables(): readonly Variable[] {
    return this.built.layers.flatMap(({ variables }) => variables);
  }

  /** The optimizer's state: variables that the step updates beside the weights. */
  get slots(): readonly Variable[] {
    const weights = new Set(this.variables);
    return (this.step?.updates ?? []).map(({ variable }) => variable).filter((variable) => !weights.has(variable));
  }
}
