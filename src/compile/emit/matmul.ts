/**
 * Writes the kernels of matrix products: tiles of elements, or whole rows with what rides on them. Operands are read as they
 * are stored, or as rows of a column that are drawn; bytes four at a time where they lie together.
 */
import matmulRows from '../../../shaders/matmul-rows.wgsl';
import matmul from '../../../shaders/matmul.wgsl';
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../fuse.ts';
import { columnOp, sizesOf, type ColumnAttrs } from '../internal-ops.ts';
import { largestDivisor, partsOf, sumLength } from '../products.ts';
import type { WebGpuTarget } from '../plan.ts';
import { baseOf, rowsPerSample, viewOf, type ViewAxes } from '../view.ts';
import { columnElement, Expressions, Scope, shareOf, type Layout, type Position } from './expressions.ts';
import { writeDrawnRows, writeMember, writeRow } from './group-body.ts';
import { gather, u32 } from './indices.ts';
import { chainSize } from './module.ts';
import { specializeShader, type EmittedKernel } from './specialize-shader.ts';

/** The most sums that an invocation keeps where it makes whole rows. */
const MAX_ROWS_TILE = 48;

/** The tiles of other products: on a software adapter a load costs as much as ten sums, so sums may well spill. */
const TILES = { gpu: { TM: 4, TN: 4 }, software: { TM: 12, TN: 8 } };

/** Bytes are packed four to a word. */
const QUAD = 4;

/** A product's sizes, and how it is cut up: `TM × TN` elements an invocation, `KQ` columns of A at a time. */
interface Tiling {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly TM: number;
  readonly TN: number;
  readonly KQ: number;
}

/** Emits the kernel of a group that is built around a matrix product. */
export function emitMatmul(
  group: Group,
  product: Tensor,
  layout: Layout,
  target: WebGpuTarget,
  prefix: string,
): EmittedKernel {
  const [left, right] = product.inputs;
  if (left === undefined || right === undefined)
    throw new Error('Inkling: a matmul without operands; this is a fault in Inkling.');
  const parts = partsOf(product);
  const [M = 1, N = 1] = sizesOf(product).slice(-2);
  const rows = shareOf(group, parts * M, layout);
  const tiling = tilingOf(product, left, group, target, rows);
  const { K, TM, TN, KQ } = tiling;
  const scope = new Scope();
  const expressions = new Expressions(layout, group, scope);
  const hooks = {
    ...operandHooks('A', left, product.attrs.transposeA === true, expressions, layout, group),
    ...operandHooks('B', right, product.attrs.transposeB === true, expressions, layout, group),
    ...quadHook(left, product.attrs.transposeA === true, tiling),
  };
  const element: Position = { kind: 'full', flat: 'i', fixed: false };
  const key = expressions.keyOf(product, element);
  if (group.axes !== undefined) {
    scope.define(key, 'product[c]');
    writeRow(group, layout, expressions, scope);
    const finishRow = `fn finishRow(r: u32, row: array<f32, N>) {\nvar product = row;\n${scope.lines.join('\n')}\n}`;
    const constants = { M, K, N, TM, KQ };
    const code = specializeShader(matmulRows, {
      prefix,
      constants,
      hooks: { ...hooks, finishRow },
      unroll: ['TM', 'N', 'KQ'],
    });
    return {
      shader: matmulRows,
      code,
      invocations: Math.ceil(M / TM),
      share: rows === undefined ? undefined : rows / TM,
    };
  }
  scope.lines.push(`let i = m * N + n;`);
  scope.define(key, 'value');
  for (const [member, extent] of group.members) writeMember(member, extent, element, expressions, scope, layout, group);
  writeDrawnRows(group, layout, expressions, scope);
  const finish = `fn finish(m: u32, n: u32, value: f32) {\n${scope.lines.join('\n')}\n}`;
  const code = specializeShader(matmul, {
    prefix,
    constants: { M, N, K, PARTS: parts, TM, TN, KQ },
    hooks: { ...hooks, finish },
    unroll: ['TM', 'TN', 'KQ'],
  });
  const tilesOf = (height: number): number => Math.ceil(height / TM) * Math.ceil(N / TN);
  const share = rows === undefined ? undefined : parts > 1 ? (rows / M) * tilesOf(M) : tilesOf(rows);
  return { shader: matmul, code, invocations: parts * tilesOf(M), share };
}

