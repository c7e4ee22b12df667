/**
 * Kinds of picture that people have of a digit, made from MNIST's: on paper, under light, with noise, lines, frames and specks.
 */
import { normal } from './random.ts';

/** RGBA pixels. */
export interface Picture {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** One colour, 0…255 of red, green and blue; a single number is a grey. */
export type Colour = number | readonly [number, number, number];

/** A place in a picture: x and y of 0…1 from left and top, and in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly column: number;
  readonly row: number;
  /** The picture's width, in pixels. */
  readonly width: number;
  /** The picture's height, in pixels. */
  readonly height: number;
}

/** How a digit was drawn and taken. */
export interface Kind {
  readonly paper?: Colour;
  readonly ink?: Colour;
  /** Factor of what paper and ink reflect. */
  readonly light?: (place: Place) => number;
  /** The paper's light alone changes; ink stays what it is. */
  readonly even?: boolean;
  /** Printed lines and frames: a colour, or none. */
  readonly lines?: (place: Place) => Colour | undefined;
  /** The standard deviation of the noise of each pixel. */
  readonly noise?: number;
  /** The same noise in all three channels. */
  readonly grey?: boolean;
  /** Width and height in pixels; 112 to 168 where it is left out. */
  readonly size?: number | readonly [number, number];
  /** The digit's side, of the picture's shorter one; 0.7 to 1. */
  readonly scale?: number;
  /** What a pen does with how much ink there is, 0…1. */
  readonly pen?: (ink: number) => number;
  /** What happens to the finished picture. */
  readonly after?: (picture: Picture, next: () => number) => Picture;
}

/** A picture of a digit of 28 × 28 bytes, of a kind. */
export function pictureOf(digit: Uint8Array, kind: Kind, next: () => number): Picture {
  const { size = Math.round(112 + 56 * next()), scale = 0.7 + 0.3 * next(), pen = (ink: number) => ink } = kind;
  const [width, height] = typeof size === 'number' ? [size, size] : size;
  const side = scale * Math.min(width, height);
  const [left, top] = [(width - side) * next(), (height - side) * next()];
  const { light = () => 1, lines = () => undefined, noise = 0, grey = false, even = false, after } = kind;
  const [paper, ink] = [rgb(kind.paper ?? 255), rgb(kind.ink ?? 0)];
  const data = new Uint8ClampedArray(4 * width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const place: Place = { x: column / (width - 1), y: row / (height - 1), column, row, width, height };
      const share = pen(
        smooth(digit, ((column + 0.5 - left) / side) * 28 - 0.5, ((row + 0.5 - top) / side) * 28 - 0.5),
      );
      const line = lines(place);
      const ground = line === undefined ? paper : rgb(line);
      const bright = light(place);
      const shift = noise > 0 && grey ? noise * normal(next) : 0;
      const at = 4 * (row * width + column);
      for (let c = 0; c < 3; c++) {
        const [under, over] = [(ground[c] ?? 0) * bright, (ink[c] ?? 0) * (even ? 1 : bright)];
        data[at + c] = under + (over - under) * share + (noise > 0 && !grey ? noise * normal(next) : shift);
      }
      data[at + 3] = 255;
    }
  }
  return after ? after({ data, width, height }, next) : { data, width, height };
}

const rgb = (colour: Colour): readonly [number, number, number] =>
  typeof colour === 'number' ? [colour, colour, colour] : colour;

/** A digit's ink of 0…1 between its pixels, bilinearly. */
function smooth(digit: Uint8Array, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  if (left < -1 || top < -1 || left > 27 || top > 27) return 0;
  const at = (column: number, row: number): number =>
    column < 0 || row < 0 || column > 27 || row > 27 ? 0 : (digit[28 * row + column] ?? 0);
  const [u, v] = [x - left, y - top];
  const above = at(left, top) + (at(left + 1, top) - at(left, top)) * u;
  const below = at(left, top + 1) + (at(left + 1, top + 1) - at(left, top + 1)) * u;
  return (above + (below - above) * v) / 255;
}

/** Squared paper: lines every `pitch` pixels, `thick` of them wide; ruled where only rows are. */
export const squares =
  (pitch: number, thick: number, colour: Colour, ruled = false) =>
  ({ column, row }: Place): Colour | undefined =>
    row % pitch < thick || (!ruled && column % pitch < thick) ? colour : undefined;

