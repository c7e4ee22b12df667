/**
 * How a product's kernel reads its operands: as they are stored, or as rows of a column that are drawn. An address is a part of
 * the row and a part of the column. What lies together in memory is read together: bytes by words.
 */
import { join, name, wgsl, type Snippet } from '../../graph/snippet.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import { columnOp, type ColumnAttrs } from '../lower/internal-ops.ts';
import { rowsPerSample, viewOf, type MatrixView, type ViewAxes } from '../lower/matrix-view.ts';
import { Expressions, Scope } from './expressions.ts';
import { gather, mergeAxes } from './indices.ts';
import type { Layout } from './layout.ts';
import { columnElement, wordOf } from './words.ts';

/** A shader's hooks from their parameters on, by name. */
export type Hooks = Readonly<Record<string, Snippet>>;

/** Bytes are packed into words. */
export const BYTES_A_WORD = 4;

/** The hooks through which a product reads operand `side`. */
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
  if (base.op === columnOp) {
    const { rowSize } = base.attrs as ColumnAttrs;
    const parts = rowsPerSample(view);
    const [whole, part] = [name('sample'), name('part')];
    if (parts > 1) body.write(wgsl`let ${whole} = ${outer} / ${parts}u;`, wgsl`let ${part} = ${outer} % ${parts}u;`);
    const sample = { kind: 'at', flat: parts > 1 ? whole : outer, fixed: true } as const;
    const drawn = new Expressions(layout, group, body).value(base.inputs[0] ?? base, sample, body);
    start = wgsl`u32(${drawn}) * ${rowSize}u`;
    if (parts > 1) start = wgsl`${start} + ${addressOf(part, inSample(view))}`;
  }
  const element =
    base.op === columnOp
      ? columnElement(base.attrs as ColumnAttrs, address)
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

/** Elements of A that lie evenly in memory, as k goes up: so many at a time, from each multiple of their number on. */
export interface RunAlongK {
  readonly size: number;
  readonly stride: number;
  /** Bytes side by side; and whether they begin at whole words. */
  readonly bytes: 'words' | 'anywhere' | undefined;
}

/** The longest such runs of a product's left operand. */
export function runAlongK({ inputs: [left], attrs: { transposeA } }: Tensor): RunAlongK {
  if (left === undefined) return { size: 1, stride: 1, bytes: undefined };
  const view = viewOf(left);
  const along = transposeA !== true ? view.columns : view.base.op === columnOp ? inSample(view) : view.rows;
  const { size, stride } = mergeAxes(along.shape, along.strides).at(-1) ?? { size: 1, stride: 1 };
  if (!isBytes(view) || stride !== 1) return { size, stride, bytes: undefined };
  const strides = [view.rows, view.columns].flatMap((axes) =>
    mergeAxes(axes.shape, axes.strides).map((run) => run.stride),
  );
  const whole = size % BYTES_A_WORD === 0 && strides.filter((step) => step % BYTES_A_WORD !== 0).length === 1;
  return { size, stride, bytes: whole ? 'words' : 'anywhere' };
}

/** Whether a product's left operand is transposed rows of bytes, all of which begin at whole words. */
export function readsBytesAcross({ inputs: [left], attrs: { transposeA } }: Tensor): boolean {
  if (left === undefined || transposeA !== true) return false;
  const view = viewOf(left);
  const [width = 1] = view.columns.shape;
  return isBytes(view) && view.columns.shape.length === 1 && view.rows.shape.length === 1 && width % BYTES_A_WORD === 0;
}

/** Reads `KQ` columns of A in `TM` rows, where there is a better way than one by one. */
export function leftHook(
  product: Tensor,
  { TM, KQ }: { readonly TM: number; readonly KQ: number },
  prefix: string,
): Hooks {
  const [left] = product.inputs;
  const { size, stride, bytes } = runAlongK(product);
  const across = readsBytesAcross(product) && TM % BYTES_A_WORD === 0;
  if (left === undefined || (!across && (KQ === 1 || size % KQ !== 0))) return {};
  const { binding, wordOffset } = viewOf(left).base.attrs as ColumnAttrs;
  const read = (function* () {
    if (across) {
      for (let q = 0; q < KQ; q++) {
        yield wgsl`let along${q} = ${prefix}columnOfA(k + ${q}u);`;
        for (let row = 0; row < TM; row += BYTES_A_WORD) {
          yield wgsl`let bytes${q}_${row} = bytesAt${binding}(${wordOffset * BYTES_A_WORD}u + along${q} + rows[${row}]);`;
          for (let i = 0; i < BYTES_A_WORD; i++) yield wgsl`left[${q}][${row + i}] = bytes${q}_${row}[${i}];`;
        }
      }
      return;
    }
    yield wgsl`let along = ${prefix}columnOfA(k);`;
    for (let row = 0; row < TM; row++) {
      if (bytes === undefined) {
        for (let q = 0; q < KQ; q++)
          yield wgsl`left[${q}][${row}] = ${prefix}loadA(along + rows[${row}] + ${q * stride}u);`;
        continue;
      }
      yield wgsl`let at${row} = ${wordOffset * BYTES_A_WORD}u + along + rows[${row}];`;
      yield wgsl`let bytes${row} = ${bytes === 'words' ? 'bytesAt' : 'bytesFrom'}${binding}(at${row});`;
      for (let q = 0; q < KQ; q++)
        yield wgsl`left[${q}][${row}] = ${q < BYTES_A_WORD ? `bytes${row}[${q}]` : wgsl`byteAt${binding}(at${row} + ${q}u)`};`;
    }
  })();
  const type = wgsl`array<array<f32, ${prefix}TM>, ${prefix}KQ>`;
  const text = wgsl`var left: ${type};
${join([...read])}
return left;`;
  return {
    leftAt: wgsl`(k: u32, rows: array<u32, ${prefix}TM>) -> ${type} {
${text}
}`,
  };
}

function isBytes({ base }: MatrixView): boolean {
  return base.op === columnOp && base.attrs.format === 'uint8';
}

function addressOf(index: Snippet, { shape, strides }: ViewAxes): Snippet {
  return gather(index, shape, strides);
}

/** The axes of a view's rows within a sample. */
function inSample({ rows: { shape, strides } }: MatrixView): ViewAxes {
  return { shape: shape.slice(1), strides: strides.slice(1) };
}
