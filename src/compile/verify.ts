/**
 * Checks of the passes that all targets share. They run in tests and in development; the package is built without
 * them. A pass that breaks an invariant is named by the first check behind it.
 */
import { invariant } from '../errors.ts';
import { describeTensor, type Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { sizesOf } from './known-shapes.ts';

/** A simplified program has the types of the specialized one, with all sizes known and every mode resolved. */
export function verifySimplified(roots: readonly Tensor[], specialized: readonly Tensor[]): void {
  specialized.forEach((before, i) => {
    const after = roots[i];
    invariant(
      after?.dtype === before.dtype && sizesOf(after).join() === sizesOf(before).join(),
      `simplified, ${describeTensor(before)} became ${after && describeTensor(after)}`,
    );
  });
  for (const node of topologicalOrder(roots)) {
    invariant(
      node.shape.every((size) => size !== null),
      `${describeTensor(node)} has a size that is not known`,
    );
    invariant(node.op.resolve === undefined, `${describeTensor(node)} was not resolved`);
  }
}
