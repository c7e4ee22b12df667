/**
 * Automatic differentiation: one reverse walk that builds the gradient graph from the loss graph. No tape, no closures.
 */
import { checkList } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { zerosLike } from './broadcast.ts';
import type { Op } from './op.ts';

import { join } from './snippet.ts';
import { constant } from './sources.ts';
import { checkTensor, compose, createTensor, describeTensor, type Tensor } from './tensor.ts';
import { topologicalOrder } from './walk.ts';

/** Adjoints that one node adds up; more are summed in groups, to bound the length of a kernel. */
const MAX_TOGETHER = 16;

/** The sum of the adjoints of a tensor that several nodes use. */
export const accumulateOp: Op = {
  name: 'accumulate',
  infer: (inputs) => ({ shape: inputs[0]?.shape ?? [], dtype: 'float32' }),
  gradient: (node, dy) => node.inputs.map(() => dy),
  simplify({ inputs }) {
    if (inputs.length <= MAX_TOGETHER) return undefined;
    const size = Math.ceil(inputs.length / MAX_TOGETHER);
    const groups = Array.from({ length: Math.ceil(inputs.length / size) }, (_, i) =>
      createTensor(accumulateOp, inputs.slice(i * size, (i + 1) * size)),
    );
    return createTensor(accumulateOp, groups);
  },
  kernel: {
    kind: 'map',
    wgsl: (args) => join(args, ' + '),
    js:
      () =>
      (...args) =>
        args.reduce((sum, x) => sum + x, 0),
  },
};

/**
 * The gradients of a scalar with respect to `variables` (any tensors), as graph.
 *
 * @returns One tensor per variable, in its shape; zeros where `loss` does not depend on it.
 * @throws GraphError where `loss` is not a float32 scalar.
 */
export function gradients(loss: Tensor, variables: readonly Tensor[]): Tensor[] {
  checkTensor('gradients', loss);
  checkList('gradients: the second argument', variables, 'a list of variables');
  for (const variable of variables as readonly unknown[]) checkTensor('gradients', variable);
  if (loss.shape.length !== 0 || loss.dtype !== 'float32') {
    throw new GraphError(
      `gradients: the loss must be a float32 scalar, got ${describeTensor(loss)} of ${loss.dtype}; reduce it first, e.g. with reduceMean(loss).`,
    );
  }
  return compose({ op: 'gradients' }, () => {
    const adjoints = backward(loss, constant(1), new Set(variables));
    return variables.map((variable) => adjoints.get(variable) ?? zerosLike(variable));
  });
}

/**
 * Walks from `root` back to `targets` and returns the adjoints of the targets that it reaches.
 * `leaves` ends the walk at each target, so no adjoint flows through one target to another.
 */
function backward(root: Tensor, dy: Tensor, targets: ReadonlySet<Tensor>, leaves = false): Map<Tensor, Tensor> {
  const order = topologicalOrder([root]);
  const onPath = new Set<Tensor>();
  for (const node of order) {
    if (targets.has(node) || node.inputs.some((input) => onPath.has(input))) onPath.add(node);
  }
  const arriving = new Map<Tensor, Tensor[]>([[root, [dy]]]);
  const adjoints = new Map<Tensor, Tensor>();
  for (const node of order.reverse()) {
    const parts = arriving.get(node);
    const [first] = parts ?? [];
    if (parts === undefined || first === undefined || !onPath.has(node)) continue;
    const adjoint = parts.length === 1 ? first : createTensor(accumulateOp, parts);
    if (targets.has(node)) {
      adjoints.set(node, adjoint);
      if (leaves) continue;
    }
    inputAdjoints(node, adjoint).forEach((part, i) => {
      const input = node.inputs[i];
      if (part === null || input === undefined || !onPath.has(input)) return;
      const others = arriving.get(input);
      if (others === undefined) arriving.set(input, [part]);
      else others.push(part);
    });
  }
  return adjoints;
}

/** The adjoints of a node's inputs: by its op's rule, or through its op's expansion. */
function inputAdjoints(node: Tensor, dy: Tensor): readonly (Tensor | null)[] {
  if (node.op.gradient !== undefined) return node.op.gradient(node, dy);
  if (node.op.kernel.kind !== 'expand') return node.inputs.map(() => null);
  const expanded = node.op.kernel.expand(node.inputs, node.attrs);
  const adjoints = backward(expanded, dy, new Set(node.inputs), true);
  // An input used twice has one adjoint, the sum over both uses: return it once.
  return node.inputs.map((input, i) => (node.inputs.indexOf(input) === i ? (adjoints.get(input) ?? null) : null));
}
