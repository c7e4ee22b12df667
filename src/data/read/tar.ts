/**
 * The files of a tar archive in memory, as views of it. Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar's long names.
 */
import { DataError } from '../../errors.ts';
import type { FileBytes } from '../source.ts';

const BLOCK = 512;
/** What an entry is, by its type flag: a file, or the name of the one that follows it. Others hold no file's content. */
const [FILE, OLD_FILE, GNU_NAME, PAX] = ['0', '\0', 'L', 'x'];

/**
 * The files in a tar archive, folders and links left out. Paths are texts to show, never paths to open.
 *
 * @throws DataError naming the archive and the byte where it is damaged or cut off
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
    if (size === undefined || !hasChecksum(header)) throw damaged(name, at, 'no header of a file is there');
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

/** A text that ends at its first zero. GNU's headers have other things in the place of the prefix, which its mark tells. */
function textIn(block: Uint8Array, start: number, length: number): string {
  if (start === 345 && block[262] !== 0) return '';
  const text = block.subarray(start, start + length);
  const end = text.indexOf(0);
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end));
}

/** In octal digits; sizes of 8 GiB and more have another form. */
function sizeIn(header: Uint8Array): number | undefined {
  const digits = textIn(header, 124, 12).trim();
  return /^[0-7]{1,11}$/.test(digits) ? parseInt(digits, 8) : undefined;
}

/** The sum of the header's bytes, its own field taken for spaces. */
function hasChecksum(header: Uint8Array): boolean {
  const sum = header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
  return parseInt(textIn(header, 148, 8).trim(), 8) === sum;
}

/** The path among records as `30 path=folder/file\n`. */
function paxPath(content: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(content))?.[1];
}

function damaged(name: string, at: number, why: string, header = at): DataError {
  return new DataError(
    `${name} is incomplete or damaged: ${why} (at byte ${header}${header === at ? '' : `, the archive ends at ${at}`}). ` +
      `Download it again.`,
  );
}
