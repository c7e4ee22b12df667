/**
 * Hooks by which a product's kernel reads its operands: stored tensors, or the batch's rows of a data set. The address of an
 * element is the sum of an address of its row and an offset of its column. Adjacent bytes are read by words.
 */
import { join, name, wgsl, type Snippet } from '../../graph/snippet.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import { datasetRowsOp, type DatasetRowsAttrs } from '../lower/internal-ops.ts';
import { rowsPerSample, viewOf, type ViewAxes } from '../lower/matrix-view.ts';
import { Expressions, Scope } from './expressions.ts';
import { gather } from './indices.ts';
import type { Layout } from './layout.ts';
import { BYTES_PER_WORD, inSample } from './lhs-runs.ts';
import type { Tiling } from './tiling.ts';
import { datasetElement, wordOf } from './words.ts';

/** The text of a shader's hooks from their parameters on, by name. */
export type Hooks = Readonly<Record<string, Snippet>>;

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

/** Returns the hook that reads `KQ` columns of A in `TM` rows, if there is a faster way than one element at a time. */
export function lhsHook(
  product: Tensor,
  { TM, KQ, lhs: { size, stride, bytes, isAcross } }: Tiling,
  prefix: string,
): Hooks {
  const [lhs] = product.inputs;
  const across = isAcross && TM % BYTES_PER_WORD === 0;
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

function addressOf(index: Snippet, { shape, strides }: ViewAxes): Snippet {
  return gather(index, shape, strides);
}
