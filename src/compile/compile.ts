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
import type { CompileRequest, FinishPlan, PlanFacts, SimplifiedGraph } from './request.ts';
import { simplify } from './simplify.ts';
import { specialize } from './specialize.ts';

/** Compiles the fetches and updates of a run. Throws `GraphError` where sizes, now known, do not fit. */
export function compile(request: CompileRequest, finish: FinishPlan): Plan {
  const graph = simplifyRequest(request);
  return finish(request, factsOf(request, graph), graph);
}

function simplifyRequest(request: CompileRequest): SimplifiedGraph {
  const { fetches, updates, checks } = request;
  const roots = [...fetches, ...updates.map((update) => update.value), ...checks.map((check) => check.tensor)];
  const { placeholders } = collectSources(roots);
  const shapes = new Map<Tensor, readonly number[]>();
  for (const [name, node] of placeholders) {
    const feed = request.feeds.get(name);
    if (feed === undefined) throw new GraphError(`Placeholder '${name}' has no value; feed it.`);
    shapes.set(node, feed.shape);
  }
  const specialized = specialize(roots, shapes, request.training);
  const simplified = simplify(roots.map((root) => specialized.get(root) ?? root));
  const at = (i: number): Tensor => {
    const root = simplified[i];
    invariant(root !== undefined, 'a root is lost');
    return root;
  };
  updates.forEach(({ variable }, i) => checkFits(variable, at(fetches.length + i)));
  const graph: SimplifiedGraph = {
    fetches: fetches.map((_, i) => at(i)),
    updates: updates.map(({ variable }, i) => ({ variable: variable.name, value: at(fetches.length + i) })),
    checks: checks.map(({ name }, i) => ({ name, tensor: at(fetches.length + updates.length + i) })),
  };
  return {
    ...graph,
    checks: [...graph.checks, ...graph.updates.map(({ variable, value }) => ({ name: variable, tensor: value }))],
  };
}

/** @throws GraphError where the shape of a value, now known, differs from its variable's. */
function checkFits(variable: Variable, value: Tensor): void {
  if (shapesEqual(variable.shape, value.shape)) return;
  throw new GraphError(
    `${describeTensor(variable)} cannot be set to a value of shape ${formatShape(value.shape)}; feed placeholders so that the value has the variable's shape.`,
  );
}

function factsOf(request: CompileRequest, graph: SimplifiedGraph): PlanFacts {
  const roots = [...graph.fetches, ...graph.checks.map((check) => check.tensor)];
  const { placeholders } = collectSources(roots);
  const variables = new Map<string, readonly number[]>();
  for (const node of topologicalOrder(roots)) if (node instanceof Variable) variables.set(node.name, sizesOf(node));
  for (const { variable } of request.updates) variables.set(variable.name, sizesOf(variable));
  const labels = labelPlaceholders(roots);
  const feeds = [...placeholders].map(([name, node]): PlanFeed => {
    const type = request.feeds.get(name);
    invariant(type !== undefined, 'a feed is lost');
    return { name, dtype: node.dtype, type, finite: type.shape.length === 0 || labels.has(node) };
  });
  return {
    target: request.target,
    feeds,
    fetches: graph.fetches.map((fetch) => ({ shape: sizesOf(fetch), dtype: fetch.dtype })),
    variables: [...variables].map(([name, shape]) => ({ name, shape })),
    updates: graph.updates.map((update) => update.variable),
    checks: graph.checks.map((check) => check.name),
    countsStep: request.countsStep,
    draw: drawOf(feeds),
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

function drawOf(feeds: readonly PlanFeed[]): Plan['draw'] {
  for (const { type } of feeds) {
    if (type.kind === 'column') return { kind: type.draw, batch: type.shape[0] ?? 1, rows: type.column.rows };
  }
  return undefined;
}
