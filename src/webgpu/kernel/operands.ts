/**
 * Hooks by which a product's kernel reads its operands: stored tensors, or the batch's rows of a data set. The address of an
 * element is the sum of an address of its row and an offset of its column. Adjacent bytes are read by words.
 */
import { join, name, wgsl, type Snippet } from '../../graph/snippet.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import { datasetRowsOp, type DatasetRowsAttrs } from '../lower/internal-ops.ts';
import { rowsPerSample, viewOf, type MatrixView, type ViewAxes } from '../lower/matrix-view.ts';
import { Expressions, Scope } from './expressions.ts';
import { gather, mergeAxes } from './indices.ts';
import type { Layout } from './layout.ts';
import { datasetElement, wordOf } from './words.ts';

/** The text of a shader's hooks from their parameters on, by name. */
export type Hooks = Readonly<Record<string, Snippet>>;

/** Bytes packed into a word. */
export const BYTES_PER_WORD = 4;

/** Returns the hooks by which a product reads operand `side`. */
export function operandHooks(
  side: 'A' | 'B',
  operand: Tensor,
  transposed: boolean,
  layout: Layout,
  group: Group,
): Hooks {
  const [row, column] = side === 'A' ? [name('m'), name('k')] : [name('k'), name('n')];
  const address = name('address');
  const view = viewOf(operand);
  const { base } = view;
  const [outer, inner] = transposed ? [column, row] : [row, column];
  const body = new Scope();
  let start = addressOf(outer, view.rows);
  if (view.offset !== 0) start = wgsl`${start} + ${view.offset}u`;
  if (base.op === datasetRowsOp) {
    const { rowSize } = base.attrs as DatasetRowsAttrs;
    const count = rowsPerSample(view);
    const [sample, rowInSample] = [count > 1 ? name('sample') : outer, name('rowInSample')];
    if (count > 1)
      body.write(wgsl`let ${sample} = ${outer} / ${count}u;`, wgsl`let ${rowInSample} = ${outer} % ${count}u;`);
    const position = { kind: 'at', flat: sample, fixed: true } as const;
    const number = new Expressions(layout, group, body).value(base.inputs[0] ?? base, position, body);
    start = wgsl`u32(${number}) * ${rowSize}u`;
    if (count > 1) start = wgsl`${start} + ${addressOf(rowInSample, inSample(view))}`;
  }
  const element =
    base.op === datasetRowsOp
      ? datasetElement(base.attrs as DatasetRowsAttrs, address)
      : wgsl`bitcast<f32>(${wordOf(base, address, layout)})`;
  body.write(wgsl`return ${start};`);
  const [outerHook, innerHook] = [body.body, wgsl`return ${addressOf(inner, view.columns)};`];
  const hook = (index: Snippet, text: Snippet): Snippet => wgsl`(${index}: u32) -> u32 {\n${text}\n}`;
  return {
    [`rowOf${side}`]: hook(row, transposed ? innerHook : outerHook),
    [`columnOf${side}`]: hook(column, transposed ? outerHook : innerHook),
    [`load${side}`]: wgsl`(address: u32) -> f32 { return ${element}; }`,
  };
}

/** Runs of elements of A along k with an even stride: each starts at a multiple of `size`. */
export interface RunAlongK {
  readonly size: number;
  readonly stride: number;
  /** Set for runs of adjacent bytes, which begin at whole words or anywhere. */
  readonly bytes: 'words' | 'anywhere' | undefined;
}

