/** Numbers at equal distances. */
import { show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { constant } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';

const MOST = 2 ** 28;

/**
 * The numbers `start`, `start + step`, … that do not reach `limit`, as a constant vector: int32 where all three are whole,
 * else float32.
 * @param step - By default 1; negative to count down.
 * @throws GraphError where an argument is not a number, int32 does not have it, or `step` does not lead from `start` to `limit`.
 */
export function range(start: number, limit: number, step = 1): Tensor<[number]> {
  const given = [start, limit, step];
  const isNumber = given.every((one) => typeof one === 'number' && Number.isFinite(Math.fround(one)));
  const length = isNumber ? Math.ceil((limit - start) / step) : NaN;
  if (!(length >= 0 && length <= MOST)) {
    throw new GraphError(
      `range: there are no numbers from ${show(start)} to ${show(limit)} in steps of ${show(step)}; ` +
        `give a step that leads from the start to the limit, in at most ${MOST} steps.`,
    );
  }
  const isWhole = given.every((one) => Number.isInteger(one));
  if (isWhole && given.some((one) => (one | 0) !== one)) {
    throw new GraphError(
      `range: ${given.join(', ')} are not all int32; give whole numbers from -2147483648 to 2147483647.`,
    );
  }
  const numbers = Array.from({ length }, (_, i) => start + i * step);
  return constant(isWhole ? Int32Array.from(numbers) : Float32Array.from(numbers), [length]);
}