/** A frame `thick` pixels wide, at a distance from the border; left open where `open` says. */
export const frame =
  (thick: number, distance: number, colour: Colour, open: (place: Place) => boolean = () => false) =>
  (place: Place): Colour | undefined => {
    const { column, row, width, height } = place;
    const near = Math.min(column, row, width - 1 - column, height - 1 - row);
    return near >= distance && near < distance + thick && !open(place) ? colour : undefined;
  };

/** Squares of `side` pixels of a colour, where there may or may not be ink. */
export const specks =
  (count: number, side: number, colour: Colour) =>
  (picture: Picture, next: () => number): Picture => {
    const { data, width, height } = picture;
    for (let i = 0; i < count; i++) {
      const [left, top] = [Math.floor(next() * (width - side)), Math.floor(next() * (height - side))];
      for (let j = 0; j < side * side; j++) {
        data.set(rgb(colour), 4 * ((top + Math.floor(j / side)) * width + left + (j % side)));
      }
    }
    return picture;
  };

/** Sets the alpha of pixels. */
export const clear =
  (alpha: (place: Place) => number) =>
  (picture: Picture): Picture => {
    const { data, width, height } = picture;
    for (let i = 0; i < width * height; i++) {
      const [column, row] = [i % width, Math.floor(i / width)];
      data[4 * i + 3] = alpha({ x: column / (width - 1), y: row / (height - 1), column, row, width, height });
    }
    return picture;
  };

/** The picture in the middle of a clear canvas, whose sides are longer by shares of it. */
export const letterboxed =
  (across: number, down: number) =>
  (picture: Picture): Picture => {
    const [width, height] = [Math.round(picture.width * (1 + across)), Math.round(picture.height * (1 + down))];
    const [left, top] = [(width - picture.width) >> 1, (height - picture.height) >> 1];
    const data = new Uint8ClampedArray(4 * width * height);
    for (let y = 0; y < picture.height; y++) {
      const row = picture.data.subarray(4 * y * picture.width, 4 * (y + 1) * picture.width);
      data.set(row, 4 * ((top + y) * width + left));
    }
    return { data, width, height };
  };

/** The ink as opacity on a clear canvas, of one colour. */
export const strokes =
  (colour: Colour) =>
  (picture: Picture): Picture => {
    const { data } = picture;
    for (let i = 0; i < data.length; i += 4) {
      data[i + 3] = 255 - (data[i] ?? 0);
      data.set(data[i + 3] === 0 ? [0, 0, 0] : rgb(colour), i);
    }
    return picture;
  };

/** Each 8 × 8 pixels a little brighter or darker, as strong compression leaves them, and a wave across some. */
export const blocks =
  (strength: number) =>
  (picture: Picture, next: () => number): Picture => {
    const { data, width, height } = picture;
    for (let top = 0; top < height; top += 8) {
      for (let left = 0; left < width; left += 8) {
        const [shift, wave] = [strength * normal(next), strength * normal(next)];
        for (let j = 0; j < 64; j++) {
          const [x, y] = [left + (j % 8), top + (j >> 3)];
          if (x >= width || y >= height) continue;
          const value = shift + wave * Math.cos((Math.PI * (2 * (j % 8) + 1)) / 8);
          for (let c = 0; c < 3; c++) data[4 * (y * width + x) + c] = (data[4 * (y * width + x) + c] ?? 0) + value;
        }
      }
    }
    return picture;
  };

const across =
  (from: number, to: number) =>
  ({ x }: Place): number =>
    (from + (to - from) * x) / from;

/** Those that the issue names. */
export const named: Readonly<Record<string, Kind>> = {
  'clean, dark on light': {},
  'clean, light on dark': { paper: 0, ink: 255 },
  'clean, on a clear canvas': { after: strokes([200, 30, 60]) },
  'one pixel of alpha 254': { after: clear(({ column, row }) => (column === 3 && row === 5 ? 254 : 255)) },
  'clear corners': { after: clear(({ x, y }) => (Math.hypot(x - 0.5, y - 0.5) > 0.66 ? 0 : 255)) },
  'a half-transparent edge': { after: clear(({ x, y }) => (x === 1 || y === 1 ? 128 : 255)) },
  'opaque to 99 %': { after: clear(() => 252) },
  'paper lit from 220 to 150': { paper: 220, ink: 60, light: across(220, 150) },
  'paper 190, ink 70, noise 5': { paper: 190, ink: 70, noise: 5 },
  'paper 190, ink 70, noise 10': { paper: 190, ink: 70, noise: 10, grey: true },
  'light 205 to 165, noise 5': { paper: 205, ink: 60, light: across(205, 165), noise: 5, grey: true },
  'pencil 150 on 225, noise 3': { paper: 225, ink: 150, noise: 3, grey: true },
  'squared paper, 215 on 250': { paper: 250, ink: 30, lines: squares(20, 2, 215) },
  'a speck of 3 × 3': { after: specks(1, 3, 0) },
  'letterboxed on a clear canvas': { paper: 225, ink: 50, noise: 3, grey: true, after: letterboxed(0, 0.5) },
  'a frame 3 px wide': { lines: frame(3, 0, 0) },
};

