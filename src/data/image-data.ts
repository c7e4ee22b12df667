/**
 * Conversion of a data set's row to `ImageData`.
 */

/**
 * Converts a row of 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels to RGBA; floats are read as 0…1. Without `ImageData`
 * (in Node) the result is a plain object of the same form.
 */
export function toImageData(
  values: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
): ImageData {
  const scale = values instanceof Float32Array ? 255 : 1;
  const data = new Uint8ClampedArray(4 * height * width);
  const colours = channels < 3 ? [0, 0, 0] : [0, 1, 2];
  for (let pixel = 0; pixel < height * width; pixel++) {
    const at = pixel * channels;
    colours.forEach((channel, i) => (data[4 * pixel + i] = scale * (values[at + channel] ?? 0)));
    data[4 * pixel + 3] = channels % 2 === 0 ? scale * (values[at + channels - 1] ?? 0) : 255;
  }
  if (typeof ImageData !== 'undefined') return new ImageData(data, width, height);
  return { data, width, height, colorSpace: 'srgb' };
}