/** The longest runs along k of a product's A. */
export function runAlongK({ inputs: [lhs], attrs: { transposeA } }: Tensor): RunAlongK {
  if (lhs === undefined) return { size: 1, stride: 1, bytes: undefined };
  const view = viewOf(lhs);
  const along = transposeA !== true ? view.columns : view.base.op === datasetRowsOp ? inSample(view) : view.rows;
  const { size, stride } = mergeAxes(along.shape, along.strides).at(-1) ?? { size: 1, stride: 1 };
  if (!isBytes(view) || stride !== 1) return { size, stride, bytes: undefined };
  const strides = [view.rows, view.columns].flatMap((axes) =>
    mergeAxes(axes.shape, axes.strides).map((run) => run.stride),
  );
  const whole = size % BYTES_PER_WORD === 0 && strides.filter((step) => step % BYTES_PER_WORD !== 0).length === 1;
  return { size, stride, bytes: whole ? 'words' : 'anywhere' };
}

/** Tells whether a product's A is transposed rows of bytes, all of which begin at whole words. */
export function readsBytesAcross({ inputs: [lhs], attrs: { transposeA } }: Tensor): boolean {
  if (lhs === undefined || transposeA !== true) return false;
  const view = viewOf(lhs);
  const [width = 1] = view.columns.shape;
  return (
    isBytes(view) && view.columns.shape.length === 1 && view.rows.shape.length === 1 && width % BYTES_PER_WORD === 0
  );
}

/** Returns the hook that reads `KQ` columns of A in `TM` rows, if there is a faster way than one element at a time. */
export function lhsHook(
  product: Tensor,
  { TM, KQ }: { readonly TM: number; readonly KQ: number },
  prefix: string,
): Hooks {
  const [lhs] = product.inputs;
  const { size, stride, bytes } = runAlongK(product);
  const across = readsBytesAcross(product) && TM % BYTES_PER_WORD === 0;
  if (lhs === undefined || (!across && (KQ === 1 || size % KQ !== 0))) return {};
  const { binding, wordOffset } = viewOf(lhs).base.attrs as DatasetRowsAttrs;
  const read = (function* () {
    if (across) {
      for (let q = 0; q < KQ; q++) {
        yield wgsl`let along${q} = ${prefix}columnOfA(k + ${q}u);`;
        for (let row = 0; row < TM; row += BYTES_PER_WORD) {
          yield wgsl`let bytes${q}_${row} = bytesAt${binding}(${wordOffset * BYTES_PER_WORD}u + along${q} + rows[${row}]);`;
          for (let i = 0; i < BYTES_PER_WORD; i++) yield wgsl`lhs[${q}][${row + i}] = bytes${q}_${row}[${i}];`;
        }
      }
      return;
    }
    yield wgsl`let along = ${prefix}columnOfA(k);`;
    for (let row = 0; row < TM; row++) {
      if (bytes === undefined) {
        for (let q = 0; q < KQ; q++)
          yield wgsl`lhs[${q}][${row}] = ${prefix}loadA(along + rows[${row}] + ${q * stride}u);`;
        continue;
      }
      yield wgsl`let at${row} = ${wordOffset * BYTES_PER_WORD}u + along + rows[${row}];`;
      yield wgsl`let bytes${row} = ${bytes === 'words' ? 'bytesAt' : 'bytesFrom'}${binding}(at${row});`;
      for (let q = 0; q < KQ; q++)
        yield wgsl`lhs[${q}][${row}] = ${q < BYTES_PER_WORD ? `bytes${row}[${q}]` : wgsl`byteAt${binding}(at${row} + ${q}u)`};`;
    }
  })();
  const type = wgsl`array<array<f32, ${prefix}TM>, ${prefix}KQ>`;
  return {
    elementsOfA: wgsl`(k: u32, rows: array<u32, ${prefix}TM>) -> ${type} {
var lhs: ${type};
${join([...read])}
return lhs;
}`,
  };
}

function isBytes({ base }: MatrixView): boolean {
  return base.op === datasetRowsOp && base.attrs.format === 'uint8';
}

function addressOf(index: Snippet, { shape, strides }: ViewAxes): Snippet {
  return gather(index, shape, strides);
}

/** The axes of a view's rows within a sample. */
function inSample({ rows: { shape, strides } }: MatrixView): ViewAxes {
  return { shape: shape.slice(1), strides: strides.slice(1) };
}
