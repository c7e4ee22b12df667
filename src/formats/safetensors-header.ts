/**
 * The JSON header of a safetensors file, which may be hostile. Nothing of it becomes a key of an object with a prototype. It is
 * refused for duplicate keys and for numbers that are written as fractions, which `JSON.parse` accepts.
 */
import type { DataError } from '../errors.ts';

/** A tensor's entry in the header; `begin` and `end` count bytes from the end of the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** The tensors in the order of their bytes: JSON's objects have no order, and JavaScript moves names like '0' to the front. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Text of the file, shortened for a message: it may be a megabyte long. */
export const quote = (text: string): string => `'${text.length > 80 ? `${text.slice(0, 80)}…` : text}'`;

/** @throws the error that `fail` makes of a fault. */
export function readHeader(bytes: Uint8Array, fail: (fault: string) => DataError): Header {
  const text = decode(bytes, fail);
  const metadata = Object.create(null) as Record<string, string>; // without a prototype, '__proto__' is an ordinary key
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
        if (typeof item !== 'string') throw fail(`its metadata ${quote(key)} is not a text`);
        metadata[key] = item;
      }
    } else throw fail('its metadata is not an object');
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

/** Checks the tokens of valid JSON for duplicate keys and fractions. */
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
