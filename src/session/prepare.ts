/**
 * A request made ready to be compiled: its sources collected, its feeds checked and copied, its key in the plan cache.
 */
import { collectSources } from '../compile/collect.ts';
import { rootsOf } from '../compile/program.ts';
import { structureKey } from '../compile/structure.ts';
import { GraphError } from '../errors.ts';
import { otherName, type Variable } from '../graph/sources.ts';
import { describeTensor } from '../graph/tensor.ts';
import { bindFeeds, type Batch, type BoundFeeds, type Feeds } from './feeds.ts';
import type { Request } from './fetches.ts';

/** A request checked and ready to be compiled. */
export interface Prepared {
  readonly request: Request;
  readonly feeds: BoundFeeds;
  readonly variables: readonly Variable[];
  readonly training: boolean;
  readonly key: string;
}

export interface PrepareOptions {
  /** The batch of columns that are sampled; without it, columns are fed whole. */
  readonly batch?: Batch;
  /** Training mode, whether or not an optimizer's operation is run. */
  readonly training?: boolean | undefined;
  /** Feeds that are checked and copied already, in the place of others. */
  readonly bound?: BoundFeeds;
}

/**
 * Checks a request and copies its feeds.
 * @param met - The variables that the session has met, by name.
 * @throws GraphError, FeedError
 */
export function prepareRequest(
  request: Request,
  feeds: Feeds,
  met: ReadonlyMap<string, Variable>,
  { batch, training = false, ...given }: PrepareOptions = {},
): Prepared {
  const { tensors, operation } = request;
  const mode = operation.training || training;
  const roots = rootsOf({ fetches: tensors, updates: operation.updates, checks: operation.checks });
  const { placeholders, variables } = collectSources([...roots, ...operation.updates.map(({ variable }) => variable)]);
  checkNames(variables.values(), met);
  const bound = given.bound ?? bindFeeds(placeholders, feeds, batch);
  const key = [
    structureKey(roots),
    `${tensors.length} ${operation.training} ${mode} ${operation.updates.map(({ variable }) => variable.name).join()}`,
    JSON.stringify([...bound.types]),
  ].join('\n');
  return { request, feeds: bound, variables: [...variables.values()], training: mode, key };
}

/** @throws GraphError where the session has met another variable of the same name. */
export function checkNames(variables: Iterable<Variable>, met: ReadonlyMap<string, Variable>): void {
  for (const variable of variables) {
    const known = met.get(variable.name);
    if (known !== undefined && known !== variable) {
      throw new GraphError(
        `This session knows another variable called '${variable.name}', ${describeTensor(known)}; names are unique within a session. ${otherName(variable)}, or another session.`,
      );
    }
  }
}
