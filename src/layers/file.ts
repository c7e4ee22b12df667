/**
 * A classifier as a file: the snapshot of its session (safetensors), cut down to what is the classifier's, with the model and
 * the optimizer in the metadata.
 */
import { isRecord } from '../checks.ts';
import { renameFormer } from '../formats/former-names.ts';
import type { ImageInput } from '../data/input.ts';
import type { TensorFile } from '../formats/safetensors.ts';
import { DataError, InklingError, type Session, type Variable } from '../index.ts';
import { checkImages } from './images.ts';
import { createOptimizer, type NamedOptimizer } from './optimizers.ts';
import { sequential, type Sequential } from './sequential.ts';

/** The metadata's key. */
const KEY = 'inkling.classifier';
const WHAT = 'The classifier';

/** What a file says beside the tensors. */
export interface Description {
  readonly model: Sequential;
  /** `undefined` where it was not one by name. */
  readonly optimizer?: NamedOptimizer | undefined;
  /** The images it was trained on; `null` where its data set had none. */
  readonly images?: ImageInput | null | undefined;
}

/** The session's `variables`, where it stands, and what they belong to. */
export async function writeClassifier(
  session: Session,
  variables: readonly Variable[],
  description: Description,
): Promise<Uint8Array> {
  const { readSafetensors, writeSafetensors } = await import('../formats/safetensors.ts');
  await session.meet(variables);
  const { tensors, metadata } = readSafetensors(await session.snapshot(), WHAT);
  return writeSafetensors({
    tensors: only(tensors, variables),
    metadata: { ...metadata, [KEY]: JSON.stringify(description) },
  });
}

/**
 * What a file says of its classifier.
 * @throws DataError where it is damaged, or no classifier's.
 */
export async function describeFile(bytes: Uint8Array): Promise<Description> {
  const { readSafetensors } = await import('../formats/safetensors.ts');
  const text = readSafetensors(bytes, WHAT).metadata[KEY];
  if (text === undefined)
    throw new DataError(
      `${WHAT}'s file has no model ('${KEY}' in the metadata); give one that save() made, or set the variables of a classifier to what readSafetensors of inkling/formats gives.`,
    );
  try {
    const { model, optimizer, images } = JSON.parse(text) as Description;
    if (!isRecord(model)) throw new TypeError('no model');
    if (optimizer !== undefined) createOptimizer(optimizer); // is checked
    if (images) checkImages(images, model.input);
    return { model: sequential(model), optimizer, images };
  } catch (error) {
    const reason = error instanceof InklingError ? error.message : 'it is not JSON of a model.';
    throw new DataError(`${WHAT}'s file has a model that cannot be used: ${reason} Save it again.`, { cause: error });
  }
}

/**
 * Puts the file's values in place: all `weights`, and of `slots` those that are there (another optimizer begins anew). What
 * else the session holds stays.
 * @throws DataError where weights are missing or do not fit; then nothing has changed.
 */
export async function restoreClassifier(
  session: Session,
  bytes: Uint8Array,
  weights: readonly Variable[],
  slots: readonly Variable[],
): Promise<void> {
  const { readSafetensors, writeSafetensors } = await import('../formats/safetensors.ts');
  const file = readSafetensors(bytes, WHAT);
  const read = new Map(file.tensors);
  renameFormer(read, slots);
  const variables = [...weights, ...slots.filter(({ name }) => read.has(name))];
  const others = readSafetensors(await session.snapshot(), WHAT).tensors;
  const tensors = new Map([...others, ...only(read, variables)]);
  // Else those that wait would be refused, as parts of the file that the classifier does not have.
  const metadata = { ...file.metadata, 'inkling.kept': JSON.stringify([...others.keys()]) };
  await session.restore(writeSafetensors({ tensors, metadata }), { variables });
}

function only(tensors: TensorFile['tensors'], variables: readonly Variable[]): TensorFile['tensors'] {
  const names = new Set(variables.map(({ name }) => name));
  return new Map([...tensors].filter(([name]) => names.has(name)));
}
