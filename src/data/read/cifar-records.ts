/**
 * The records of CIFAR's binary files. Source: A. Krizhevsky, "The CIFAR-10 dataset", section "Binary version".
 */

/** A kind of record: labels of a byte each, and an image of 32 × 32 with 1,024 bytes each of red, green and blue. */
export interface Records {
  readonly set: 'CIFAR-10' | 'CIFAR-100';
  /** The bytes of a record. */
  readonly size: number;
  /** The number of classes of each label in a record: 20 coarse ones, then 100 fine ones for CIFAR-100. */
  readonly classes: readonly number[];
}

export const IMAGE_BYTES = 3072;
export const RECORDS: readonly Records[] = [
  { set: 'CIFAR-10', size: 1 + IMAGE_BYTES, classes: [10] },
  { set: 'CIFAR-100', size: 2 + IMAGE_BYTES, classes: [20, 100] },
];

/** The kinds of record that fit a file's length and labels. */
export function recordsOf(bytes: Uint8Array): readonly Records[] {
  return RECORDS.filter(({ size, classes }) => {
    if (bytes.length === 0 || bytes.length % size !== 0) return false;
    for (let at = 0; at < bytes.length; at += size) {
      if (classes.some((count, i) => (bytes[at + i] ?? 0) >= count)) return false;
    }
    return true;
  });
}
