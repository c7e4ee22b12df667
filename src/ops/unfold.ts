/**
 * Unfolding of images into patches, and its adjoint, which adds patches to an image: the parts of convolutions and pooling.
 * Patches are a strided view, so a matrix product reads them from the image; nothing is copied (im2col without the columns).
 */
import { refuse, show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Attrs, IndexContext, IndexWriter, Op } from '../graph/op.ts';
import { sizeOfShape, stridesOf } from '../graph/shape.ts';
import { join, type Snippet, wgsl } from '../graph/snippet.ts';
import { createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { pad } from './slice.ts';
import { stridedKernel } from './strided.ts';

/** `same`: one window per stride, with margins around the image; `valid`: only windows inside the image. */
export type Padding = 'same' | 'valid';

/** One number for both directions, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/** A window that slides over an image. */
export interface Window {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
}

interface UnfoldAttrs extends Attrs, Window {}

interface FoldAttrs extends UnfoldAttrs {
  readonly height: number;
  readonly width: number;
}

const unfoldOp: Op<UnfoldAttrs> = {
  name: 'patches', // Salts of dropout depend on it.
  infer(inputs, { size, strides }) {
    const x = input(inputs, 0);
    const [batch = null, height = null, width = null, channels = null] = x.shape;
    const count = (length: number | null, axis: 0 | 1): number =>
      Math.floor(((length ?? 0) - size[axis]) / strides[axis]) + 1;
    return { shape: [batch, count(height, 0), count(width, 1), ...size, channels], dtype: x.dtype };
  },
  gradient(node, dy) {
    const [, height = 0, width = 0] = input(node.inputs, 0).shape;
    return [createTensor(foldOp, [dy], { ...node.attrs, height, width })];
  },
  kernel: /* @__PURE__ */ stridedKernel(({ inputs: [x = []] }, { strides: [down, across] }) => {
    const [image = 0, row = 0, column = 0, channel = 1] = stridesOf(x);
    return { strides: [image, row * down, column * across, row, column, channel], offset: 0 };
  }),
};

/** The adjoint of unfolding: an element of the image is the sum of its copies in patches. */
const foldOp: Op<FoldAttrs> = {
  name: 'fold',
  infer(inputs, { height, width }) {
    const { shape, dtype } = input(inputs, 0);
    return { shape: [shape[0] ?? null, height, width, shape[5] ?? null], dtype };
  },
  gradient: (node, dy) => {
    const { size, strides } = node.attrs as FoldAttrs;
    return [unfold(dy, { size, strides })];
  },
  kernel: {
    kind: 'index',
    keepsSamples: () => true,
    terms: (attrs) => sizeOfShape(patchCounts(attrs)),
    wgsl(context, attrs, index, load, write, term) {
      const { rows, columns, channels } = foldAxes(context, attrs);
      const at = (axis: number): Snippet => write.named(write.coordinate(index, context.shape, axis));
      const nth = (axis: 0 | 1): Snippet => write.coordinate(term, patchCounts(attrs), axis);
      const [row, column] = [nthPatch(at(1), rows, nth(0), write), nthPatch(at(2), columns, nth(1), write)];
      const shape = [context.shape[0] ?? 1, rows.count, columns.count, rows.size, columns.size, channels];
      const coordinates = [at(0), row.patch, column.patch, row.within, column.within, at(3)];
      const element = load(0, write.flat(coordinates, shape));
      const inside = [row.inside, column.inside].filter((condition) => condition !== undefined);
      return inside.length === 0 ? element : wgsl`select(0.0, ${element}, ${join(inside, ' & ')})`;
    },
    js(context, attrs) {
      const { rows, columns, channels } = foldAxes(context, attrs);
      return (index, load) => {
        const channel = index % channels;
        const pixel = Math.floor(index / channels);
        const line = Math.floor(pixel / columns.length);
        const [x, y] = [pixel % columns.length, line % rows.length];
        const image = Math.floor(line / rows.length);
        let sum = 0;
        for (let ky = y % rows.stride; ky < rows.size; ky += rows.stride) {
          const oy = (y - ky) / rows.stride;
          for (let kx = x % columns.stride; kx < columns.size; kx += columns.stride) {
            const ox = (x - kx) / columns.stride;
            if (oy < 0 || oy >= rows.count || ox < 0 || ox >= columns.count) continue;
            const patch = (image * rows.count + oy) * columns.count + ox;
            sum += load(0, ((patch * rows.size + ky) * columns.size + kx) * channels + channel);
          }
        }
        return sum;
      };
    },
  },
};

/**
 * The patches of images at all positions of a window inside them:
 * [batch, height, width, channels] → [batch, rows, columns, window height, window width, channels].
 */
export function unfold(x: Tensor, { size, strides }: Window): Tensor {
  return createTensor(unfoldOp, [x], { size, strides });
}

/** The images of a convolution or a pooling with their margins, and its window. */
export interface SlidingWindow {
  readonly padded: Tensor;
  readonly window: Window;
}

/**
 * Checks an op's window against its images and adds the margins of `padding` to them, filled with `margin`.
 * @throws GraphError where `x` is not [batch, height, width, channels] with the last three known, or the window does not fit.
 */
export function slidingWindow(
  op: string,
  x: Tensor,
  { size, strides, padding, margin = 0 }: { size: Pair; strides: Pair; padding: Padding; margin?: number },
): SlidingWindow {
  checkDType(op, x, FLOAT);
  const [, height, width] = x.shape;
  if (
    x.shape.length !== 4 ||
    x.shape.slice(1).includes(null) ||
    typeof height !== 'number' ||
    typeof width !== 'number'
  ) {
    throw new GraphError(
      `${op}: ${describeTensor(x)} is not a batch of images; give [batch, height, width, channels], the last three known.`,
    );
  }
  if (!['valid', 'same'].includes(padding)) refuse(`${op}: \`padding\``, padding, `'valid' or 'same'`);
  const window = { size: toPair(op, 'size', size), strides: toPair(op, 'strides', strides) };
  if (padding === 'valid') {
    if (window.size[0] > height || window.size[1] > width) {
      throw new GraphError(
        `${op}: a window of ${window.size.join(' × ')} does not fit into ${describeTensor(x)}; make it smaller, or pad: 'same'.`,
      );
    }
    return { padded: x, window };
  }
  const marginsOf = (length: number, axis: 0 | 1): [number, number] => {
    const [extent, stride] = [window.size[axis], window.strides[axis]];
    const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + extent - length);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  };
  const margins = [[0, 0], marginsOf(height, 0), marginsOf(width, 1), [0, 0]] as const;
  return { padded: margins.flat().some((n) => n > 0) ? pad(x, margins, margin) : x, window };
}