/** How a product is cut up on an adapter. No choice changes a bit: every element is one sum in ascending k. */
function tilingOf(
  product: Tensor,
  left: Tensor,
  group: Group,
  target: WebGpuTarget,
  slice: number | undefined,
): Tiling {
  const [M = 1, N = 1] = sizesOf(product).slice(-2);
  const transposed = product.attrs.transposeA === true;
  const [K, parts] = [sumLength(product), partsOf(product)];
  const KQ = !transposed && hasQuads(left) && (K / parts) % QUAD === 0 ? QUAD : 1;
  const software = target.adapterClass === 'software';
  if (group.axes !== undefined) {
    const TM = software ? Math.max(1, Math.min(4, Math.floor(MAX_ROWS_TILE / N))) : 1;
    return { M, N, K, TM: largestDivisor(slice ?? TM, TM), TN: N, KQ };
  }
  const tile = TILES[target.adapterClass];
  const TN = software && N <= 12 ? N : Math.min(N, tile.TN);
  const most = Math.min(M, tile.TM, Math.floor((tile.TM * tile.TN) / TN));
  // Tiles that share the rows evenly; where bytes are read along them in fours, by fours.
  const even = Math.ceil(M / Math.ceil(M / most));
  const TM = transposed && hasQuads(left) && most >= QUAD ? most - (most % QUAD) : even;
  if (slice === undefined) return { M, N, K, TM, TN, KQ };
  // Tiles do not reach into the next slice, and are as small as it takes to keep a workgroup busy.
  const rows = parts > 1 ? TM : largestDivisor(slice, TM);
  const columns = Math.floor(((slice / rows) * N) / chainSize(target));
  return { M, N, K, TM: rows, TN: Math.max(1, Math.min(TN, columns)), KQ };
}

/** Whether an operand is bytes whose rows begin at whole words. */
function hasQuads(operand: Tensor): boolean {
  const base = baseOf(operand);
  return base.op === columnOp && base.attrs.format === 'uint8' && (operand.shape[1] ?? 0) % QUAD === 0;
}

/** Reads the bytes of A four at a time: along k, or, transposed, along the rows of a tile. */
function quadHook(left: Tensor, transposed: boolean, { TM, KQ }: Tiling): Record<string, string> {
  if (!hasQuads(left) || (transposed && TM % QUAD !== 0)) return {};
  const { binding, wordOffset } = baseOf(left).attrs as ColumnAttrs;
  const quadAt = (address: string): string => `bytesAt${binding}(${u32(wordOffset * QUAD)} + ${address})`;
  const lines = ['let along = columnOfA(k);', 'var left: array<array<f32, TM>, KQ>;'];
  for (let row = 0; row < TM; row += transposed ? QUAD : 1) {
    lines.push(`let quad${row} = ${quadAt(`along + rows[${row}]`)};`);
    for (let i = 0; i < QUAD; i++)
      lines.push(`left[${KQ > 1 ? i : 0}][${transposed ? row + i : row}] = quad${row}[${i}];`);
  }
  return {
    leftAt: `fn leftAt(k: u32, rows: array<u32, TM>) -> array<array<f32, TM>, KQ> {\n${lines.join('\n')}\nreturn left;\n}`,
  };
}

/** The hooks through which a product reads an operand: an address is a part of its row and a part of its column. */
function operandHooks(
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
    if (parts > 1) start += ` + ${addressOf('part', restOf(view.rows))}`;
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

function addressOf(index: string, { shape, strides }: ViewAxes): string {
  return gather(index, shape, strides);
}

/** The axes after the first. */
function restOf({ shape, strides }: ViewAxes): ViewAxes {
  return { shape: shape.slice(1), strides: strides.slice(1) };
}
