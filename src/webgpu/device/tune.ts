/**
 * Measures in which tiles large products are fastest on this device, at their first use. Loaded where it is used.
 */
import type { Backend, Compile, SubmitRequest } from '../../compile/backend.ts';
import type { Plan } from '../../compile/plan.ts';

/** A time is better if it is no more than this much of the best before it: measurements vary. */
const BETTER = 0.95;

/**
 * Measures on `request` the tile sizes of the products of `plan` that are not in `known`, and enters the fastest. A choice that
 * another session enters meanwhile stays, so that a choice never changes.
 */
export async function measureTiles(
  backend: Backend,
  plan: Plan,
  known: Map<string, number>,
  compile: Compile,
  request: SubmitRequest,
): Promise<void> {
  const open = plan.kernels.flatMap(({ tiles, dispatch }) =>
    tiles === undefined || known.has(tiles.key) ? [] : { ...tiles, dispatch },
  );
  await backend.synchronize();
  const only = new Set(open.map(({ dispatch }) => dispatch));
  const best = new Map(open.map(({ key }) => [key, { tile: 0, milliseconds: Infinity }]));
  try {
    for (let tile = 0; tile < Math.max(...open.map(({ count }) => count)); tile++) {
      const tried = new Map([...known, ...open.map(({ key }) => [key, tile] as const)]);
      const times = await backend.profile(compile(tried), request, only);
      for (const { key, dispatch } of open) {
        const milliseconds = times.find((time) => time.dispatch === dispatch)?.milliseconds ?? Infinity;
        if (milliseconds < BETTER * (best.get(key)?.milliseconds ?? 0)) best.set(key, { tile, milliseconds });
      }
    }
  } finally {
    for (const [key, { tile }] of best) if (!known.has(key)) known.set(key, tile);
  }
}
