/**
 * Simplifies a graph whose sizes are known: the ops' own rules, uniform values folded, broadcasts left to the kernels.
 */
import { broadcastTo } from '../graph/broadcast.ts';
import { broadcastShapes, shapesEqual } from '../graph/shape.ts';
import { constant, constantValue, isConstant } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import { rebuild } from '../graph/walk.ts';
import { reshapeTo, sizesOf } from './known-shapes.ts';
import { mergeCommon, withInputs } from './structure.ts';

/** A node simplifies at most this often: rules must make progress. */
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
      current.inputs[0]?.op.absorbedBy?.[current.op.name]?.(current) ??
      foldUniform(current) ??
      dropBroadcasts(current);
    if (next === undefined || next === current) return current;
    // What a rule builds may hold new nodes below its root that simplify too.
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

/** The one value that all elements of a tensor have, if that is known. */
function uniformValue(tensor: Tensor): number | undefined {
  if (tensor.op.name === 'broadcastTo' && tensor.inputs[0] !== undefined) return uniformValue(tensor.inputs[0]);
  return isConstant(tensor) && constantValue(tensor).length === 1 ? constantValue(tensor)[0] : undefined;
}

/** A map or view of uniform values is uniform, and so is what has no elements. */
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

function isUniform(node: Tensor): boolean {
  return (
    node.op.name === 'broadcastTo' &&
    node.inputs[0] !== undefined &&
    isConstant(node.inputs[0]) &&
    node.inputs[0].shape.length === 0
  );
}

function uniform(value: number, like: Tensor): Tensor {
  const scalar = constant({ data: toDType(value, like), shape: [], dtype: like.dtype });
  return like.shape.length === 0 ? scalar : broadcastTo(scalar, sizesOf(like));
}

function toDType(value: number, like: Tensor): Float32Array | Int32Array | Uint8Array {
  if (like.dtype === 'float32') return Float32Array.of(value);
  return like.dtype === 'int32' ? Int32Array.of(value) : Uint8Array.of(value === 0 ? 0 : 1);
}

/** Maps broadcast by themselves: an explicit broadcast of an input is dropped where the result keeps its shape. */
function dropBroadcasts(node: Tensor): Tensor | undefined {
  if (node.op.kernel.kind !== 'map' || node.op.name === 'broadcastTo') return undefined;
  for (const [i, input] of node.inputs.entries()) {
    const [narrow] = input.inputs;
    if (input.op.name !== 'broadcastTo' || narrow === undefined) continue;
    const inputs = node.inputs.with(i, narrow);
    const shape = inputs.map(sizesOf).reduce((a, b) => (broadcastShapes(a, b) as number[] | undefined) ?? []);
    if (shapesEqual(shape, node.shape)) return withInputs(node, inputs);
  }
  return undefined;
}

/** A reshape of a reshape is one reshape, of the same shape none. */
export function mergeReshapes(node: Tensor): Tensor | undefined {
  const [input] = node.inputs;
  if (node.op.kernel.kind !== 'alias' || input === undefined) return undefined;
  if (shapesEqual(node.shape, input.shape)) return input;
  const [inner] = input.inputs;
  return input.op.kernel.kind === 'alias' && inner !== undefined ? reshapeTo(inner, sizesOf(node)) : undefined;
}
