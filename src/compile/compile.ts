/**
 * The compiler's passes that all targets share: specialize, simplify, and the facts of the plan. The target's `finish` does
 * the rest.
 */
import { GraphError, invariant } from '../errors.ts';
import { formatShape, shapesEqual } from '../graph/shape.ts';
import { Placeholder, Variable } from '../graph/sources.ts';
import { describeTensor, type Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { collectSources } from './collect.ts';
import { sizesOf } from './known-shapes.ts';
import type { Plan, PlanFeed } from './plan.ts';
import { printGraph } from './print.ts';
import { mapRoots, rootsOf, type Program } from './program.ts';
import type { CompileRequest, PlanFacts } from './request.ts';
import { simplify } from './simplify.ts';
import { specialize } from './specialize.ts';
import type { Target } from './target.ts';
import { verifySimplified } from './verify.ts';

/** Compiles the fetches and updates of a run. Throws `GraphError` where sizes, now known, do not fit. */
export function compile(request: CompileRequest, { finish }: Pick<Target, 'finish'>): Plan {
  const program = simplifyRequest(request);
  return finish(request, factsOf(request, program), program);
}

function simplifyRequest(request: CompileRequest): Program {
  const shapes = new Map<Tensor, readonly number[]>();
  for (const [name, node] of collectSources(rootsOf(request)).placeholders) {
    const feed = request.feeds.get(name);
    if (feed === undefined) throw new GraphError(`Placeholder '${name}' has no value; feed it.`);
    shapes.set(node, feed.shape);
  }
  const program = mapRoots(request, (roots) => {
    const specialized = specialize(roots, shapes, request.training);
    const concrete = roots.map((root) => specialized.get(root) ?? root);
    const simplified = simplify(concrete);
    if (import.meta.env.DEV) verifySimplified(simplified, concrete);
    return simplified;
  });
  for (const { variable, value } of program.updates) checkFits(variable, value);
  const nextValues = program.updates.map(({ variable, value }) => ({ name: variable.name, tensor: value }));
  return { ...program, checks: [...program.checks, ...nextValues] };
}

/** @throws GraphError where the shape of a value, now known, differs from its variable's. */
function checkFits(variable: Variable, value: Tensor): void {
  if (shapesEqual(variable.shape, value.shape)) return;
  throw new GraphError(
    `${describeTensor(variable)} cannot be set to a value of shape ${formatShape(value.shape)}; feed placeholders so that the value has the variable's shape.`,
  );
}

function factsOf(request: CompileRequest, program: Program): PlanFacts {
  const roots = rootsOf({ ...program, updates: [] });
  const { placeholders } = collectSources(roots);
  const variables = new Map<string, readonly number[]>();
  for (const node of topologicalOrder(roots)) if (node instanceof Variable) variables.set(node.name, sizesOf(node));
  for (const { variable } of program.updates) variables.set(variable.name, sizesOf(variable));
  const labels = labelPlaceholders(roots);
  const feeds = [...placeholders].map(([name, node]): PlanFeed => {
    const type = request.feeds.get(name);
    invariant(type !== undefined, 'a feed is lost');
    return { name, dtype: node.dtype, type, finite: type.shape.length === 0 || labels.has(node) };
  });
  return {
    target: request.target,
    feeds,
    fetches: program.fetches.map((fetch) => ({ shape: sizesOf(fetch), dtype: fetch.dtype })),
    variables: [...variables].map(([name, shape]) => ({ name, shape })),
    updates: program.updates.map(({ variable }) => variable.name),
    checks: program.checks.map(({ name }) => name),
    countsStep: request.countsStep,
    sampling: samplingOf(feeds),
    graph: printGraph(roots),
  };
}

/** Placeholders that are multiplied by log-probabilities, as in a cross-entropy. */
function labelPlaceholders(roots: readonly Tensor[]): Set<Tensor> {
  const weights = topologicalOrder(roots)
    .filter(({ op, inputs }) => op.role === 'product' && inputs.some((input) => input.op.role === 'logProbabilities'))
    .flatMap(({ inputs }) => inputs);
  return new Set(weights.filter((input) => input instanceof Placeholder));
}

function samplingOf(feeds: readonly PlanFeed[]): Plan['sampling'] {
  for (const { type } of feeds) {
    if (type.kind === 'column') return { kind: type.sampling, batch: type.shape[0] ?? 1, rows: type.column.rows };
  }
  return undefined;
}