/** @throws GraphError unless both numbers are whole and at least 1. */
function toPair(op: string, what: string, given: Pair): readonly [number, number] {
  const pair = (Array.isArray(given) ? given : [given, given]) as readonly number[];
  if (pair.length !== 2 || pair.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    throw new GraphError(
      `${op}: \`${what}\` is ${show(given)}; give a whole number from 1 on, or two: [vertical, horizontal].`,
    );
  }
  return pair as readonly [number, number];
}

/** One direction of a fold: the image's length, the number of patches, their size and stride. */
interface FoldAxis {
  readonly length: number;
  readonly count: number;
  readonly size: number;
  readonly stride: number;
}

function foldAxes({ shape, inputs: [x = []] }: IndexContext, { size, strides }: FoldAttrs) {
  const axis = (i: 0 | 1): FoldAxis => ({
    length: shape[i + 1] ?? 1,
    count: x[i + 1] ?? 1,
    size: size[i],
    stride: strides[i],
  });
  return { rows: axis(0), columns: axis(1), channels: shape[3] ?? 1 };
}

/** The greatest number of patches that contain one pixel, in each direction. */
function patchCounts({ size, strides }: FoldAttrs): number[] {
  return size.map((extent, axis) => Math.ceil(extent / (strides[axis] ?? 1)));
}

/**
 * The `nth` patch that may contain the pixel at coordinate `at` of one direction: the patch's index, the pixel's coordinate
 * within it, and the condition that it contains the pixel (`undefined` if it always does). The indices are in bounds.
 */
function nthPatch(at: Snippet, { length, count, size, stride }: FoldAxis, nth: Snippet, write: IndexWriter) {
  const shape = [Math.ceil(length / stride), stride];
  const part = (axis: 0 | 1): Snippet => write.named(write.coordinate(at, shape, axis));
  const [nearest, first] = [part(0), part(1)];
  if (nth.value === 0 && length <= count * stride && stride <= size)
    return { patch: nearest, within: first, inside: undefined };
  const patch = write.named(wgsl`${nearest} - ${nth}`); // Wraps around where there is no such patch.
  const within = write.named(wgsl`${first} + ${nth} * ${stride}u`);
  return {
    patch: write.named(wgsl`min(${patch}, ${count - 1}u)`),
    within: write.named(wgsl`min(${within}, ${size - 1}u)`),
    inside: write.named(wgsl`(${patch} < ${count}u) & (${within} < ${size}u)`),
  };
}
