/**
 * How a product's kernel reads its operands: as they are stored, or as rows of a column that are drawn. An address is a part of
 * the row and a part of the column. What lies together in memory is read together: bytes by words.
 */
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import { columnOp, type ColumnAttrs } from '../lower/internal-ops.ts';
import { rowsPerSample, viewOf, type MatrixView, type ViewAxes } from '../lower/matrix-view.ts';
import { columnElement, Expressions, Scope, type Layout } from './expressions.ts';
import { gather, mergeAxes, u32 } from './indices.ts';

/** Bytes are packed into words. */
export const BYTES_A_WORD = 4;

/** The hooks through which a product reads operand `side`. */
export function operandHooks(
  side: 'A' | 'B',
  operand: Tensor,
  transposed: boolean,
  expressions: Expressions,
  layout: Layout,
  group: Group,
): Record<string, string> {
  const [row, column] = side === 'A' ? ['m', 'k'] : ['k', 'n'];
  const view = viewOf(operand);
  const { base } = view;
  const [outer, inner] = transposed ? [column, row] : [row, column];
  const body = new Scope();
  let element = `bitcast<f32>(${expressions.wordAt(base, 'address')})`;
  let start = addressOf(outer, view.rows) + (view.offset === 0 ? '' : ` + ${u32(view.offset)}`);
  if (base.op === columnOp) {
    const { rowSize } = base.attrs as ColumnAttrs;
    const parts = rowsPerSample(view);
    if (parts > 1) body.lines.push(`let sample = ${outer} / ${u32(parts)};`, `let part = ${outer} % ${u32(parts)};`);
    const sample = { kind: 'at', flat: parts > 1 ? 'sample' : outer, fixed: true } as const;
    const drawn = new Expressions(layout, group, body).value(base.inputs[0] ?? base, sample, body);
    start = `u32(${drawn}) * ${u32(rowSize)}`;
    if (parts > 1) start += ` + ${addressOf('part', inSample(view))}`;
    element = columnElement(base.attrs as ColumnAttrs, 'address');
  }
  const outerHook = `{\n${body.lines.join('\n')}\nreturn ${start};\n}`;
  const innerHook = `{ return ${addressOf(inner, view.columns)}; }`;
  return {
    [`rowOf${side}`]: `fn rowOf${side}(${row}: u32) -> u32 ${transposed ? innerHook : outerHook}`,
    [`columnOf${side}`]: `fn columnOf${side}(${column}: u32) -> u32 ${transposed ? outerHook : innerHook}`,
    [`load${side}`]: `fn load${side}(address: u32) -> f32 { return ${element}; }`,
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
): Record<string, string> {
  const [left] = product.inputs;
  const { size, stride, bytes } = runAlongK(product);
  const across = readsBytesAcross(product) && TM % BYTES_A_WORD === 0;
  if (left === undefined || (!across && (KQ === 1 || size % KQ !== 0))) return {};
  const { binding, wordOffset } = viewOf(left).base.attrs as ColumnAttrs;
  const read = (function* () {
    if (across) {
      for (let q = 0; q < KQ; q++) {
        yield `let along${q} = columnOfA(k + ${u32(q)});`;
        for (let row = 0; row < TM; row += BYTES_A_WORD) {
          yield `let bytes${q}_${row} = bytesAt${binding}(${u32(wordOffset * BYTES_A_WORD)} + along${q} + rows[${row}]);`;
          for (let i = 0; i < BYTES_A_WORD; i++) yield `left[${q}][${row + i}] = bytes${q}_${row}[${i}];`;
        }
      }
      return;
    }
    yield 'let along = columnOfA(k);';
    for (let row = 0; row < TM; row++) {
      if (bytes === undefined) {
        for (let q = 0; q < KQ; q++) yield `left[${q}][${row}] = loadA(along + rows[${row}] + ${u32(q * stride)});`;
        continue;
      }
      yield `let at${row} = ${u32(wordOffset * BYTES_A_WORD)} + along + rows[${row}];`;
      yield `let bytes${row} = ${bytes === 'words' ? 'bytesAt' : 'bytesFrom'}${binding}(at${row});`;
      for (let q = 0; q < KQ; q++)
        yield `left[${q}][${row}] = ${q < BYTES_A_WORD ? `bytes${row}[${q}]` : `byteAt${binding}(at${row} + ${u32(q)})`};`;
    }
  })();
  return {
    leftAt: `fn leftAt(k: u32, rows: array<u32, TM>) -> array<array<f32, TM>, KQ> {\nvar left: array<array<f32, TM>, KQ>;\n${[...read].join('\n')}\nreturn left;\n}`,
  };
}

function isBytes({ base }: MatrixView): boolean {
  return base.op === columnOp && base.attrs.format === 'uint8';
}

function addressOf(index: string, { shape, strides }: ViewAxes): string {
  return gather(index, shape, strides);
}

/** The axes of a view's rows within a sample. */
function inSample({ rows: { shape, strides } }: MatrixView): ViewAxes {
  return { shape: shape.slice(1), strides: strides.slice(1) };
}