/** Variations of them. */
export const others: Readonly<Record<string, Kind>> = {
  'paper lit from 220 to 150, ink 40 throughout': { paper: 220, ink: 40, light: across(220, 150), even: true },
  'clean, white strokes on a clear canvas': { after: strokes(255) },
  '28 × 28, noise 10': { size: 28, scale: 1, paper: 190, ink: 70, noise: 10, grey: true },
  '28 × 28, clean': { size: 28, scale: 1 },
  '56 × 56, contrast 75, noise 5': { size: 56, scale: 1, paper: 225, ink: 150, noise: 5, grey: true },
  'contrast 75, noise 10': { paper: 225, ink: 150, noise: 10, grey: true },
  '500 × 400, light from the corner, noise 5': {
    size: [500, 400],
    paper: 220,
    ink: 60,
    light: ({ x, y }) => 1 - 0.2 * x - 0.25 * y,
    noise: 5,
    grey: true,
  },
  'a vignette, noise 4': {
    paper: 215,
    ink: 60,
    light: ({ x, y }) => (1 + 1.2 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)) ** -2,
    noise: 4,
    grey: true,
  },
  'light from above, pencil': { paper: 230, ink: 150, light: ({ y }) => 1 - 0.3 * y, noise: 3 },
  'a small digit far off': { size: [640, 480], scale: 0.2, paper: 210, ink: 60, noise: 5, grey: true },
  'a blackboard': { paper: [40, 60, 50], ink: [215, 220, 210], light: ({ x, y }) => 1 - 0.3 * x + 0.2 * y, noise: 6 },
  'blue ink on yellow paper': { paper: [240, 225, 130], ink: [50, 70, 170], noise: 4 },
  'red ink on green paper': { paper: [120, 190, 120], ink: [200, 80, 70], noise: 4 },
  'ruled paper, blue lines': { paper: 248, ink: 40, lines: squares(24, 2, [170, 195, 235], true), noise: 3 },
  'small squares, pencil': { paper: 245, ink: 140, lines: squares(11, 1, 205), noise: 3, grey: true },
  'wide lines, light across': {
    paper: 240,
    ink: 40,
    lines: squares(33, 4, 190),
    light: across(240, 180),
    noise: 4,
    grey: true,
  },
  'a thin pen': { pen: (ink) => Math.max(0, 2.2 * ink - 1.2), noise: 3, paper: 235, ink: 50 },
  'blocks of compression': { paper: 210, ink: 70, after: blocks(4) },
  'ten specks': { after: specks(10, 3, 0) },
  'a large speck on pencil': { paper: 225, ink: 150, noise: 3, grey: true, after: specks(2, 5, 20) },
  'a shadow with an edge': {
    paper: 220,
    ink: 50,
    light: ({ x, y }) => (x + 0.4 * y > 0.75 ? 0.72 : 1),
    noise: 4,
    grey: true,
  },
  'letterboxed at the sides, light': {
    paper: 220,
    ink: 60,
    light: across(220, 160),
    noise: 4,
    grey: true,
    after: letterboxed(0.6, 0),
  },
  'clear all round': { paper: 225, ink: 50, noise: 3, grey: true, after: letterboxed(0.3, 0.4) },
  'a frame 1 px wide': { lines: frame(1, 0, 0) },
  'a frame 6 px wide': { lines: frame(6, 0, 0) },
  'a frame off the border, noise': { paper: 230, ink: 60, lines: frame(3, 6, 50), noise: 5, scale: 0.6, grey: true },
  'a frame that is open': { lines: frame(3, 2, 0, ({ y, x }) => y > 0.9 || Math.abs(x - 0.4) < 0.1) },
};
