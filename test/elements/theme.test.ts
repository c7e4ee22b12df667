/** Colours with a meaning: distinguishable by everyone, in both schemes, and each used for its own meaning alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { theme } from '../../src/elements/theme.ts';
import { root } from '../../vite.config.ts';
import { sourcesIn } from '../tools/sources.ts';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** How eyes see linear RGB that lack a cone: Machado, Oliveira and Fernandes 2009, severity 1. */
const eyes: Readonly<Record<string, Matrix>> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}; // prettier-ignore

/** Linear RGB to cones, and their cube roots to OKLab: Ottosson 2020. */
const cones: Matrix = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]; // prettier-ignore
const lab: Matrix = [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]]; // prettier-ignore

const map = (of: Triple, f: (value: number) => number): Triple => [f(of[0]), f(of[1]), f(of[2])];
const times = (matrix: Matrix, [x, y, z]: Triple): Triple => {
  const dot = ([a, b, c]: Triple): number => a * x + b * y + c * z;
  return [dot(matrix[0]), dot(matrix[1]), dot(matrix[2])];
};

/** The default of a private property, as linear RGB. */
function colour(name: string, scheme: 'light' | 'dark'): Triple {
  const value = new RegExp(`--_${name}: var\\(--inkling-${name}, (.+)\\);`).exec(theme.cssText)?.[1] ?? '';
  const [light, dark = light] = [...value.matchAll(/#([0-9a-f]{6})/g)].map(([, hex]) => parseInt(hex ?? '', 16));
  const rgb = (scheme === 'light' ? light : dark) ?? NaN;
  return map([rgb >> 16, (rgb >> 8) & 255, rgb & 255], (byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** The distance in OKLab, black to white being 100: about 2 can just be seen side by side. */
function distance(a: Triple, b: Triple, eye: Matrix): number {
  const seen = (rgb: Triple): Triple =>
    times(
      lab,
      map(
        times(
          cones,
          map(times(eye, rgb), (light) => Math.min(1, Math.max(0, light))),
        ),
        Math.cbrt,
      ),
    );
  const [p, q] = [seen(a), seen(b)];
  return 100 * Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** The ratio of WCAG 2. */
function contrast(a: Triple, b: Triple): number {
  const luminance = ([red, green, blue]: Triple): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
  const of = (name: string): Triple => colour(name, scheme);

  it('a positive weight is blue, a negative one red', () => {
    const [red, , blue] = of('positive');
    expect(blue).toBeGreaterThan(3 * red);
    const negative = of('negative');
    expect(negative[0]).toBeGreaterThan(3 * negative[2]);
  });

  it.each(Object.entries(eyes))('%s tells positive, negative, wrong and the accent apart', (_, eye) => {
    expect(distance(of('positive'), of('negative'), eye)).toBeGreaterThan(18);
    for (const other of ['positive', 'negative', 'accent', 'ink', 'paper']) {
      expect(distance(of('wrong'), of(other), eye), other).toBeGreaterThan(13);
    }
  });

  it('marks stand out from the paper, and text from the marks', () => {
    for (const name of ['positive', 'negative', 'wrong']) expect(contrast(of(name), of('paper'))).toBeGreaterThan(3);
    expect(contrast(of('on-wrong'), of('wrong'))).toBeGreaterThan(4.5);
    expect(contrast(of('on-accent'), of('accent'))).toBeGreaterThan(4.5);
  });
});

it('paints nothing but weights in their colours', () => {
  const users = sourcesIn('src/elements').filter(({ path }) =>
    /--_(positive|negative)\b/.test(readFileSync(join(root, path), 'utf8')),
  );
  expect(users.map(({ path }) => path)).toEqual(['src/elements/filters.ts', 'src/elements/theme.ts']);
});
