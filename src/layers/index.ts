/**
 * `inkling/layers`: models of layers, and classifiers. The public names, nothing else.
 *
 * @module inkling/layers
 */
export { activation, type Activation, type ActivationLayer } from './activation.ts';
export {
  batchNormalization,
  type BatchNormalizationLayer,
  type BatchNormalizationLayerOptions,
} from './batch-normalization.ts';
export type { Classifier, Evaluation, Prediction } from './classifier.ts';
export { conv2d, type Conv2dLayer, type Conv2dLayerOptions } from './conv2d.ts';
export { dense, type DenseLayer, type DenseOptions, type KernelOptions } from './dense.ts';
export { dropout, type DropoutLayer } from './dropout.ts';
export type { FitOptions, FitProgress, FitRun, History, Score } from './fit.ts';
export { flatten, type FlattenLayer } from './flatten.ts';
export type { Images } from './images.ts';
export type { InitializerName } from './initializers.ts';
export * as models from './models.ts';
export { createClassifier, loadClassifier, type ClassifierOptions, type LoadOptions } from './open.ts';
export type { NamedOptimizer, OptimizerChoice, OptimizerName } from './optimizers.ts';
export { averagePooling2d, maxPooling2d, type PoolingLayer, type PoolingOptions } from './pooling.ts';
export { sequential, type Layer, type Sequential, type SequentialOptions } from './sequential.ts';
