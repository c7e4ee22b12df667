/**
 * Shape arithmetic on lists of sizes, where `null` is a size that the feeds decide.
 */

/** A size, or `null` where the feed decides it. */
export type Dim = number | null;

/** The sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly Dim[];

/** `[null, 784]` as text. */
export function formatShape(shape: Shape): string {
  return `[${shape.map((dim) => dim ?? 'null').join(', ')}]`;
}

/** The number of elements; 1 for a scalar. */
export function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Tells whether every size is known. */
export function isConcrete(shape: Shape): shape is readonly number[] {
  return shape.every((dim) => dim !== null);
}

/** Tells whether a value of shape `actual` fits where `expected` is required. */
export function shapeFits(actual: readonly number[], expected: Shape): boolean {
  return actual.length === expected.length && expected.every((dim, i) => dim === null || dim === actual[i]);
}

/** Tells whether two shapes are the same, unknown sizes included. */
export function shapesEqual(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** Tells whether two shapes may be the same once all sizes are known. */
export function shapesMayEqual(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i] || dim === null || b[i] === null);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}

/** Strides that walk an array of shape `from` as if it were broadcast to `to`: 0 along broadcast axes. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(from);
  const offset = to.length - from.length;
  return to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : (strides[axis - offset] ?? 0)));
}

/**
 * The shape that two operands broadcast to by NumPy's rules, or `undefined` where they do not fit.
 * An unknown size against 1 stays unknown; against n > 1 it becomes n and is checked again when the feed is known.
 */
export function broadcastShapes(a: Shape, b: Shape): Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = dimFromEnd(a, rank - 1 - i);
    const y = dimFromEnd(b, rank - 1 - i);
    if (x === y || y === 1) out.push(x);
    else if (x === 1) out.push(y);
    else if (x === null || y === null) out.push(x ?? y);
    else return undefined;
  }
  return out;
}

function dimFromEnd(shape: Shape, fromEnd: number): Dim {
  const axis = shape.length - 1 - fromEnd;
  return axis < 0 ? 1 : (shape[axis] ?? null);
}
