/**
 * Evaluation of tensors without a session, in float32 or in float64: the oracle of the tests.
 */
import type { DType } from '../../src/graph/dtype.ts';
import { stepKeyOf } from '../../src/graph/permutation.ts';
import { randomStream } from '../../src/graph/random.ts';
import { Placeholder, Variable } from '../../src/graph/sources.ts';
import { createTensor, Tensor } from '../../src/graph/tensor.ts';
import { rebuild, topologicalOrder } from '../../src/graph/walk.ts';
import { concreteShape, type Values } from '../../src/cpu/kernel.ts';
import { ArrayPool, prepare, type Precision } from '../../src/cpu/prepare.ts';

/** A value to compute with; its dtype is that of the tensor it is fed to. */
export interface Feed {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** A computed value, float32 tensors in float64 where so asked for. */
export interface Result extends Feed {
  readonly data: Values;
  readonly dtype: DType;
}

export interface EvaluateOptions {
  readonly precision?: Precision;
  /** Training mode; default false. */
  readonly training?: boolean;
  /** What random numbers depend on; default 0. */
  readonly seed?: number;
  readonly step?: number;
}

/**
 * The values of `fetches`, given those of placeholders.
 * Variables may be fed too; those that are not have their initial values of the seed.
 */
export function evaluate(
  fetches: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, Feed> = new Map(),
  { precision = 'float32', training = false, seed = 0, step = 0 }: EvaluateOptions = {},
): Result[] {
  const sized = rebuild(fetches, (node, inputs) => {
    if (inputs.length > 0) return createTensor(node.op, inputs, node.attrs, node.name);
    const shape = node instanceof Placeholder ? feeds.get(node)?.shape : undefined;
    return shape === undefined ? node : new Tensor(node.op, [], node.attrs, shape, node.dtype, node.name);
  });
  const roots = fetches.map((fetch) => sized.get(fetch) ?? fetch);
  const pool = new ArrayPool(precision);
  const sources = new Map<Tensor, Values>();
  for (const [node, sizedNode] of sized) {
    const initial = node instanceof Variable ? node.initial.values(randomStream(seed, node.name)) : undefined;
    const data = feeds.get(node)?.data ?? initial;
    if (data === undefined) continue;
    const values = pool.take(node.dtype, data.length);
    values.set(data);
    sources.set(sizedNode, values);
  }
  const prepared = prepare(topologicalOrder(roots), sources, roots, pool, {
    training,
    stepKey: Int32Array.of(stepKeyOf(seed, step)),
  });
  for (const kernel of prepared.kernels) kernel.run(0, kernel.units);
  return roots.map((root) => ({ data: prepared.values(root).slice(), shape: concreteShape(root), dtype: root.dtype }));
}
