/**
 * The records of CIFAR's binary files. Source: A. Krizhevsky, "The CIFAR-10 dataset", section "Binary version".
 */

/** A record is its labels, a byte each, and an image of 32 × 32: 1,024 bytes of red, of green and of blue. */
export interface Records {
  readonly set: 'CIFAR-10' | 'CIFAR-100';
  /** In bytes. */
  readonly size: number;
  /** How many classes each of a record's labels has: of CIFAR-100 first 20 coarse ones, then 100 fine ones. */
  readonly classes: readonly number[];
}

export const IMAGE_BYTES = 3072;
export const RECORDS: readonly Records[] = [
  { set: 'CIFAR-10', size: 1 + IMAGE_BYTES, classes: [10] },
  { set: 'CIFAR-100', size: 2 + IMAGE_BYTES, classes: [20, 100] },
];

/** The kinds of record that a file can be made of: its length is theirs, and each label is a class. */
export function recordsOf(bytes: Uint8Array): readonly Records[] {
  return RECORDS.filter(({ size, classes }) => {
    if (bytes.length === 0 || bytes.length % size !== 0) return false;
    for (let at = 0; at < bytes.length; at += size) {
      if (classes.some((count, i) => (bytes[at + i] ?? 0) >= count)) return false;
    }
    return true;
  });
}
