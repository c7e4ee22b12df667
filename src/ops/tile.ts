/** Repetition along axes, and its adjoint, the sum of the repeated tiles. Both are reshapes around a broadcast or a sum. */
import { isList, show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { broadcastTo, likeSecond } from '../graph/broadcast.ts';
import type { Attrs, Op } from '../graph/op.ts';
import type { Shape } from '../graph/shape.ts';
import { checkTensor, createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { reduceSum } from './reduce-sum.ts';
import { reshape } from './reshape.ts';

interface TileAttrs extends Attrs {
  /** How often each axis is repeated. */
  readonly repeats: readonly number[];
}

const tileOp: Op<TileAttrs> = {
  name: 'tile',
  infer(inputs, { repeats }) {
    const { shape, dtype } = input(inputs, 0);
    return { shape: shape.map((dim, axis) => (dim === null ? null : dim * (repeats[axis] ?? 1))), dtype };
  },
  gradient: (node, dy) => [createTensor(sumOfTilesOp, [dy, input(node.inputs, 0)], node.attrs)],
  resolve(inputs, { repeats }) {
    const x = input(inputs, 0);
    const once = paired(x.shape, repeats, () => 1);
    const often = paired(x.shape, repeats, (count) => count);
    return reshape(
      broadcastTo(reshape(x, once), often),
      x.shape.map((dim, axis) => (dim ?? 1) * (repeats[axis] ?? 1)),
    );
  },
  kernel: { kind: 'source' },
};

/** Inputs dy and x: the sum of the tiles of dy, in the shape of x. */
const sumOfTilesOp: Op<TileAttrs> = {
  name: 'sumOfTiles',
  infer: likeSecond,
  gradient: (node, ddy) => [createTensor(tileOp, [ddy], node.attrs), null],
  resolve(inputs, { repeats }) {
    const [dy, { shape }] = [input(inputs, 0), input(inputs, 1)];
    const tiles: Tensor = reshape(
      dy,
      paired(shape, repeats, (count) => count),
    );
    return reshape(reduceSum(tiles, { axis: shape.map((_, axis) => 2 * axis) }), shape);
  },
  kernel: { kind: 'source' },
};

/** `shape` with an axis before each of its own, whose size follows from the repeats. */
function paired(shape: Shape, repeats: readonly number[], sizeOf: (count: number) => number): number[] {
  return shape.flatMap((dim, axis) => [sizeOf(repeats[axis] ?? 1), dim ?? 1]);
}

/**
 * Repeats `x` along its axes: [2, 3] tiled [1, 4] is [2, 12].
 * @param repeats - For each axis how often, from 1 on.
 * @throws GraphError where `repeats` are not a whole number from 1 on for each axis.
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  checkTensor('tile', x);
  if (
    !isList(repeats) ||
    repeats.length !== x.shape.length ||
    repeats.some((count) => !Number.isSafeInteger(count) || count < 1)
  ) {
    throw new GraphError(
      `tile: ${show(repeats)} does not repeat ${describeTensor(x)}; give a whole number from 1 on for each axis.`,
    );
  }
  return createTensor(tileOp, [x], { repeats: [...repeats] });
}
