/** Runs in the page: loads Pillow's files (test/data/fixtures/images.py), good and bad, each by its address. */
import { loadImages } from 'inkling/data';

/** The colours of a picture's corners, upper left and right, lower left and right, or why there are none. */
type Corners = readonly number[] | string;

export default async function run(names: readonly string[]): Promise<Readonly<Record<string, Corners>>> {
  const found = names.map(async (name): Promise<[string, Corners]> => {
    const size = name === 'turned.jpg' ? ([32, 16] as const) : ([16, 32] as const);
    // As bytes: the server must not have a say in what they are.
    const response = await fetch(`/test/data/fixtures/images/${name}`);
    const file = new File([await response.arrayBuffer()], name);
    try {
      const { images } = await loadImages([{ file, label: 'x' }], { size, channels: 3, background: 'black' });
      const [height, width] = size;
      const corners = [0, width - 1, (height - 1) * width, height * width - 1];
      return [name, corners.flatMap((at) => Array.from(images.values.slice(3 * at, 3 * at + 3)))];
    } catch (error) {
      return [name, String(error)];
    }
  });
  return Object.fromEntries<Corners>(await Promise.all(found));
}
