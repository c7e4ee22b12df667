/** The options of `npm run bench`. */
import { parseArgs } from 'node:util';
import { contenders, workloads, type Contender, type Workload } from './contenders.ts';

export interface Options {
  readonly rounds: number;
  /** How long a round is meant to take. */
  readonly roundMs: number;
  readonly only: readonly Workload[];
  readonly contenders: readonly Contender[];
  /** The file that the results are written to. */
  readonly out: string;
}

export const usage = `npm run bench -- [options]
  --quick             three rounds of a quarter of a second instead of five of a second
  --only NAMES        some of ${workloads.join(', ')}
  --peers NAMES       some of ${contenders.map(({ name }) => name).join(', ')};
                      a library's name stands for all its backends
  --out FILE          where the results go as JSON; default .cache/bench.json`;

/** @returns undefined where help is asked for. @throws where an option is unknown or names what there is not. */
export function parseOptions(parameters: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: workloads.join() },
      peers: { type: 'string', default: 'inkling,jax,tfjs' },
      out: { type: 'string', default: '.cache/bench.json' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const only = choose('--only', values.only, workloads, (workload, name) => workload === name);
  const chosen = choose('--peers', values.peers, contenders, (contender, name) =>
    [contender.name, contender.library].includes(name),
  );
  const pace = values.quick ? { rounds: 3, roundMs: 250 } : { rounds: 5, roundMs: 1000 };
  return { ...pace, only, contenders: chosen, out: values.out };
}

function choose<T>(option: string, list: string, all: readonly T[], matches: (item: T, name: string) => boolean): T[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !all.some((item) => matches(item, name)));
  if (unknown !== undefined) throw new Error(`${option}: there is no '${unknown}'\n\n${usage}`);
  return all.filter((item) => names.some((name) => matches(item, name)));
}
