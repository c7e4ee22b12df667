/**
 * Files of classifiers: the snapshot of the session (safetensors), limited to the classifier's variables, with the model and the
 * optimizer in the metadata.
 */
import { isRecord } from '../checks.ts';
import { renameFormer } from '../formats/former-names.ts';
import type { ImageInput } from '../data/input.ts';
import type { TensorFile } from '../formats/safetensors.ts';
import { DataError, InklingError, type Session, type Variable } from '../index.ts';
import { checkImages } from './images.ts';
import { resolveOptimizer, type NamedOptimizer } from './optimizers.ts';
import { sequential, type Sequential } from './sequential.ts';

/** The metadata's key. */
const KEY = 'inkling.classifier';
const WHAT = 'The classifier';

/** The metadata of a classifier's file. */
export interface Description {
  readonly model: Sequential;
  /** `undefined` for an optimizer of the engine's. */
  readonly optimizer?: NamedOptimizer | undefined;
  /** The form of the images it was trained on; `null` for a data set without images. */
  readonly images?: ImageInput | null | undefined;
}

/** Writes the session's `variables` and counters, with the classifier's description. */
export async function writeClassifier(
  session: Session,
  variables: readonly Variable[],
  description: Description,
): Promise<Uint8Array> {
  const { readSafetensors, writeSafetensors } = await import('../formats/safetensors.ts');
  await session.meet(variables);
  const { tensors, metadata } = readSafetensors(await session.snapshot(), WHAT);
  return writeSafetensors({
    tensors: select(tensors, variables),
    metadata: { ...metadata, [KEY]: JSON.stringify(description) },
  });
}

/**
 * Reads the description in a file.
 * @throws DataError for a damaged file, or one without a classifier.
 */
export async function readDescription(bytes: Uint8Array): Promise<Description> {
  const { readSafetensors } = await import('../formats/safetensors.ts');
  const text = readSafetensors(bytes, WHAT).metadata[KEY];
  if (text === undefined)
    throw new DataError(
      `${WHAT}'s file has no model ('${KEY}' in the metadata); give one that save() made, or set a classifier's variables to tensors of readSafetensors (inkling/formats).`,
    );
  try {
    const { model, optimizer, images } = JSON.parse(text) as Description;
    if (!isRecord(model)) throw new TypeError('no model');
    if (optimizer !== undefined) resolveOptimizer(optimizer); // checks it
    if (images) checkImages(images, model.input);
    return { model: sequential(model), optimizer, images };
  } catch (error) {
    const reason = error instanceof InklingError ? error.message : 'it is not JSON of a model.';
    throw new DataError(`${WHAT}'s file has a model that cannot be used: ${reason} Save it again.`, { cause: error });
  }
}

/**
 * Sets all `weights`, and the `slots` that the file has (another optimizer begins anew). The session's other variables stay.
 * @throws DataError for weights that are missing or do not fit; then nothing has changed.
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
  const tensors = new Map([...others, ...select(read, variables)]);
  // The session would refuse its other waiting variables, as tensors of the file that the classifier does not have.
  const metadata = { ...file.metadata, 'inkling.kept': JSON.stringify([...others.keys()]) };
  await session.restore(writeSafetensors({ tensors, metadata }), { variables });
}

function select(tensors: TensorFile['tensors'], variables: readonly Variable[]): TensorFile['tensors'] {
  const names = new Set(variables.map(({ name }) => name));
  return new Map([...tensors].filter(([name]) => names.has(name)));
}
