/** Split-K: long sums with few results are computed in parts, chosen by shapes alone, with the same values. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { constant, createSession, matmul, placeholder, relu, type Session, type Tensor } from '../../src/index.ts';
import { randomStream } from '../../src/graph/random.ts';
import '../../src/node.ts';
import { firstDifference } from './device/values.ts';
import { planFor } from './planning.ts';

let sessions: Session[];
beforeAll(async () => {
  sessions = [
    await createSession({ backend: 'webgpu' }),
    await createSession({ backend: 'webgpu', schedule: 'fused' }),
    await createSession({ backend: 'cpu' }),
  ];
});
afterAll(() => {
  for (const session of sessions) session.dispose();
});

const random = randomStream(11, 'operands');
const array = (...shape: readonly number[]) => ({
  data: Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, (_, i) => random.uniform(i) - 0.5),
  shape,
  dtype: 'float32' as const,
});

it.each([
  { M: 7, N: 5, K: 2048, parts: 4 },
  { M: 25, N: 24, K: 57_600, parts: 32 },
  { M: 1, N: 1, K: 6144, parts: 12 },
  { M: 100, N: 90, K: 4100, parts: 5 },
  // No divisor but itself, too short, too many results.
  { M: 7, N: 5, K: 2053, parts: 1 },
  { M: 7, N: 5, K: 2047, parts: 1 },
  { M: 150, N: 150, K: 2048, parts: 1 },
])('[$M, $K] times [$K, $N] in $parts parts', async ({ M, N, K, parts }) => {
  for (const transposeA of [false, true])
    for (const transposeB of [false, true]) {
      const a = placeholder('a', transposeA ? [K, M] : [M, K]);
      const b = placeholder('b', transposeB ? [N, K] : [K, N]);
      const product = matmul(a, b, { transposeA, transposeB });
      const feeds = { a: array(...(a.shape as number[])), b: array(...(b.shape as number[])) };
      const [plain, fused, cpu] = await Promise.all(sessions.map((session) => session.run(product, feeds)));
      expect(firstDifference(plain?.data ?? [], cpu?.data ?? [], 1e-4)).toBeUndefined();
      expect(fused).toEqual(plain);
      for (const adapterClass of ['gpu', 'software'] as const) {
        const types = Object.entries(feeds).map(([name, { shape }]) => [name, { kind: 'array', shape }] as const);
        const { kernels } = planFor({ fetches: [product], feeds: new Map(types) }, { adapterClass });
        const names = kernels.map(({ name }) => name);
        if (parts === 1) expect(names).toEqual([`matmul [${M}, ${N}]`]);
        else expect(names).toEqual([`matmul [${parts}, ${M}, ${N}]`, `reduce-sum [${parts}, ${M}, ${N}]`]);
      }
    }
});

it.each([
  { samples: 8, K: 4096 },
  { samples: 4, K: 2048 },
])('parts of a product on samples turned over wait for all $samples of them', async ({ samples, K }) => {
  const x: Tensor = placeholder('x', [null, 3]);
  // Part p of the product takes columns of all samples, though there are as many parts as samples.
  const h: Tensor = relu(matmul(x, constant(array(3, K))));
  const product = matmul(constant(array(5, K)), h, { transposeB: true });
  const [plain, fused] = await Promise.all(
    sessions.slice(0, 2).map((session) => session.run({ h, product }, { x: array(samples, 3) })),
  );
  expect(fused).toEqual(plain);
});
