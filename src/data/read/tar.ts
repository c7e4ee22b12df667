/**
 * Reader of a tar archive in memory: its files are views of it. Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar's long names.
 */
import { DataError } from '../../errors.ts';
import type { FileBytes } from '../source.ts';

const BLOCK = 512;
/** Type flags of entries: a file, or the name of the next entry. Entries of other types are not files. */
const [FILE, OLD_FILE, GNU_NAME, PAX] = ['0', '\0', 'L', 'x'];

/**
 * Lists the files in a tar archive, without folders and links. Paths are texts to show, never paths to open.
 *
 * @throws DataError, with the archive and the byte, for one that is damaged or cut off
 */
export function tarEntries({ name, bytes }: FileBytes): readonly FileBytes[] {
  const files: FileBytes[] = [];
  let longName: string | undefined;
  for (let at = 0; ;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.length < BLOCK)
      throw damaged(name, bytes.length, 'it ends without the blocks of zeros that end an archive');
    if (header.every((byte) => byte === 0)) return files;
    const size = sizeIn(header);
    if (size === undefined || !hasChecksum(header)) throw damaged(name, at, 'there is no header of a file');
    const [start, end] = [at + BLOCK, at + BLOCK + size];
    if (end > bytes.length) throw damaged(name, bytes.length, `the file that begins there has ${size} bytes`, at);
    const content = bytes.subarray(start, end);
    const type = textIn(header, 156, 1) || OLD_FILE;
    if (type === GNU_NAME) longName = textIn(content, 0, size);
    else if (type === PAX) longName = paxPath(content) ?? longName;
    else {
      const path = longName ?? [textIn(header, 345, 155), textIn(header, 0, 100)].filter(Boolean).join('/');
      if ((type === FILE || type === OLD_FILE) && !path.endsWith('/')) files.push({ name: path, bytes: content });
      longName = undefined;
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** A text up to its first zero. GNU's headers, with another magic, have other fields in place of the prefix. */
function textIn(block: Uint8Array, start: number, length: number): string {
  if (start === 345 && block[262] !== 0) return '';
  const text = block.subarray(start, start + length);
  const end = text.indexOf(0);
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end));
}

/** The size of a file, in octal digits; `undefined` for the other form of sizes from 8 GiB on. */
function sizeIn(header: Uint8Array): number | undefined {
  const digits = textIn(header, 124, 12).trim();
  return /^[0-7]{1,11}$/.test(digits) ? parseInt(digits, 8) : undefined;
}

/** Tests whether the checksum is right: the sum of the header's bytes, with its own field read as spaces. */
function hasChecksum(header: Uint8Array): boolean {
  const sum = header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
  return parseInt(textIn(header, 148, 8).trim(), 8) === sum;
}

/** The path in pax records, such as `30 path=folder/file\n`. */
function paxPath(content: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(content))?.[1];
}

function damaged(name: string, at: number, why: string, header = at): DataError {
  return new DataError(
    `${name} is incomplete or damaged: ${why} (at byte ${header}${header === at ? '' : `, the archive ends at ${at}`}). ` +
      `Download it again.`,
  );
}
