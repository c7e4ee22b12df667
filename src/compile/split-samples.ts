/**
 * Splits a graph of a whole data set into what can be computed chunk by chunk, and the rest, computed once from the chunks'
 * values put together. So the result is that of the whole set, whatever the rest makes of it: means, ratios, roots.
 */
import { GraphError, UsageError } from '../errors.ts';
import { isConstant, placeholder, type Placeholder } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { elementsOf, sizesOf } from './known-shapes.ts';
import { addSampleKinds, axisOf, inStep, type SampleKind } from './samples.ts';
import { specialize } from './specialize.ts';
import { withInputs } from './structure.ts';

/** What is computed for each chunk, and how the values are put together. */
export interface Part {
  readonly fold: 'same' | 'join' | 'sum' | 'max' | 'min';
  /** Along which axis, for `join`. */
  readonly axis: number;
  /** It stands for the value of the whole set. */
  readonly value: Placeholder;
}

/** A fetch of the whole set. */
export interface SplitFetch {
  /** A part's value, or computed from such. */
  readonly tensor: Tensor;
  /** Whether it is made of elementwise ops only, of constants and of parts that are single numbers or of its own shape. */
  readonly isElementwise: boolean;
}

export interface Split {
  readonly parts: readonly Part[];
  readonly fetches: readonly SplitFetch[];
  /** What to compute for a chunk of so many rows, one tensor a part. */
  chunk(rows: number): Tensor[];
}

export interface SplitRequest {
  readonly fetches: readonly Tensor[];
  /** What errors call them. */
  readonly names: readonly string[];
  /** Samples of the whole set. */
  readonly rows: number;
  /** The placeholders' shapes for a number of samples. */
  readonly shapesAt: (rows: number) => ReadonlyMap<Tensor, readonly number[]>;
  readonly training: boolean;
}

/** @throws UsageError naming a fetch that chunks cannot give; GraphError where sizes, now known, do not fit. */
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
    const made = topologicalOrder([root]).filter((node) => kinds.get(node)?.is === 'whole');
    const isElementwise = made.every(isMapOfEqualShapes);
    const built = new Map<Tensor, Tensor>();
    const inputFor = (input: Tensor): Tensor => {
      const kind = kinds.get(input);
      const isIncluded = kind?.is === 'same' && (!isElementwise || isConstant(input));
      return built.get(input) ?? (isIncluded ? input : partFor(input, kind));
    };
    for (const node of made) built.set(node, withInputs(node, node.inputs.map(inputFor)));
    return { tensor: built.get(root) ?? root, isElementwise };
  });
  return {
    parts: [...parts.values()],
    fetches,
    chunk(count) {
      const built = new Map<Tensor, Tensor>();
      for (const [node, chunk] of inStep(roots, graphAt(request, count))) {
        // What is the same for all chunks is that of the whole set: so are sizes, and the divisor of a mean.
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

/** @throws UsageError naming a fetch that chunks cannot give. */
function kindsOf({ names, ...request }: SplitRequest, roots: readonly Tensor[]): Map<Tensor, SampleKind> {
  const kinds = new Map<Tensor, SampleKind>();
  for (const [i, root] of roots.entries()) {
    try {
      const doubled = graphAt({ ...request, fetches: request.fetches.slice(i, i + 1) }, 2 * request.rows);
      addSampleKinds(kinds, [root], doubled, request.rows);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      throw refusal(names[i], 'it is made for one number of samples', { cause: error });
    }
    const kind = kinds.get(root);
    if (kind?.is === 'mixed') throw refusal(names[i], kind.why);
  }
  return kinds;
}

function refusal(name: string | undefined, why: string, options?: ErrorOptions): UsageError {
  return new UsageError(
    `evaluate: '${name}' cannot be put together from chunks of the data set: ${why}. ` +
      `Fetch what it is made of, or run it on the whole set: session.run(fetches, data).`,
    options,
  );
}

/** Whether element i of the result depends on element i of each input, or on its only one. */
function isMapOfEqualShapes(node: Tensor): boolean {
  return (
    node.op.kernel.kind === 'map' &&
    node.inputs.every((input) => elementsOf(input) === 1 || sizesOf(input).join() === sizesOf(node).join())
  );
}
