/**
 * Every optimizer and schedule, on both backends: equal to the references in float64, in one run or in slices, and unchanged
 * by a step with non-finite values.
 */
import { describe, expect, it } from 'vitest';
import {
  adam,
  add,
  cosineDecay,
  mul,
  NumericsError,
  placeholder,
  reduceSum,
  slice,
  variable,
  type Operation,
  type Tensor,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import { backends, bits, collect, columns, FEATURES, keepDevice, smallSet } from '../session/programs.ts';
import { cases, gradientsGiven, initial, reference } from './references.ts';

keepDevice();

const valuesOf = (given: unknown): number[] => Array.from((given as { data: Float32Array }).data);
const keptBy = ({ updates }: Operation) => updates.map(({ variable }) => variable);

describe.each(backends)('on %s', (backend) => {
  it.each(Object.entries(cases))('%s', async (_, given) => {
    // Two variables, so that a global norm is one of several gradients.
    const [head, tail] = [variable('head', initial.slice(0, 2)), variable('tail', initial.slice(2))];
    const slopes = placeholder('slopes', [5]);
    const [first, rest]: readonly [Tensor, Tensor] = [slice(slopes, [0], [2]), slice(slopes, [2], [3])];
    const loss = add(reduceSum(mul<Tensor, Tensor>(head, first)), reduceSum(mul<Tensor, Tensor>(tail, rest)));
    const step = given.make().minimize(loss, given.options);
    const session = await createSession({ backend });
    const expected = reference(given);
    for (const [t, gradient] of gradientsGiven.entries()) {
      await session.run(step, { slopes: gradient });
      const got = [...valuesOf(await session.get(head)), ...valuesOf(await session.get(tail))];
      got.forEach((value, i) => {
        const wanted = expected[t]?.[i] ?? NaN;
        expect(Math.abs(value - wanted), `step ${t + 1}, element ${i}: ${value}, not ${wanted}`).toBeLessThanOrEqual(
          1e-5 * Math.max(Math.abs(wanted), Math.abs(wanted - (initial[i] ?? 0))),
        );
      });
    }
    session.dispose();
  });

  it('a global norm too large for float32 ends the run: by it, every gradient would become zero', async () => {
    const W = variable('W', [1, 2]);
    const x = placeholder('x', [2]);
    const step = adam().minimize(reduceSum(mul<Tensor, Tensor>(W, x)), { globalClipNorm: 1 });
    const session = await createSession({ backend });
    const failed = await session.run(step, { x: [1e30, 1] }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(NumericsError);
    expect((failed as Error).message).toContain('global norm');
    expect(valuesOf(await session.get(W))).toEqual([1, 2]);
    session.dispose();
  });

  it("Adam's bits are the same in slices of one step and of seven", async () => {
    const W = variable(
      'W',
      Array.from({ length: FEATURES }, (_, i) => i / 10 - 0.5),
    );
    const x = placeholder('x', [null, FEATURES]);
    const error: Tensor = mul(x, W);
    const step = adam(cosineDecay(0.05, 30)).minimize(reduceSum(mul(error, error)));
    const trained = async (stepsPerSubmit: number): Promise<number[]> => {
      const session = await createSession({ backend });
      const data = { x: columns(smallSet()).x };
      await collect(session.train(step, { steps: 21, batchSize: 7, data, stepsPerSubmit }));
      const values = await bits(session, ...keptBy(step));
      session.dispose();
      return values;
    };
    expect(await trained(7)).toEqual(await trained(1));
  });

  it('a gradient that is not finite leaves weights, moments and iterations', async () => {
    const W = variable('W', [1, 2, 3]);
    const x = placeholder('x', [3]);
    const step = adam(cosineDecay(0.05, 30)).minimize(reduceSum(mul<Tensor, Tensor>(W, x)));
    const session = await createSession({ backend });
    await session.run(step, { x: [1, -2, 0.5] });
    const before = await bits(session, ...keptBy(step));
    const failed: unknown = await session.run(step, { x: [1, Infinity, 1] }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(NumericsError);
    expect(await bits(session, ...keptBy(step))).toEqual(before);
    await session.run(step, { x: [1, -2, 0.5] });
    expect(await bits(session, ...keptBy(step))).not.toEqual(before);
    session.dispose();
  });
});
