/**
 * Every WGSL module that the planner emits for a fixed set of programs, on each class of adapter and in each schedule: what
 * golden.test.ts has hashes of, and what `test/tools/diff-modules.js` compares between two commits.
 */
import type { FeedType } from '../../src/compile/plan.ts';
import { adam, momentum } from '../../src/index.ts';
import { differential } from '../ops/differential.ts';
import { batchesOf, opCases } from '../ops/table.ts';
import { convolutional, distantKin, kin, perceptron, trainingStep } from './classifiers.ts';
import { ADAPTERS, modulesIn, planFor, TINY_LIMITS, type Asked, type TargetOptions } from './planning.ts';

export interface Module {
  /** The kernels in it. */
  readonly name: string;
  readonly code: string;
}

const schedules = ['plain', 'fused'] as const;
const targets: Readonly<Record<string, TargetOptions>> = {
  ...Object.fromEntries(
    Object.entries(ADAPTERS).flatMap(([name, adapter]) =>
      schedules.map((schedule) => [`${name}, ${schedule}`, { ...adapter, schedule }]),
    ),
  ),
  'tiny limits, plain': { limits: TINY_LIMITS },
};

const steps = Object.entries({
  ...kin,
  ...distantKin,
  'five layers': () => perceptron([200, 100, 60, 30]),
  'five layers, adam': () => perceptron([200, 100, 60, 30], adam(0.003)),
  'two layers, momentum': () => perceptron([32], momentum(0.1, 0.9)),
  convolutional,
}).flatMap(([name, build]) =>
  [17, 100].map((batch): [string, () => Asked] => [
    `a step of ${batch}: ${name}`,
    () => trainingStep(build(), { batch, fetchLoss: true }),
  ]),
);

const ops = opCases.flatMap((row) =>
  batchesOf(row)
    .slice(0, 1)
    .map((batch): [string, () => Asked] => [
      `op: ${row.op}: ${row.name}, batch ${batch}`,
      () => {
        const { fetches, feeds: fed } = differential(row, batch);
        const feeds = new Map(
          [...fed].map(([{ name = '' }, { shape }]): [string, FeedType] => [name, { kind: 'array', shape }]),
        );
        return { fetches, feeds, training: true };
      },
    ]),
);

/** The programs, by name. */
export const programs: Readonly<Record<string, () => Asked>> = Object.fromEntries([...steps, ...ops]);

/** The modules of a program, by target; nothing where a program does not fit the target's limits. */
export function modulesOf(build: () => Asked): Record<string, readonly Module[]> {
  const found: Record<string, readonly Module[]> = {};
  const asked = build();
  for (const [name, target] of Object.entries(targets)) {
    const modules = planned(asked, target);
    if (modules !== undefined) found[name] = modules;
  }
  return found;
}

function planned(asked: Asked, target: TargetOptions): readonly Module[] | undefined {
  try {
    return modulesIn(planFor(asked, target));
  } catch (error) {
    if (target.limits === TINY_LIMITS && error instanceof Error && error.message.includes('limit')) return undefined;
    throw error;
  }
}
