/**
 * Preparation of a graph for the CPU: its kernels in order, and the arrays they read and write.
 */
import { GraphError } from '../errors.ts';
import { allocate, type DType, type TypedArray } from '../graph/dtype.ts';
import type { NDArray } from '../graph/ndarray.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { constantValue, isConstant, placeholder, stepKeyOp } from '../graph/sources.ts';
import { describeTensor, type Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { concreteShape, wholeKernel, type CpuKernel, type Operand, type Values } from './kernel.ts';
import { indexKernel, mapKernel } from './map.ts';
import { matmulKernel } from './matmul.ts';
import { reduceKernel } from './reduce.ts';

/** Storage of float32 tensors: rounded, or in float64 throughout. */
export type Precision = 'float32' | 'float64';

/** The mode, and the array of the step's key for ops that use random numbers. */
export interface Mode {
  readonly training: boolean;
  readonly stepKey: Int32Array;
}

/** Pool of arrays by dtype and length. */
export class ArrayPool {
  readonly #precision: Precision;
  readonly #free = new Map<string, Values[]>();
  /** Bytes of all arrays created. */
  bytes = 0;

  constructor(precision: Precision) {
    this.#precision = precision;
  }

  take(dtype: DType, length: number): Values {
    const reused = this.#free.get(`${dtype} ${length}`)?.pop();
    if (reused !== undefined) return reused;
    const wide = dtype === 'float32' && this.#precision === 'float64';
    const values = wide ? new Float64Array(length) : allocate(dtype, length);
    this.bytes += values.byteLength;
    return values;
  }

  give(dtype: DType, values: Values): void {
    const key = `${dtype} ${values.length}`;
    const free = this.#free.get(key) ?? [];
    free.push(values);
    this.#free.set(key, free);
  }
}

/** The kernels of a graph, in order, and the arrays of its sources and results. */
export interface Prepared {
  readonly kernels: readonly CpuKernel[];
  /** The node that each kernel computes. */
  readonly nodes: ReadonlyMap<CpuKernel, Tensor>;
  /** The array of a source or a result. */
  readonly values: (tensor: Tensor) => Values;
}

/**
 * Creates the kernels of `order` (inputs before consumers, all sizes known).
 * Values of sources are in `sources`. The arrays of `results` are not reused for other tensors.
 */
export function prepare(
  order: readonly Tensor[],
  sources: ReadonlyMap<Tensor, Values>,
  results: readonly Tensor[],
  pool: ArrayPool,
  mode: Mode,
): Prepared {
  const lastUse = lastUses(order);
  const resultOwners = new Set(results.map(owner));
  const arrays = new Map<Tensor, Values>();
  const valuesOf = (tensor: Tensor): Values => {
    const values = sources.get(tensor) ?? arrays.get(owner(tensor)) ?? sources.get(owner(tensor));
    if (values === undefined) throw new GraphError(`${describeTensor(tensor)} has no value; feed it.`);
    return values;
  };
  const kernels: CpuKernel[] = [];
  const nodes = new Map<CpuKernel, Tensor>();
  order.forEach((node, i) => {
    if (sources.has(node) || owner(node) !== node) return;
    const given = isConstant(node) ? constantValue(node) : node.op === stepKeyOp ? mode.stepKey : undefined;
    if (given !== undefined) {
      arrays.set(node, given);
      return;
    }
    const inputs = node.inputs.map((input): Operand => ({ values: valuesOf(input), shape: concreteShape(input) }));
    const first = kernels.length;
    arrays.set(node, prepareNode(node, inputs, pool, mode, kernels));
    for (const kernel of kernels.slice(first)) nodes.set(kernel, node);
    for (const input of new Set(node.inputs.map(owner))) {
      const values = arrays.get(input);
      const isFree = lastUse.get(input) === i && !resultOwners.has(input) && !isGiven(input);
      if (isFree && values !== undefined) pool.give(input.dtype, values);
    }
  });
  return { kernels, nodes, values: valuesOf };
}

/** The tensor that has the array of `tensor`: itself, or the one that it is an alias of. */
function owner(tensor: Tensor): Tensor {
  let of = tensor;
  for (let [input] = of.inputs; of.op.kernel.kind === 'alias' && input !== undefined; [input] = of.inputs) of = input;
  return of;
}

/** Tells whether the tensor's array does not belong to the pool. */
function isGiven(tensor: Tensor): boolean {
  return isConstant(tensor) || tensor.op === stepKeyOp;
}

/** For each owner, the index in `order` of the last node that reads it, through aliases too. */
function lastUses(order: readonly Tensor[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  order.forEach((node, i) => {
    for (const input of node.inputs) uses.set(owner(input), i);
  });
  return uses;
}

/** Appends a node's kernels and returns the array they fill. */
function prepareNode(
  node: Tensor,
  inputs: readonly Operand[],
  pool: ArrayPool,
  mode: Mode,
  kernels: CpuKernel[],
): Values {
  const standIns = node.inputs.map((input, i): Tensor => placeholder(`input ${i}`, input.shape, input.dtype));
  const result = expansionOf(node, standIns, mode);
  if (result === undefined) {
    const out = pool.take(node.dtype, sizeOfShape(concreteShape(node)));
    kernels.push(kernelOf(node, inputs, out));
    return out;
  }
  const sources = new Map(standIns.map((standIn, i) => [standIn, inputs[i]?.values ?? new Uint8Array()]));
  const expansion = prepare(topologicalOrder([result]), sources, [result], pool, mode);
  kernels.push(...expansion.kernels);
  const values = expansion.values(result);
  if (!sources.has(owner(result)) && !isGiven(owner(result))) return values;
  // An array of an input or a constant is copied, since the pool gets the node's array back later.
  const out = pool.take(node.dtype, values.length);
  kernels.push(wholeKernel(() => out.set(values)));
  return out;
}

/** The node's expansion to simpler ops, with placeholders as inputs; `undefined` where it has a kernel. */
function expansionOf({ op, attrs }: Tensor, inputs: readonly Tensor[], { training }: Mode): Tensor | undefined {
  if (op.resolve !== undefined) return op.resolve(inputs, attrs, training);
  return op.kernel.kind === 'expand' && op.kernel.cpu === undefined ? op.kernel.expand(inputs, attrs) : undefined;
}

function kernelOf(node: Tensor, inputs: readonly Operand[], out: Values): CpuKernel {
  const { kernel } = node.op;
  const [a, b] = inputs;
  switch (kernel.kind) {
    case 'map':
      return mapKernel(node, kernel, inputs, out);
    case 'index':
      return indexKernel(node, kernel, inputs, out);
    case 'reduce':
      if (a !== undefined) return reduceKernel(node, kernel, a, out);
      break;
    case 'matmul':
      if (a !== undefined && b !== undefined) return matmulKernel(node, a, b, out);
      break;
    case 'expand': {
      const arrays = inputs.map(({ values }, i) => ndarray(node.inputs[i] ?? node, values));
      return wholeKernel(() => {
        out.fill(0);
        kernel.cpu?.(arrays, ndarray(node, out), node.attrs);
      });
    }
    case 'source':
    case 'alias':
      break;
    default:
      return kernel satisfies never;
  }
  throw new GraphError(`${describeTensor(node)} has no value; feed it.`);
}

/** The argument of an op's own CPU function, which reads and writes float64 arrays as well. */
function ndarray(tensor: Tensor, values: Values): NDArray {
  return { data: values as TypedArray, shape: concreteShape(tensor), dtype: tensor.dtype };
}
