/**
 * Specialises a graph to the shapes of its feeds and to a mode by running shape rules again with every size known.
 */
import { Placeholder } from '../graph/sources.ts';
import { shapesEqual } from '../graph/shape.ts';
import { compose, createTensor, type Tensor } from '../graph/tensor.ts';
import { rebuild } from '../graph/walk.ts';

/**
 * Rebuilds the graph of `roots` with placeholders of the given shapes. Returns the map from each tensor to its replacement.
 * Nodes whose meaning depends on sizes or on the mode are resolved; variables and constants stay the same.
 */
export function specialize(
  roots: readonly Tensor[],
  shapes: ReadonlyMap<Tensor, readonly number[]>,
  training: boolean,
): Map<Tensor, Tensor> {
  return rebuild(roots, (node, inputs) => {
    const shape = shapes.get(node);
    if (shape !== undefined) {
      return shapesEqual(shape, node.shape)
        ? node
        : new Placeholder(node.op, node.inputs, node.attrs, shape, node.dtype, node.name);
    }
    const { op, attrs, name, from } = node;
    return compose(from, () => {
      if (op.resolve !== undefined) return op.resolve(inputs, attrs, training);
      return inputs.every((input, i) => input === node.inputs[i]) ? node : createTensor(op, inputs, attrs, name);
    });
  });
}
