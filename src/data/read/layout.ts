/**
 * Layout of an array's rows: their shape `[height, width, channels]`, and the order of their elements in the file.
 */
import { UsageError, DataError } from '../../errors.ts';
import { sizeOfShape } from '../../graph/shape.ts';
import type { LoadOptions } from '../load-options.ts';
import { pauses } from '../pause.ts';

/** An array of a file, row-major: the first axis counts rows. */
export interface RawArray {
  /** The file's name, with the array's if the file has several. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The elements: a `byte` of an image means value/255, a `flag` is 0 or 1. */
  readonly data: Uint8Array | Float32Array;
  readonly unit: 'byte' | 'flag' | 'number';
}

type LayoutOptions = Pick<LoadOptions, 'shape' | 'channels' | 'transposed'>;

interface Layout {
  /** The shape of a row in the data set. */
  readonly shape: readonly number[];
  readonly channelsFirst: boolean;
}

/** The sizes of an axis of channels: grey, colour, colour with opacity. */
const CHANNELS = [1, 3, 4];

/**
 * Orders the features of an array by the rows' shape, in place in `array.data`.
 *
 * @throws DataError for sizes that do not tell the axis of channels, or do not make rows of the given shape; UsageError for
 * transposed rows that are not images
 */
export async function featuresOf(
  array: RawArray,
  options: LayoutOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly features: Uint8Array | Float32Array; readonly shape: readonly number[] }> {
  const { name, data, unit } = array;
  const { shape, channelsFirst } = layoutOf(array, options);
  if (unit === 'flag') data.forEach((flag, i) => (data[i] = 255 * flag));
  const { transposed = false } = options;
  if (transposed && shape.length !== 3)
    throw new UsageError(
      `transposed: rows of [${shape.join(', ')}] in ${name} are not images. Leave it out, or give 'shape'.`,
    );
  if (transposed || channelsFirst) await reorder(data, sourceIndices(shape, channelsFirst, transposed), signal);
  return { features: data, shape };
}

function layoutOf({ name, shape: [, ...sizes], unit }: RawArray, options: LayoutOptions): Layout {
  const turned = (height: number, width: number, channels: number): readonly number[] =>
    options.transposed ? [width, height, channels] : [height, width, channels];
  if (options.shape !== undefined) return givenLayout(name, sizes, options.shape, options.channels);
  const [a = 1, b = 1, c = 1] = sizes;
  switch (sizes.length) {
    case 0:
    case 1: {
      const side = Math.sqrt(a);
      const isSquare = unit !== 'number' && Number.isInteger(side) && side > 1;
      return { shape: isSquare ? [side, side, 1] : [a], channelsFirst: false };
    }
    case 2:
      return { shape: turned(a, b, 1), channelsFirst: false };
    case 3: {
      const channelsFirst = (options.channels ?? channelsAt(name, sizes)) === 'first';
      return { shape: channelsFirst ? turned(b, c, a) : turned(a, b, c), channelsFirst };
    }
    default:
      throw new DataError(
        `${name} has rows of [${sizes.join(', ')}], which are not images. Give 'shape' the sizes that one row should have.`,
      );
  }
}

function givenLayout(
  name: string,
  sizes: readonly number[],
  shape: readonly number[],
  channels: 'first' | 'last' | undefined,
): Layout {
  const [actual, needed] = [sizeOfShape(sizes), sizeOfShape(shape)];
  if (actual !== needed) {
    throw new DataError(
      `${name} has rows of ${actual} elements, but 'shape' [${shape.join(', ')}] needs ${needed}. Give a 'shape' of ${actual}.`,
    );
  }
  const [height = 1, width = 1, depth = 1] = shape;
  const areFirst = !sameSizes(sizes, shape) && sameSizes(sizes, [depth, height, width]);
  return { shape, channelsFirst: shape.length === 3 && (channels ?? (areFirst ? 'first' : 'last')) === 'first' };
}

/** Tests whether two shapes are the same. */
export const sameSizes = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

/** The position of the channels among three axes, by their sizes. @throws DataError if these do not tell */
function channelsAt(name: string, sizes: readonly number[]): 'first' | 'last' {
  const [a = 0, , c = 0] = sizes;
  const [first, last] = [CHANNELS.includes(a), CHANNELS.includes(c)];
  // A first size of 1 is a single row of coloured pixels rather than a channel.
  if (last && (!first || (a === 1 && c > 1))) return 'last';
  if (first && !last) return 'first';
  throw new DataError(
    `${name} has rows of [${sizes.join(', ')}]: their sizes do not tell where the channels are. ` +
      `Give channels: 'first' or channels: 'last'` +
      (first ? '.' : `, or give 'shape' the sizes of one row.`),
  );
}

/** The index in the file's order of each element of a row `[height, width, channels]`. */
function sourceIndices(shape: readonly number[], channelsFirst: boolean, transposed: boolean): Uint32Array {
  const [height = 1, width = 1, channels = 1] = shape;
  const pixel = channelsFirst ? 1 : channels;
  const plane = channelsFirst ? height * width : 1;
  const [down, right] = transposed ? [pixel, height * pixel] : [width * pixel, pixel];
  return Uint32Array.from({ length: height * width * channels }, (_, i) => {
    const at = Math.floor(i / channels);
    return Math.floor(at / width) * down + (at % width) * right + (i % channels) * plane;
  });
}

/** Reorders each row, in place. */
async function reorder(
  data: Uint8Array | Float32Array,
  sources: Uint32Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pause = pauses(signal);
  const row = data.slice(0, sources.length);
  for (let start = 0; start < data.length; start += sources.length) {
    row.set(data.subarray(start, start + sources.length));
    for (let i = 0; i < sources.length; i++) data[start + i] = row[sources[i] ?? 0] ?? 0;
    if ((start / sources.length) % 64 === 0) await pause();
  }
}
