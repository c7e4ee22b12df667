/**
 * Structural equality of graphs and nodes: the keys of the plan cache, and merging of common subexpressions.
 */
import type { Attrs, AttrValue, Op } from '../graph/op.ts';
import { Tensor } from '../graph/tensor.ts';
import { rebuild, topologicalOrder } from '../graph/walk.ts';

/** Typed arrays up to this length are compared by value, longer ones by identity. */
const SMALL_CONSTANT_LENGTH = 64;

const identities = new WeakMap<object, number>();
let nextIdentity = 0;

/** A unique number of the object. */
export function identityOf(object: object): number {
  let id = identities.get(object);
  if (id === undefined) {
    id = nextIdentity++;
    identities.set(object, id);
  }
  return id;
}

function attrKey(value: AttrValue): string {
  if (ArrayBuffer.isView(value)) {
    const array = value as ArrayLike<number> & object;
    const name = array.constructor.name;
    return array.length > SMALL_CONSTANT_LENGTH
      ? `${name}#${identityOf(array)}`
      : `${name}(${Array.from(array, (x) => (Object.is(x, -0) ? '-0' : String(x))).join()})`;
  }
  if (Array.isArray(value)) return `[${value.map(attrKey).join()}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function attrsKey(attrs: Attrs): string {
  return Object.entries(attrs)
    .map(([key, value]) => `${key}=${attrKey(value)}`)
    .join(';');
}

/** A node as text, with `inputKeys` for its inputs. Names count only for placeholders and variables, whose value they select. */
function nodeKey(node: Tensor, inputKeys: readonly (number | string)[]): string {
  const op: Op = node.op;
  const name = op.kernel.kind === 'source' ? (node.name ?? '') : '';
  return `${op.name}#${identityOf(op)}(${inputKeys.join()}){${attrsKey(node.attrs)}}${name}:${node.dtype}[${node.shape.join()}]`;
}

/** A text that is equal for graphs of the same structure, whose results from the same feeds and variables are the same. */
export function structureKey(roots: readonly Tensor[]): string {
  const numbers = new Map<Tensor, number>();
  const lines: string[] = [];
  for (const node of topologicalOrder(roots)) {
    lines.push(
      nodeKey(
        node,
        node.inputs.map((input) => numbers.get(input) ?? -1),
      ),
    );
    numbers.set(node, numbers.size);
  }
  return `${lines.join('\n')}\n→${roots.map((root) => numbers.get(root)).join()}`;
}

/** Merges nodes of the same op, attributes and inputs. */
export function mergeCommon(roots: readonly Tensor[]): Map<Tensor, Tensor> {
  const first = new Map<string, Tensor>();
  return rebuild(roots, (node, inputs) => {
    const key = nodeKey(node, inputs.map(identityOf));
    const known = first.get(key);
    if (known !== undefined) return known;
    const merged = withInputs(node, inputs);
    first.set(key, merged);
    return merged;
  });
}

/** `node` with other inputs of the same types. */
export function withInputs(node: Tensor, inputs: readonly Tensor[]): Tensor {
  if (inputs.every((input, i) => input === node.inputs[i])) return node;
  return new Tensor(node.op, inputs, node.attrs, node.shape, node.dtype, node.name, node.from);
}
