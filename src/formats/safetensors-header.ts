/**
 * The JSON header of a safetensors file, which may come from anyone: nothing of it becomes a key of an object, and of what
 * `JSON.parse` lets pass in silence, keys that come twice and numbers written as fractions are found.
 */
import type { DataError } from '../errors.ts';

/** A tensor as the header has it; the bytes are counted from the end of the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their bytes: JSON's objects have none, and JavaScript moves names like '0' to the front. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A text of the file for a message: it may be a megabyte long. */
export const quote = (text: string): string => `'${text.length > 80 ? `${text.slice(0, 80)}…` : text}'`;

/** @throws what `fail` makes of a fault. */
export function readHeader(bytes: Uint8Array, fail: (fault: string) => DataError): Header {
  const text = decode(bytes, fail);
  const metadata = Object.create(null) as Record<string, string>; // without a prototype, '__proto__' is a key as any other
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(parse(text, fail))) {
    if (name !== '__metadata__') {
      const entry = entryOf(name, value);
      if (entry === undefined)
        throw fail(
          `tensor ${quote(name)} is not described as { dtype, shape, data_offsets }, a text and two lists of whole numbers`,
        );
      entries.push(entry);
    } else if (isRecord(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (typeof item !== 'string') throw fail(`its metadata ${quote(key)} is no text`);
        metadata[key] = item;
      }
    } else throw fail('its metadata is no object');
  }
  checkTokens(text, fail);
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  return { entries, metadata };
}

function decode(bytes: Uint8Array, fail: (fault: string) => DataError): string {
  if (bytes[0] !== 0x7b) throw fail('its header does not begin with {');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fail('its header is not UTF-8');
  }
}

function parse(text: string, fail: (fault: string) => DataError): object {
  if (!/\} *$/.test(text)) throw fail('its header does not end with } and spaces');
  try {
    return JSON.parse(text) as object;
  } catch {
    throw fail('its header is not JSON');
  }
}

function entryOf(name: string, value: unknown): HeaderEntry | undefined {
  if (!isRecord(value) || Object.keys(value).length !== 3) return undefined;
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(offsets)) return undefined;
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length !== 2) return undefined;
  return { name, dtype, shape, begin, end };
}

/** Goes through the tokens of a text that is known to be JSON. */
function checkTokens(text: string, fail: (fault: string) => DataError): void {
  const open: Set<string>[] = [];
  for (const [, bracket, key, number] of text.matchAll(
    /([{}])|("[^"\\]*(?:\\.[^"\\]*)*")\s*:|"[^"\\]*(?:\\.[^"\\]*)*"|(-?\d[\d.eE+-]*)/g,
  )) {
    if (bracket === '{') open.push(new Set());
    else if (bracket === '}') open.pop();
    else if (key !== undefined) {
      const name = JSON.parse(key) as string; // however it is escaped
      if (open.at(-1)?.has(name)) throw fail(`its header has ${quote(name)} twice`);
      open.at(-1)?.add(name);
    } else if (number !== undefined && !/^\d+$/.test(number))
      throw fail(`its header has ${quote(number)} for a whole number`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}
