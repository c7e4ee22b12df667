/**
 * Printing of arrays in NumPy's format: brackets by axis, aligned columns, the fewest digits that distinguish a float from
 * its neighbours, long arrays shortened. `true` and `NaN` are spelled as in JavaScript.
 */
import { printedBy } from '../print.ts';

/** Elements above which each axis shows only its first and last `EDGE`. */
const WHOLE = 1000;
const EDGE = 3;
/** Characters per line. */
const LINE = 75;

/** An NDArray, or a tensor of a file. */
interface Values {
  readonly data: ArrayLike<number | bigint>;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** The array as an object that prints its values. */
export const ndarray = /* @__PURE__ */ printedBy(printArray) as <T extends Values>(
  array: T,
) => T & { toString(): string };

/** The result of NumPy's `str`. */
function printArray({ data, shape, dtype }: Values): string {
  const rank = shape.length;
  const edge = data.length > WHOLE ? EDGE : Infinity;
  /** The brackets with the text that `cell` returns for each element shown. */
  const nest = (cell: (value: number | bigint) => string, axis = 0, from = 0, size = data.length): string => {
    const length = shape[axis];
    if (length === undefined) return cell(data[from] ?? NaN);
    const below = '\n'.repeat(rank - axis - 1 || 1) + ' '.repeat(axis + 1);
    const parts: string[] = [];
    for (let i = 0; i < length; i++) {
      if (i < edge || i >= length - edge) parts.push(nest(cell, axis + 1, from + (i * size) / length, size / length));
      else if (i === edge) parts.push('...');
    }
    const text = parts.reduce((text, part) => {
      const line = `${text.split(below).pop()} ${part}`;
      return text + (axis < rank - 1 || line.length > LINE - 2 * rank ? below : ' ') + part;
    });
    return `[${text}]`;
  };
  if (data.length === 0) return '[]';
  const shown: (number | bigint)[] = [];
  nest((value) => String(shown.push(value)));
  const texts = dtype.startsWith('float')
    ? floats(shown.map(Number), dtype === 'float32' ? Math.fround : Number)
    : shown.map((value) => String(dtype === 'bool' ? value !== 0 : value));
  const width = texts.reduce((width, { length }) => Math.max(width, length), 0);
  let next = 0;
  return nest(() => (texts[next++] ?? '').padStart(width))
    .replace(/ +\n/g, '\n')
    .replace(/\.$/, '.0');
}

/** Floats with aligned decimal points, in exponential form where plain digits would not fit. */
function floats(values: readonly number[], rounded: (value: number) => number): string[] {
  const sizes = values
    .map(Math.abs)
    .filter((size) => size > 0 && size < Infinity)
    .sort((a, b) => a - b);
  const [least = 1] = sizes;
  const most = sizes.at(-1) ?? 1;
  const inPowers = most >= 1e8 || least < rounded(1e-4) || most / least > 1000;
  const write = inPowers ? 'toExponential' : 'toFixed';
  /** The fewest digits, at most eight, that distinguish a float from its neighbours. */
  const digitsOf = (value: number): number => {
    const cut = Number(value[write](8));
    for (let digits = 0; ; digits++) {
      const short = Number(value[write](digits));
      if (rounded(short) === value || short === cut) return digits;
    }
  };
  const common = sizes.reduce((digits, size) => Math.max(digits, digitsOf(size)), 0);
  return values.map((value) => {
    if (!Number.isFinite(value)) return String(value).replace('Infinity', 'inf');
    const digits = inPowers ? common : digitsOf(value);
    const text = value[write](digits);
    const pointed = digits === 0 ? text.replace(/(?=e|$)/, '.') : text;
    return (Object.is(value, -0) ? '-' : '') + pointed.replace(/[+-](?=\d$)/, '$&0') + ' '.repeat(common - digits);
  });
}
