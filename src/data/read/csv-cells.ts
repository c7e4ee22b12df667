/**
 * Reader of the cells of a table in CSV, from bytes; only cells that are needed as texts are decoded.
 * Source: RFC 4180; also with semicolons or tabs, quotes in any cell, any ends of lines.
 */
import { DataError } from '../../errors.ts';
import type { FileBytes } from '../source.ts';

const [TAB, LF, CR, SPACE, QUOTE, COMMA, SEMICOLON] = [9, 10, 13, 32, 34, 44, 59];
const DIGITS = { zero: 48, nine: 57, point: 46, minus: 45 };
/** The limits of exact powers of ten and of digits below 2⁵³: within them a quotient is the nearest number to the decimal. */
const [EXACT_POWER, EXACT_DIGITS] = [22, 15];

const decoder = new TextDecoder();

/** A cursor in a file, which moves forward line by line and cell by cell. */
export class CsvCells {
  readonly #bytes: Uint8Array;
  readonly #name: string;
  readonly #delimiter: number;
  /** The next byte to read. */
  #at: number;
  /** The range of the current cell's bytes, without spaces and quotes around it. */
  #start = 0;
  #end = 0;
  #hasEscapes = false;
  /** The line and column of the current cell, counted from 1. */
  line = 1;
  column = 0;
  /** True if the current cell is the last one of its line. */
  isLast = true;

  constructor({ name, bytes }: FileBytes) {
    this.#name = name;
    this.#bytes = bytes;
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
      throw new DataError(`${name} is text in UTF-16. Save it as UTF-8.`);
    this.#at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    this.#delimiter = delimiterOf(bytes);
  }

  /** The byte at which the content of the current cell begins. */
  get start(): number {
    return this.#start;
  }

  /** The position of byte `at`, for messages. */
  placeOf(at: number, column: number): string {
    let line = 1;
    for (let i = 0; i < at; i++) {
      const byte = this.#bytes[i];
      if (byte === LF || (byte === CR && this.#bytes[i + 1] !== LF)) line++;
    }
    return `line ${line}, column ${column} (at byte ${at})`;
  }

  /** Goes to the next line that is not blank; false at the file's end. */
  nextLine(): boolean {
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte === LF || (byte === CR && this.#bytes[this.#at + 1] !== LF)) this.line++;
      else if (byte !== CR && byte !== SPACE && (byte !== TAB || this.#delimiter === TAB)) break;
    }
    this.column = 0;
    this.isLast = false;
    return this.#at < this.#bytes.length;
  }

  /**
   * Reads the next cells of the line into `out` from index `to`, `count` at most, while they are plain integers of 0…255, like
   * pixels. It is a loop without calls: tables of images have tens of millions of cells.
   *
   * @returns the number of cells read
   */
  nextBytes(out: Uint8Array, to: number, count: number): number {
    const [bytes, delimiter] = [this.#bytes, this.#delimiter];
    let [at, read] = [this.#at, 0];
    while (read < count && !this.isLast) {
      const start = at;
      let value = 0;
      let byte = bytes[at] ?? LF;
      while (byte >= DIGITS.zero && byte <= DIGITS.nine) {
        value = 10 * value + byte - DIGITS.zero;
        byte = bytes[++at] ?? LF;
      }
      const ends = byte === LF || byte === CR;
      if (value > 255 || at === start || at > start + 3 || !(ends || byte === delimiter)) {
        at = start;
        break;
      }
      out[to + read++] = value;
      this.#start = start;
      this.#end = at;
      this.isLast = ends;
      if (!ends) at++;
    }
    this.#at = at;
    this.column += read;
    return read;
  }

  /** Reads the next cell of the line, up to its delimiter or the line's end. */
  nextCell(): void {
    const [bytes, delimiter] = [this.#bytes, this.#delimiter];
    this.column++;
    this.#hasEscapes = false;
    let at = this.#at;
    while (bytes[at] === SPACE) at++;
    if (bytes[at] === QUOTE) {
      at = this.#quoted(at);
    } else {
      this.#start = at;
      let byte = bytes[at];
      while (byte !== undefined && byte !== delimiter && byte !== LF && byte !== CR) byte = bytes[++at];
      this.#end = at;
      while (this.#end > this.#start && isBlank(bytes[this.#end - 1])) this.#end--;
    }
    this.isLast = bytes[at] !== delimiter;
    this.#at = this.isLast ? at : at + 1;
  }

  /** Reads a cell whose opening quote is at `from`. Returns the position after it. */
  #quoted(from: number): number {
    const bytes = this.#bytes;
    let at = from + 1;
    this.#start = at;
    const { line } = this;
    for (; ; at++) {
      const byte = bytes[at];
      if (byte === undefined) {
        this.line = line;
        this.#start = from;
        throw this.fault('its quotes have no end', 'Close them, or double a literal quote.');
      }
      if (byte === LF) this.line++;
      if (byte !== QUOTE) continue;
      if (bytes[at + 1] !== QUOTE) break;
      this.#hasEscapes = true;
      at++;
    }
    this.#end = at++;
    while (isBlank(bytes[at])) at++;
    const after = bytes[at];
    if (after !== undefined && after !== this.#delimiter && after !== LF && after !== CR)
      throw this.fault('there is text after its quotes', 'Double a literal quote.');
    return at;
  }

  get text(): string {
    const text = decoder.decode(this.#bytes.subarray(this.#start, this.#end));
    return this.#hasEscapes ? text.replaceAll('""', '"') : text;
  }

  /** The current cell as a number; NaN for an empty one and for a text. */
  get number(): number {
    const bytes = this.#bytes;
    let [at, mantissa, digits, decimals] = [this.#start, 0, 0, -1];
    const negative = bytes[at] === DIGITS.minus;
    if (negative) at++;
    for (; at < this.#end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= DIGITS.zero && byte <= DIGITS.nine) {
        mantissa = 10 * mantissa + byte - DIGITS.zero;
        digits++;
        if (decimals >= 0) decimals++;
      } else if (byte === DIGITS.point && decimals < 0) {
        decimals = 0;
      } else {
        digits = Infinity; // with an exponent, or not a number
        break;
      }
    }
    if (digits === 0) return NaN;
    if (digits > EXACT_DIGITS || decimals > EXACT_POWER) return numberOf(this.text);
    const value = decimals > 0 ? mantissa / 10 ** decimals : mantissa;
    return negative ? -value : value;
  }

  /** An error at the current cell. */
  fault(what: string, remedy: string): DataError {
    return new DataError(
      `${this.#name}, line ${this.line}, column ${this.column}: ${what} (at byte ${this.#start}). ${remedy}`,
    );
  }
}

const isBlank = (byte: number | undefined): boolean => byte === SPACE || byte === TAB;

/** A decimal number of a text; NaN for others, for `0x10` and for an empty text. */
export function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}

/** The delimiter of cells: comma, semicolon or tab, whichever is most frequent in the first line outside of quotes. */
function delimiterOf(bytes: Uint8Array): number {
  const counts = new Map([COMMA, SEMICOLON, TAB].map((byte) => [byte, 0]));
  let [inQuotes, isBlankLine] = [false, true];
  for (const byte of bytes) {
    if (byte === QUOTE) inQuotes = !inQuotes;
    if (!inQuotes && (byte === LF || byte === CR)) {
      if (!isBlankLine) break;
      continue;
    }
    isBlankLine &&= byte === SPACE;
    const count = counts.get(byte);
    if (count !== undefined && !inQuotes) counts.set(byte, count + 1);
  }
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}
