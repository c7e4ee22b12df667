/** Axis arguments: one axis or several, negative ones counted from the end. */
import { show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { calledAs, checkTensor, describeTensor, type Tensor } from '../graph/tensor.ts';

/**
 * The axes of an `axis` argument, ascending, none negative; all axes without an argument.
 * @throws GraphError where one is out of range or given twice.
 */
export function resolveAxes(op: string, x: Tensor, axis: number | readonly number[] | undefined): number[] {
  checkTensor(op, x);
  const rank = x.shape.length;
  if (axis === undefined) return x.shape.map((_, i) => i);
  const axes = (Array.isArray(axis) ? (axis as readonly number[]) : [axis as number]).map((given) =>
    resolveAxis(op, describeTensor(x), given, rank),
  );
  if (new Set(axes).size !== axes.length) {
    throw new GraphError(
      `${calledAs(op)}: axes [${String(axis)}] of ${describeTensor(x)} name one axis twice; name each once.`,
    );
  }
  return axes.sort((a, b) => a - b);
}

/**
 * The axis of an `axis` argument among `rank` axes, not negative.
 * @throws GraphError where it is out of range.
 */
export function resolveAxis(op: string, what: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range = rank === 0 ? 'it has none: reshape it first' : `give a whole number from ${-rank} to ${rank - 1}`;
    throw new GraphError(`${calledAs(op)}: ${what} has no axis ${show(axis)}; ${range}.`);
  }
  return axis < 0 ? axis + rank : axis;
}
