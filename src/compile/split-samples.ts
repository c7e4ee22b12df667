/**
 * Splits a graph over a whole data set into parts that are computed chunk by chunk, and the rest, which is computed once from
 * the combined parts. So the result is that of the whole set, for any function of sums: means, ratios, roots.
 */
import { GraphError, UsageError } from '../errors.ts';
import { isConstant, placeholder, type Placeholder } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { elementsOf, sizesOf } from './known-shapes.ts';
import { addSampleKinds, axisOf, inStep, type SampleKind } from './samples.ts';
import { specialize } from './specialize.ts';
import { withInputs } from './structure.ts';

/** A tensor that is computed for each chunk, and the way to combine its values. */
export interface Part {
  readonly fold: 'same' | 'join' | 'sum' | 'max' | 'min';
  /** The axis of `join`. */
  readonly axis: number;
  /** The placeholder of the combined value. */
  readonly value: Placeholder;
}

/** A fetch of the whole set. */
export interface SplitFetch {
  /** A part's value, or a tensor computed from parts' values. */
  readonly tensor: Tensor;
  /** Set where only elementwise ops compute it from constants and parts, which are single numbers or of its own shape. */
  readonly isElementwise: boolean;
}

export interface Split {
  readonly parts: readonly Part[];
  readonly fetches: readonly SplitFetch[];
  /** The tensors to compute for a chunk of `rows` rows, one per part. */
  chunk(rows: number): Tensor[];
}

export interface SplitRequest {
  readonly fetches: readonly Tensor[];
  /** The fetches' names in errors. */
  readonly names: readonly string[];
  /** The number of samples of the whole set. */
  readonly rows: number;
  /** The placeholders' shapes for a number of samples. */
  readonly shapesAt: (rows: number) => ReadonlyMap<Tensor, readonly number[]>;
  readonly training: boolean;
}

/**
 * @throws UsageError where a fetch cannot be combined from chunks; GraphError where sizes, now known, do not fit.
 */
export function splitSamples(request: SplitRequest): Split {
  const { rows } = request;
  const roots = graphAt(request, rows);
  const kinds = kindsOf(request, roots);
  const parts = new Map<Tensor, Part>();
  const partFor = (node: Tensor, kind: SampleKind | undefined): Tensor => {
    const known = parts.get(node);
    if (known !== undefined) return known.value;
    const fold = kind === undefined || kind.is === 'whole' || kind.is === 'mixed' ? 'same' : kind.is;
    const value = placeholder(`evaluate/${parts.size}`, sizesOf(node), node.dtype);
    parts.set(node, { fold, axis: axisOf(kind) ?? 0, value });
    return value;
  };
  const fetches = roots.map((root): SplitFetch => {
    const kind = kinds.get(root);
    if (kind?.is !== 'whole') return { tensor: partFor(root, kind), isElementwise: false };
    const rest = topologicalOrder([root]).filter((node) => kinds.get(node)?.is === 'whole');
    const isElementwise = rest.every(isMapOfEqualShapes);
    const built = new Map<Tensor, Tensor>();
    const inputFor = (input: Tensor): Tensor => {
      const kind = kinds.get(input);
      const isIncluded = kind?.is === 'same' && (!isElementwise || isConstant(input));
      return built.get(input) ?? (isIncluded ? input : partFor(input, kind));
    };
    for (const node of rest) built.set(node, withInputs(node, node.inputs.map(inputFor)));
    return { tensor: built.get(root) ?? root, isElementwise };
  });
  return {
    parts: [...parts.values()],
    fetches,
    chunk(count) {
      const built = new Map<Tensor, Tensor>();
      for (const [node, chunk] of inStep(roots, graphAt(request, count))) {
        // `same` tensors are those of the whole set, so sizes such as the divisor of a mean are right.
        const inputs = node.inputs.map((input) => built.get(input) ?? input);
        built.set(node, kinds.get(node)?.is === 'same' ? node : withInputs(chunk, inputs));
      }
      return [...parts.keys()].map((node) => built.get(node) ?? node);
    },
  };
}

function graphAt({ fetches, shapesAt, training }: Omit<SplitRequest, 'names'>, rows: number): Tensor[] {
  const specialized = specialize(fetches, shapesAt(rows), training);
  return fetches.map((fetch) => specialized.get(fetch) ?? fetch);
}

/** @throws UsageError where a fetch cannot be combined from chunks. */
function kindsOf({ names, ...request }: SplitRequest, roots: readonly Tensor[]): Map<Tensor, SampleKind> {
  const kinds = new Map<Tensor, SampleKind>();
  for (const [i, root] of roots.entries()) {
    try {
      const doubled = graphAt({ ...request, fetches: request.fetches.slice(i, i + 1) }, 2 * request.rows);
      addSampleKinds(kinds, [root], doubled, request.rows);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      throw refusal(names[i], 'its graph fits one number of samples only', { cause: error });
    }
    const kind = kinds.get(root);
    if (kind?.is === 'mixed') throw refusal(names[i], kind.why);
  }
  return kinds;
}

function refusal(name: string | undefined, why: string, options?: ErrorOptions): UsageError {
  return new UsageError(
    `evaluate: '${name}' cannot be combined from chunks of the data set: ${why}. ` +
      `Fetch its inputs, or run it on the whole set: session.run(fetches, data).`,
    options,
  );
}

/** Tells whether element i of the result depends on element i of each input, or on the input's only element. */
function isMapOfEqualShapes(node: Tensor): boolean {
  return (
    node.op.kernel.kind === 'map' &&
    node.inputs.every((input) => elementsOf(input) === 1 || sizesOf(input).join() === sizesOf(node).join())
  );
}
