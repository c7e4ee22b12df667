/**
 * A picture's colours and opacity, averaged to a working resolution.
 */

/** RGBA pixels, as `ImageData` has them. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Red, green and blue of 0…255, and opacity of 0…1; row-major. */
export interface Channels {
  readonly colours: readonly Float32Array<ArrayBuffer>[];
  readonly cover: Float32Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  /** The side of one of these pixels in the picture's pixels, and the origin in the picture. */
  readonly step: number;
  readonly left: number;
  readonly top: number;
}

/** The working resolution: the longer side has this many pixels, or up to twice as many. */
const SIDE = 200;

/** The number of a picture's pixels, along each side, that are averaged to a working pixel. */
export function stepOf(width: number, height: number): number {
  return Math.max(1, Math.floor(Math.max(width, height) / SIDE));
}

/** Averages squares of a large picture's pixels. */
export function channelsOf({ data, width: fullWidth, height: fullHeight }: Pixels): Channels {
  const step = stepOf(fullWidth, fullHeight);
  const [width, height] = [Math.ceil(fullWidth / step), Math.ceil(fullHeight / step)];
  const plane = (): Float32Array<ArrayBuffer> => new Float32Array(width * height);
  const [red, green, blue, cover] = [plane(), plane(), plane(), plane()];
  for (let y = 0; y < fullHeight; y++) {
    const row = Math.floor(y / step) * width;
    for (let x = 0; x < width; x++) {
      let [r, g, b, a] = [0, 0, 0, 0];
      const end = 4 * (y * fullWidth + Math.min(fullWidth, (x + 1) * step));
      for (let i = 4 * (y * fullWidth + x * step); i < end; i += 4) {
        const alpha = data[i + 3] ?? 0;
        r += alpha * (data[i] ?? 0);
        g += alpha * (data[i + 1] ?? 0);
        b += alpha * (data[i + 2] ?? 0);
        a += alpha;
      }
      const at = row + x;
      red[at] = (red[at] ?? 0) + r;
      green[at] = (green[at] ?? 0) + g;
      blue[at] = (blue[at] ?? 0) + b;
      cover[at] = (cover[at] ?? 0) + a;
    }
  }
  for (let y = 0; y < height; y++) {
    const down = Math.min(step, fullHeight - y * step);
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const covered = cover[i] ?? 0;
      for (const colour of [red, green, blue]) colour[i] = (colour[i] ?? 0) / Math.max(1, covered);
      cover[i] = covered / (255 * down * Math.min(step, fullWidth - x * step));
    }
  }
  return { colours: [red, green, blue], cover, width, height, step, left: 0, top: 0 };
}

/**
 * Crops a picture to its opaque rectangle. Returns `undefined` for strokes on a transparent ground, whose opacity is ink.
 *
 * A picture has varying colours, and it fills its rectangle apart from corners and holes, or leaves no pixel transparent. Or it
 * fills more than half of the area.
 */
export function pictureIn(channels: Channels): Channels | undefined {
  const { colours, cover, width, height, step } = channels;
  const least = cover.reduce((a, b) => Math.min(a, b), 1);
  const most = cover.reduce((a, b) => Math.max(a, b), 0);
  if (least === 1) return channels;
  let [left, right, top, bottom, count] = [width, 0, height, 0, 0];
  const darkest = [255, 255, 255];
  const lightest = [0, 0, 0];
  for (let i = 0; i < cover.length; i++) {
    if ((cover[i] ?? 0) < most / 2) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x + 1), Math.min(top, y), y + 1];
    count++;
    for (const [c, colour] of colours.entries()) {
      const value = colour[i] ?? 0;
      if (value < (darkest[c] ?? 0)) darkest[c] = value;
      if (value > (lightest[c] ?? 0)) lightest[c] = value;
    }
  }
  const fills = count > 0.7 * (right - left) * (bottom - top);
  const varies = lightest.some((value, c) => value - (darkest[c] ?? 0) > 6);
  if (!(varies && (fills || least > 0.05)) && !(fills && count > cover.length / 2)) return undefined;
  const size = { width: right - left, height: bottom - top };
  const crop = (plane: Float32Array): Float32Array<ArrayBuffer> => {
    const out = new Float32Array(size.width * size.height);
    for (let y = 0; y < size.height; y++) {
      const from = (top + y) * width + left;
      out.set(plane.subarray(from, from + size.width), y * size.width);
    }
    return out;
  };
  return {
    colours: colours.map(crop),
    cover: crop(cover).map((value) => value / most),
    ...size,
    step,
    left: left * step,
    top: top * step,
  };
}
