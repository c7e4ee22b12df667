/**
 * The engine's public names.
 *
 * @module inkling
 */
export {
  DataError,
  DeviceError,
  FeedError,
  GraphError,
  InklingError,
  NumericsError,
  ShaderError,
  UsageError,
} from './errors.ts';
export type { DType, TypedArray } from './graph/dtype.ts';
export { gradients } from './graph/gradients.ts';
export { fill, glorotUniform, heNormal, ones, truncatedNormal, zeros } from './graph/initializers.ts';
export type { NDArray, NestedArray } from './graph/ndarray.ts';
export { assign, group, Operation } from './graph/operation.ts';
export type { Dim, Shape } from './graph/shape.ts';
export { constant, placeholder, variable, type Initializer, type Placeholder, type Variable } from './graph/sources.ts';
export type { Tensor } from './graph/tensor.ts';
export { abs } from './ops/abs.ts';
export { add } from './ops/add.ts';
export { argMax } from './ops/arg-max.ts';
export { argMin } from './ops/arg-min.ts';
export { batchMatmul } from './ops/batch-matmul.ts';
export { batchNormalization, type BatchNormalizationOptions } from './ops/batch-normalization.ts';
export { cast } from './ops/cast.ts';
export { ceil } from './ops/ceil.ts';
export { clip } from './ops/clip.ts';
export { equal, greater, greaterEqual, less, lessEqual, notEqual } from './ops/compare.ts';
export { concat } from './ops/concat.ts';
export { conv2d, type Conv2dOptions } from './ops/conv2d.ts';
export { defineOp, type GradientOf, type OpDefinition, type OwnOp } from './ops/define-op.ts';
export { div } from './ops/div.ts';
export { dropout } from './ops/dropout.ts';
export type { Operand } from './ops/elementwise.ts';
export { elu } from './ops/elu.ts';
export { exp } from './ops/exp.ts';
export { expm1 } from './ops/expm1.ts';
export { floor } from './ops/floor.ts';
export { gather } from './ops/gather.ts';
export { erf, gelu } from './ops/gelu.ts';
export { identity, stopGradient } from './ops/identity.ts';
export { isFinite } from './ops/is-finite.ts';
export { isNaN } from './ops/is-nan.ts';
export { log } from './ops/log.ts';
export { log1p } from './ops/log1p.ts';
export { logicalNot } from './ops/logical-not.ts';
export { logicalAnd, logicalOr } from './ops/logical.ts';
export { matmul, type MatmulOptions } from './ops/matmul.ts';
export { maximum, minimum } from './ops/maximum.ts';
export { mod } from './ops/mod.ts';
export { mul } from './ops/mul.ts';
export { neg } from './ops/neg.ts';
export { oneHot } from './ops/one-hot.ts';
export type { Padding, Pair } from './ops/unfold.ts';
export { avgPool2d, maxPool2d, type PoolOptions } from './ops/pool-2d.ts';
export { pow } from './ops/pow.ts';
export { randomNormal, randomUniform, type RandomNormalOptions, type RandomUniformOptions } from './ops/random.ts';
export { range } from './ops/range.ts';
export { reciprocal } from './ops/reciprocal.ts';
export { reduceMax, reduceMin } from './ops/reduce-max.ts';
export { reduceMean } from './ops/reduce-mean.ts';
export { reduceSum } from './ops/reduce-sum.ts';
export type { ReduceOptions } from './ops/reduce.ts';
export { leakyRelu, relu } from './ops/relu.ts';
export { expandDims, flatten, reshape, squeeze } from './ops/reshape.ts';
export { reverse } from './ops/reverse.ts';
export { round } from './ops/round.ts';
export { sigmoid } from './ops/sigmoid.ts';
export { sigmoidCrossEntropy } from './ops/sigmoid-cross-entropy.ts';
export { sign } from './ops/sign.ts';
export { silu } from './ops/silu.ts';
export { cos, sin } from './ops/sin.ts';
export { pad, slice } from './ops/slice.ts';
export { softmaxCrossEntropy } from './ops/softmax-cross-entropy.ts';
export { logSoftmax, softmax } from './ops/softmax.ts';
export { softplus } from './ops/softplus.ts';
export { split } from './ops/split.ts';
export { sqrt } from './ops/sqrt.ts';
export { square } from './ops/square.ts';
export { stack, unstack } from './ops/stack.ts';
export { sub } from './ops/sub.ts';
export { tanh } from './ops/tanh.ts';
export { tile } from './ops/tile.ts';
export { topK, type TopK } from './ops/top-k.ts';
export { transpose } from './ops/transpose.ts';
export { where } from './ops/where.ts';
export { adagrad, type AdagradOptions } from './optimizers/adagrad.ts';
export { adam, adamW, type AdamOptions, type AdamWOptions } from './optimizers/adam.ts';
export { gradientDescent } from './optimizers/gradient-descent.ts';
export { momentum, type MomentumOptions } from './optimizers/momentum.ts';
export type {
  LearningRate,
  LearningRateSchedule as Schedule,
  MinimizeOptions,
  Optimizer,
} from './optimizers/optimizer.ts';
export { rmsProp, type RmsPropOptions } from './optimizers/rms-prop.ts';
export {
  cosineDecay,
  exponentialDecay,
  oneCycle,
  type CosineDecayOptions,
  type ExponentialDecayOptions,
  type OneCycleOptions,
} from './optimizers/schedules.ts';
export type { AdapterDescription } from './compile/backend.ts';
export type { BufferSummary, KernelSummary, Plan, ScheduleChoice } from './compile/plan.ts';
export type { Column } from './graph/column.ts';
export { createSession, type SessionOptions } from './session/create-session.ts';
export { releaseDevice } from './session/targets.ts';
export type { EvaluateOptions } from './session/evaluate.ts';
export type { KernelTiming } from './compile/explain.ts';
export type { Feed, Feeds } from './session/feeds.ts';
export type { Fetches, Results, Value } from './session/fetches.ts';
export type { RunOptions, Session } from './session/session.ts';
export type { Restored, RestoreOptions } from './session/snapshot.ts';
export type { History, Progress, TrainingRun, TrainOptions } from './session/train.ts';
