/**
 * Snapshots: where a session stands, as a safetensors file. What orders the sums of a step is a pure function of shapes, of
 * the adapter's class and of Inkling's version; the latter two are written down, so that a session can tell whether it goes on
 * bit for bit. Loaded where it is used.
 */
import { DataError } from '../errors.ts';
import { renameFormer } from '../formats/former-names.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import type { NDArray } from '../graph/ndarray.ts';
import { formatShape, shapesEqual } from '../graph/shape.ts';
import type { Variable } from '../graph/sources.ts';
import type { Runner } from './runner.ts';

export interface RestoreOptions {
  /**
   * Variables to be checked at once: all must be in the snapshot, and no other trainable ones. What optimizers keep is named by
   * their operation: `step.updates.map(({ variable }) => variable)`.
   */
  readonly variables?: readonly Variable[] | undefined;
  /** Takes infinite values and NaN as they are; default: a `DataError`. */
  readonly allowNonFinite?: boolean | undefined;
}

/** Of the package; a test holds it to package.json. */
export const VERSION = '0.1.0';

/** Of the metadata below: raised when an older reader would misread it. */
const FORMAT = 1;

const WHAT = 'restore: the snapshot';

/** Call it within {@link Runner.exclusively}. */
export async function takeSnapshot(runner: Runner): Promise<Uint8Array> {
  const { backend, waiting } = runner;
  await backend.settled();
  const { counters } = runner;
  const variables = [...runner.variables.values()];
  const tensors = new Map(waiting?.tensors);
  const values = await backend.readVariables(variables.map(({ name }) => name));
  values.forEach((data, i) => {
    for (const { name, initial, dtype } of variables.slice(i, i + 1))
      tensors.set(name, { data, shape: initial.shape, dtype });
  });
  const kept = [...tensors.keys()].filter((name) => {
    const variable = runner.variables.get(name);
    return variable === undefined ? waiting?.kept.has(name) : !variable.trainable;
  });
  const metadata = {
    'inkling.format': `${FORMAT}`,
    'inkling.version': VERSION,
    'inkling.adapter': adapterOf(runner),
    'inkling.seed': `${backend.seed}`,
    'inkling.step': `${counters.step}`,
    'inkling.samples': `${counters.samples}`,
    'inkling.kept': JSON.stringify(kept),
  };
  return writeSafetensors({ tensors, metadata });
}

/**
 * Call it within {@link Runner.exclusively}.
 * @throws DataError, nothing having changed.
 */
export async function restoreSnapshot(runner: Runner, file: Uint8Array, options: RestoreOptions): Promise<void> {
  const { tensors: read, metadata } = readSafetensors(file, WHAT);
  const tensors = new Map(read);
  const { backend } = runner;
  await backend.settled();
  const { counters } = runner;
  const number = (key: string, most: number, otherwise: number): number =>
    wholeNumber(metadata, key, most) ?? otherwise;
  if (number('inkling.format', Number.MAX_SAFE_INTEGER, FORMAT) > FORMAT)
    throw new DataError(
      `${WHAT} was made by a newer version of Inkling, ${metadata['inkling.version'] ?? ''}; update this one, ${VERSION}.`,
    );
  const seed = number('inkling.seed', 2 ** 32 - 1, backend.seed);
  const step = number('inkling.step', 2 ** 31, counters.step);
  const samples = number('inkling.samples', 2 ** 48, counters.samples);
  const kept = namesIn(metadata['inkling.kept'] ?? '[]');

  const expected = new Map(
    [...(options.variables ?? []), ...runner.variables.values()].map((each) => [each.name, each]),
  );
  renameFormer(tensors, expected.values());
  const extra = [...tensors.keys()].filter((name) => options.variables && !expected.has(name) && !kept.has(name));
  report([
    ...[...expected.values()].flatMap((variable) => difference(variable, tensors.get(variable.name))),
    ...extra.map((name) => `'${name}': in the snapshot only`),
  ]);
  if (options.allowNonFinite !== true) checkFinite(tensors);

  const waiting = new Map(tensors);
  const check = (variables: readonly Variable[]): void => {
    renameFormer(waiting, variables);
    report(variables.flatMap((each) => (waiting.has(each.name) ? difference(each, waiting.get(each.name)) : [])));
  };
  runner.restore({ step, samples }, seed, { tensors: waiting, kept, check });
  noteOtherBits(runner, metadata);
}

/** How a variable and what there is for it differ, if they do. */
function difference({ name, initial, dtype }: Variable, found: NDArray | undefined): string[] {
  if (found === undefined) return [`'${name}': missing in the snapshot`];
  if (shapesEqual(found.shape, initial.shape) && found.dtype === dtype) return [];
  return [
    `'${name}': ${found.dtype} ${formatShape(found.shape)} in the snapshot, ${dtype} ${formatShape(initial.shape)} here`,
  ];
}

/** @throws DataError where there are differences. */
function report(differences: readonly string[]): void {
  if (differences.length > 0)
    throw new DataError(
      `${WHAT} does not fit; restore it into a session of the program it was taken from.\n  ${differences.join('\n  ')}`,
    );
}

/** @throws DataError naming each tensor that is not finite everywhere. */
function checkFinite(tensors: ReadonlyMap<string, NDArray>): void {
  const faults = [...tensors].flatMap(([name, { data }]) => {
    let faults = 0;
    for (const value of data) if (!Number.isFinite(value)) faults++;
    return faults === 0 ? [] : [`'${name}': ${faults} of ${data.length} values`];
  });
  if (faults.length > 0)
    throw new DataError(
      `${WHAT} has values that are not finite; give an earlier one, or { allowNonFinite: true }.\n  ${faults.join('\n  ')}`,
    );
}

/** @throws DataError where it is none. */
function wholeNumber(metadata: Readonly<Record<string, string>>, key: string, most: number): number | undefined {
  const text = metadata[key];
  if (text === undefined || (/^\d+$/.test(text) && Number(text) <= most))
    return text === undefined ? text : Number(text);
  throw new DataError(
    `${WHAT} has '${text.slice(0, 40)}' for ${key}, not a whole number up to ${most}; give another one.`,
  );
}

/** The names in a JSON list. @throws DataError where it is none. */
function namesIn(text: string): ReadonlySet<string> {
  try {
    return new Set((JSON.parse(text) as readonly unknown[]).map(String));
  } catch {
    throw new DataError(`${WHAT} has an inkling.kept that is no list of names; give another one.`);
  }
}

function adapterOf({ backend }: Runner): string {
  const { class: kind, vendor, architecture } = backend.adapter;
  const { schedule = 'auto' } = backend.target.backend === 'webgpu' ? backend.target : {};
  const parts = [backend.kind, kind, vendor, architecture, schedule === 'auto' ? '' : schedule];
  return parts.filter((part) => part !== '').join(' ');
}

/** Says so where values are the same, but what they become may not be, to the bit. */
function noteOtherBits(runner: Runner, metadata: Readonly<Record<string, string>>): void {
  const { 'inkling.adapter': adapter, 'inkling.version': version = '' } = metadata;
  if (adapter === undefined || (adapter === adapterOf(runner) && version === VERSION)) return;
  console.info(
    `Inkling: the snapshot was taken on ${adapter}, version ${version}; this is ${adapterOf(runner)}, version ${VERSION}. Its values are kept; what training makes of them may differ in the last bits.`,
  );
}
