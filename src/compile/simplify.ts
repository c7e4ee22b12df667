/**
 * Simplifies a graph whose sizes are known: applies the ops' own rules, folds uniform values, and drops broadcasts that kernels
 * do by themselves.
 */
import { broadcastTo, isBroadcast, uniformValue } from '../graph/broadcast.ts';
import { broadcastShapes, shapesEqual } from '../graph/shape.ts';
import { constant, isConstant } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import { rebuild } from '../graph/walk.ts';
import { reshapeTo, sizesOf } from './known-shapes.ts';
import { mergeCommon, withInputs } from './structure.ts';

/** Rewrites per node at most. Rules make progress, so it is a guard. */
const MAX_REWRITES = 32;

/** Replaces every root by a simpler tensor of the same type; returns them in order. */
export function simplify(roots: readonly Tensor[]): Tensor[] {
  const merged = applyAll(roots, mergeCommon(roots));
  const simplified = applyAll(
    merged,
    rebuild(merged, (node, inputs) => simplifyNode(withInputs(node, inputs))),
  );
  return applyAll(simplified, mergeCommon(simplified));
}

function applyAll(roots: readonly Tensor[], replaced: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  return roots.map((root) => replaced.get(root) ?? root);
}

function simplifyNode(node: Tensor): Tensor {
  let current = node;
  for (let i = 0; i < MAX_REWRITES; i++) {
    const next =
      current.op.simplify?.(current) ??
      current.inputs[0]?.op.absorbedBy?.(current) ??
      foldUniform(current) ??
      dropBroadcasts(current);
    if (next === undefined || next === current) return current;
    // A rule's result may have new nodes below its root that simplify too.
    current = simplifyNew(next, current);
  }
  return current;
}

/** Simplifies the nodes that a rewrite of `from` added below `root`. */
function simplifyNew(root: Tensor, from: Tensor): Tensor {
  const known = new Set<Tensor>([from, ...from.inputs, ...from.inputs.flatMap((input) => input.inputs)]);
  const visit = (node: Tensor): Tensor => {
    if (known.has(node) || node.inputs.length === 0) return node;
    const inputs = node.inputs.map((input) => (known.has(input) ? input : simplifyNode(visit(input))));
    return withInputs(node, inputs);
  };
  return visit(root);
}

/** Folds maps and views of uniform values, and tensors without elements, which count as uniform. */
function foldUniform(node: Tensor): Tensor | undefined {
  const { kernel } = node.op;
  if (kernel.kind !== 'source' && node.shape.includes(0) && !isUniform(node)) return uniform(0, node);
  if (kernel.kind !== 'map' && kernel.kind !== 'alias') return undefined;
  if (node.inputs.length === 0 || isUniform(node)) return undefined;
  const values = node.inputs.map(uniformValue);
  if (!values.every((value) => value !== undefined)) return undefined;
  const types = node.inputs.map((input) => input.dtype);
  const value = kernel.kind === 'alias' ? (values[0] ?? 0) : kernel.js(node.attrs, types)(...values);
  return uniform(value, node);
}

/** Tells whether the node has the form that {@link uniform} makes. */
function isUniform(node: Tensor): boolean {
  const [scalar] = node.inputs;
  return isBroadcast(node) && scalar !== undefined && isConstant(scalar) && scalar.shape.length === 0;
}

/** A tensor like another one, whose elements are all `value`. */
function uniform(value: number, like: Tensor): Tensor {
  const scalar = constant({ data: toDType(value, like), shape: [], dtype: like.dtype });
  return like.shape.length === 0 ? scalar : broadcastTo(scalar, sizesOf(like));
}

function toDType(value: number, like: Tensor): Float32Array | Int32Array | Uint8Array {
  if (like.dtype === 'float32') return Float32Array.of(value);
  return like.dtype === 'int32' ? Int32Array.of(value) : Uint8Array.of(value === 0 ? 0 : 1);
}

/** Drops an explicit broadcast of a map's input where the result keeps its shape, since maps broadcast by themselves. */
function dropBroadcasts(node: Tensor): Tensor | undefined {
  if (node.op.kernel.kind !== 'map' || isBroadcast(node)) return undefined;
  for (const [i, input] of node.inputs.entries()) {
    const [narrow] = input.inputs;
    if (!isBroadcast(input) || narrow === undefined) continue;
    const inputs = node.inputs.with(i, narrow);
    const shape = inputs.map(sizesOf).reduce((a, b) => (broadcastShapes(a, b) as number[] | undefined) ?? []);
    if (shapesEqual(shape, node.shape)) return withInputs(node, inputs);
  }
  return undefined;
}

/** Merges a reshape of a reshape into one, and drops a reshape to the same shape. */
export function mergeReshapes(node: Tensor): Tensor | undefined {
  const [input] = node.inputs;
  if (node.op.kernel.kind !== 'alias' || input === undefined) return undefined;
  if (shapesEqual(node.shape, input.shape)) return input;
  const [inner] = input.inputs;
  return input.op.kernel.kind === 'alias' && inner !== undefined ? reshapeTo(inner, sizesOf(node)) : undefined;
}
