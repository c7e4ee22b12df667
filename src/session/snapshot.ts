/**
 * Snapshots: the state of a session as a safetensors file. The order of the sums in a step is a pure function of shapes, of the
 * adapter's class and of Inkling's version. The file names the latter two, so that a session can say whether it continues bit for
 * bit. Loaded on demand.
 */
import { DataError } from '../errors.ts';
import { renameFormer } from '../formats/former-names.ts';
import { quote } from '../formats/safetensors-header.ts';
import { readSafetensors, writeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import { formatShape, shapesEqual } from '../graph/shape.ts';
import type { Variable } from '../graph/sources.ts';
import { checkNames } from './prepare.ts';
import type { LockedRunner, Waiting } from './runner.ts';

export interface RestoreOptions {
  /**
   * Variables to check at once: all must be in the snapshot, and no other trainable ones. Tensors of whole numbers and booleans,
   * which no variable holds, are ignored. The variables of an optimizer are those of its operation:
   * `step.updates.map(({ variable }) => variable)`.
   */
  readonly variables?: readonly Variable[] | undefined;
  /** Takes infinite values and NaN as they are; default: a `DataError`. */
  readonly allowNonFinite?: boolean | undefined;
}

/** The result of `restore`: names of the file's tensors. */
export interface Restored {
  /** The variables that have the file's values now. */
  readonly restored: readonly string[];
  /** Names of variables that the session has not met: their tensors wait, and are part of its snapshots. */
  readonly waiting: readonly string[];
}

/** The version of the package; a test compares it with package.json. */
export const VERSION = '0.1.0';

/** The format of the metadata below: raised when an older reader would misread it. */
const FORMAT = 1;

const WHAT = 'restore: the snapshot';

/** Length of a list in a message; further items are counted. */
const MOST_LINES = 20;

/** Writes a snapshot. */
export async function takeSnapshot(runner: LockedRunner): Promise<Uint8Array> {
  const { backend, waiting } = runner;
  await backend.synchronize();
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

/** Restores a snapshot. @throws DataError, GraphError; nothing has changed then. */
export async function restoreSnapshot(
  runner: LockedRunner,
  file: Uint8Array,
  options: RestoreOptions,
): Promise<Restored> {
  const { variables = [], allowNonFinite = false } = options;
  const { tensors: read, metadata } = readSafetensors(file, WHAT);
  const tensors = new Map(read);
  const { backend } = runner;
  await backend.synchronize();
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

  const expected = new Map([...variables, ...runner.variables.values()].map((each) => [each.name, each]));
  renameFormer(tensors, expected.values());
  const names = [...tensors.keys()];
  const restored = names.filter((name) => expected.has(name));
  const waiting = names.filter((name) => !expected.has(name));
  const noneMet = expected.size > 0 && restored.length === 0;
  const extra = waiting.filter(
    (name) => noneMet || (options.variables && !kept.has(name) && isReal(tensors.get(name))),
  );
  const advice =
    metadata['inkling.format'] === undefined
      ? 'readSafetensors(bytes) of inkling/formats gives its tensors, session.set(variable, values) takes one'
      : 'restore it into a session of the program it was taken from';
  report(
    `${noneMet ? ', none of its names is that of a variable here' : ''}; ${advice}`,
    [...expected.values()].flatMap((variable) => difference(variable, tensors.get(variable.name))),
    extra.map((name) => `${quote(name)}: in the snapshot only`),
  );
  checkNames(variables, runner.variables);
  if (!allowNonFinite) checkFinite(tensors);

  const left = waitingOf(tensors, kept, advice);
  left.fit([...runner.variables.values()]);
  runner.restore({ step, samples }, seed, left);
  runner.ensureVariables(restored.flatMap((name) => expected.get(name) ?? []));
  noteOtherBits(runner, metadata);
  return { restored, waiting };
}

/** A file's tensors, all of which wait for variables. */
function waitingOf(file: ReadonlyMap<string, StoredTensor>, kept: ReadonlySet<string>, advice: string): Waiting {
  const tensors = new Map(file);
  const fit = (variables: readonly Variable[]): void => {
    renameFormer(tensors, variables);
    const there = variables.filter(({ name }) => tensors.has(name));
    report(
      `; ${advice}, or forget it by session.reset()`,
      there.flatMap((each) => difference(each, tensors.get(each.name))),
    );
    for (const { name, initial } of there) {
      const { data } = tensors.get(name) ?? {};
      if (data instanceof Float64Array)
        tensors.set(name, { data: Float32Array.from(data), shape: initial.shape, dtype: 'float32' });
    }
    noteMissing(variables, tensors, kept);
  };
  return { tensors, kept, fit };
}

/** Tells whether a variable can hold the tensor: not whole numbers or booleans. */
const isReal = (tensor: StoredTensor | undefined): boolean =>
  tensor?.dtype === 'float32' || tensor?.dtype === 'float64';

/** The difference between a variable and its tensor in the file, if any. */
function difference({ name, initial: { shape }, dtype }: Variable, found: StoredTensor | undefined): string[] {
  if (found === undefined) return [`${quote(name)}: missing in the snapshot`];
  const same = shapesEqual(found.shape, shape);
  if (same && isReal(found)) return [];
  const advice = (isReal(found) ? '' : `; convert it to ${dtype}`) + (same ? '' : turned(found.shape, shape));
  return [
    `${quote(name)}: ${found.dtype} ${formatShape(found.shape)} in the snapshot, ${dtype} ${formatShape(shape)} here${advice}`,
  ];
}

/** The remedy where the axes of a shape are in another order than expected. */
function turned(found: readonly number[], expected: readonly number[]): string {
  const [out, into, ...window] = found;
  const is = (...shape: (number | undefined)[]): boolean => String(shape) === String(expected);
  if (found.length === 2 && is(into, out))
    return "; it is stored transposed, as PyTorch stores a Linear's weight: transpose it";
  if (found.length === 4 && is(...window, into, out))
    return "; it is stored as PyTorch stores a convolution's weight, [out, in, height, width]: transpose it by [2, 3, 1, 0]";
  const sorted = (shape: readonly number[]): string => String([...shape].sort((a, b) => a - b));
  return sorted(found) === sorted(expected) ? '; its axes are in another order: transpose it' : '';
}

/** @throws DataError where there are differences. */
function report(advice: string, ...differences: readonly (readonly string[])[]): void {
  const lines = differences.flat();
  if (lines.length > 0) throw new DataError(`${WHAT} does not fit${advice}.\n  ${listed(lines, MOST_LINES, '\n  ')}`);
}

/** The first `most` items; the others are counted. */
function listed(items: readonly string[], most: number, separator: string): string {
  const others = items.length - most;
  return [...items.slice(0, most), ...(others > 0 ? [`and ${others} more`] : [])].join(separator);
}

/** Logs a note where variables get initial values although tensors of their kind, trained or not, still wait. */
function noteMissing(
  variables: readonly Variable[],
  tensors: ReadonlyMap<string, StoredTensor>,
  kept: ReadonlySet<string>,
): void {
  const met = new Set(variables.map(({ name }) => name));
  const waiting = [...tensors].flatMap(([name, tensor]) => (!met.has(name) && isReal(tensor) ? [name] : []));
  const missing = variables.filter(
    ({ name, trainable }) => !tensors.has(name) && waiting.some((each) => kept.has(each) !== trainable),
  );
  const names = (list: readonly string[]): string => listed(list.map(quote), 5, ', ');
  if (missing.length > 0)
    console.info(
      `Inkling: the restored file has no values for ${names(missing.map(({ name }) => name))}: initial ones are used. Of its names these still wait for variables: ${names(waiting)}.`,
    );
}

/** @throws DataError naming each tensor with values that are not finite. */
function checkFinite(tensors: ReadonlyMap<string, StoredTensor>): void {
  const faults = [...tensors].flatMap(([name, { data }]) => {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) return [];
    let faults = 0;
    for (const value of data) if (!Number.isFinite(Math.fround(value))) faults++;
    return faults === 0 ? [] : [`${quote(name)}: ${faults} of ${data.length} values`];
  });
  if (faults.length > 0)
    throw new DataError(
      `${WHAT} has values that are not finite in float32; give an earlier one, or { allowNonFinite: true }.\n  ${listed(faults, MOST_LINES, '\n  ')}`,
    );
}

/** A whole number in the metadata, if it is there. @throws DataError where it is another text, or above `most`. */
function wholeNumber(metadata: Readonly<Record<string, string>>, key: string, most: number): number | undefined {
  const text = metadata[key];
  if (text === undefined || (/^\d+$/.test(text) && Number(text) <= most))
    return text === undefined ? text : Number(text);
  throw new DataError(
    `${WHAT} has '${text.slice(0, 40)}' for ${key}, not a whole number up to ${most}; give another snapshot.`,
  );
}

/** The names in a JSON list. @throws DataError where the text is not one. */
function namesIn(text: string): ReadonlySet<string> {
  try {
    return new Set((JSON.parse(text) as readonly unknown[]).map(String));
  } catch {
    throw new DataError(`${WHAT} has an inkling.kept that is not a list of names; give another snapshot.`);
  }
}

function adapterOf({ backend }: LockedRunner): string {
  const { class: kind, vendor, architecture } = backend.adapter;
  const { backend: name, schedule = 'auto' } = backend.target;
  const parts = [name, kind, vendor, architecture, schedule === 'auto' ? '' : schedule];
  return parts.filter((part) => part !== '').join(' ');
}

/** Logs a note where further training may differ in the last bits: on another adapter, by another version. */
function noteOtherBits(runner: LockedRunner, metadata: Readonly<Record<string, string>>): void {
  const { 'inkling.adapter': adapter, 'inkling.version': version = '' } = metadata;
  if (adapter === undefined || (adapter === adapterOf(runner) && version === VERSION)) return;
  console.info(
    `Inkling: the snapshot was taken on ${adapter}, version ${version}; this is ${adapterOf(runner)}, version ${VERSION}. Its values are kept; what training makes of them may differ in the last bits.`,
  );
}
