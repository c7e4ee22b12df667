/**
 * Painting of numbers on a canvas. The colours are CSS properties of the canvas itself, so themes reach them. A transition of
 * one millisecond on those properties fires `transitionend` when they have changed.
 */

export type Rgb = readonly [red: number, green: number, blue: number];

/** Any CSS colour, in any notation, as bytes of sRGB: a pixel is painted and read back. */
export function rgbOf(color: string): Rgb {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return [128, 128, 128];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** A value in -1…1 as a colour between three; values beyond are clamped, NaN is `zero`. */
export function diverging(value: number, negative: Rgb, zero: Rgb, positive: Rgb): Rgb {
  const share = Math.min(1, Math.abs(value)) || 0;
  const end = value < 0 ? negative : positive;
  return [mix(zero[0], end[0], share), mix(zero[1], end[1], share), mix(zero[2], end[2], share)];
}

function mix(from: number, to: number, share: number): number {
  return Math.round(from + (to - from) * share);
}

/** Paints `width × height` pixels, `colorOf(i)` of each with its opacity (0…255); a canvas of size 0 is left alone. */
export function paint(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  colorOf: (pixel: number) => readonly [red: number, green: number, blue: number, alpha: number],
): void {
  if (width < 1 || height < 1) return;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) image.data.set(colorOf(i), i * 4);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

/** The ink of grey images: light on dark like MNIST's, dark on light, or none, as in photographs. @inline */
export type InkColor = 'light' | 'dark' | 'none';

/** Paints an image: grey ink in the canvas' own colour on a transparent ground, any other image unchanged. */
export function paintPicture(canvas: HTMLCanvasElement, { data, width, height }: ImageData, ink: InkColor): void {
  const [red, green, blue] = rgbOf(getComputedStyle(canvas).color);
  const at = (i: number): number => data[i] ?? 0;
  const isGrey = data.every((value, i) => i % 4 === 3 || value === data[i - (i % 4)]);
  paint(canvas, width, height, (pixel) => {
    const i = 4 * pixel;
    if (ink === 'none' || !isGrey) return [at(i), at(i + 1), at(i + 2), at(i + 3)];
    return [red, green, blue, ink === 'light' ? at(i) : 255 - at(i)];
  });
}
