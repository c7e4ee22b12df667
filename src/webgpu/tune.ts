/**
 * Measures in which tiles large products are fastest on this device, at their first use. Loaded where it is used.
 */
import type { Backend, SubmitRequest } from '../compile/backend.ts';
import type { Plan } from '../compile/plan.ts';

/** A time is better if it is no more than this much of the best before it: measurements vary. */
const BETTER = 0.95;

/** Compiles a plan, once what it leaves open is measured on `request` and noted in the target's `tiles`. */
export async function tune(backend: Backend, compile: () => Plan, request: SubmitRequest): Promise<Plan> {
  const plan = compile();
  const known = plan.target.backend === 'webgpu' ? plan.target.tiles : undefined;
  const open = plan.kernels.flatMap(({ tiles, dispatch }) =>
    tiles === undefined || known?.has(tiles.key) !== false ? [] : { ...tiles, dispatch },
  );
  if (known === undefined || open.length === 0) return plan;
  await backend.synchronize();
  const only = new Set(open.map(({ dispatch }) => dispatch));
  const best = new Map(open.map(({ key }) => [key, { tile: 0, milliseconds: Infinity }]));
  try {
    for (let tile = 0; tile < Math.max(...open.map(({ count }) => count)); tile++) {
      for (const { key } of open) known.set(key, tile);
      const times = await backend.profile(compile(), request, only);
      for (const { key, dispatch } of open) {
        const milliseconds = times.find((time) => time.dispatch === dispatch)?.milliseconds ?? Infinity;
        if (milliseconds < BETTER * (best.get(key)?.milliseconds ?? 0)) best.set(key, { tile, milliseconds });
      }
    }
  } finally {
    for (const [key, { tile }] of best) known.set(key, tile);
  }
  return compile();
}
