/**
 * Writes the kernels of matrix products: tiles of elements, or whole rows with what rides on them.
 */
import matmulRows from '../../../shaders/matmul-rows.wgsl';
import matmulShared from '../../../shaders/matmul-shared.wgsl';
import matmul from '../../../shaders/matmul.wgsl';
import { input, type Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import { sizesOf } from '../../compile/known-shapes.ts';
import { QUAD, type WebGpuTarget } from '../../compile/plan.ts';
import { partsOf } from '../lower/split-k.ts';
import { Expressions, Scope, shareOf, type Layout, type Position } from './expressions.ts';
import { writeDrawnRows, writeMember, writeRow } from './body.ts';
import { u32 } from './indices.ts';
import { leftHook, operandHooks } from './operands.ts';
import { specializeShader, type EmittedKernel } from '../wgsl/specialize.ts';
import { tileChoice, tilingOf, type Tiling } from './tiling.ts';

/** What the kernels of a product have in common. */
interface Making {
  readonly group: Group;
  readonly product: Tensor;
  readonly layout: Layout;
  readonly prefix: string;
  readonly tiling: Tiling;
  /** The hooks that read the operands element by element. */
  readonly operands: Record<string, string>;
  /** Where the group's own expressions are written. */
  readonly scope: Scope;
  readonly expressions: Expressions;
  /** The rows that one workgroup takes, where it is chained. */
  readonly rows: number | undefined;
}

/** Emits the kernel of a group that is built around a matrix product. */
export function emitMatmul(
  group: Group,
  product: Tensor,
  layout: Layout,
  target: WebGpuTarget,
  prefix: string,
): EmittedKernel {
  const [left, right] = [input(product.inputs, 0), input(product.inputs, 1)];
  const [M = 1] = sizesOf(product).slice(-2);
  const rows = shareOf(group, partsOf(product) * M, layout);
  const tiling = tilingOf(product, group, target, rows);
  const scope = new Scope();
  const expressions = new Expressions(layout, group, scope);
  const operands = {
    ...operandHooks('A', left, product.attrs.transposeA === true, expressions, layout, group),
    ...operandHooks('B', right, product.attrs.transposeB === true, expressions, layout, group),
  };
  const making = { group, product, layout, prefix, tiling, operands, scope, expressions, rows };
  if (group.axes !== undefined) return emitRows(making);
  const tiles = tileChoice(product, group, target, rows !== undefined);
  return { ...emitTiles(making), tiles };
}

const element: Position = { kind: 'full', flat: 'i', fixed: false };

/** A kernel that makes whole rows. */
function emitRows({
  group,
  product,
  layout,
  prefix,
  tiling,
  operands,
  scope,
  expressions,
  rows,
}: Making): EmittedKernel {
  const { M, N, K, TM, KQ, SHARING, RUNS, RUN } = tiling;
  scope.define(expressions.keyOf(product, element), 'product[c]');
  writeRow(group, layout, expressions, scope);
  const finishRow = `fn finishRow(r: u32, row: array<f32, N>) {\nvar product = row;\n${scope.lines.join('\n')}\n}`;
  const code = specializeShader(matmulRows, {
    prefix,
    constants: { M, K, N, TM, KQ, SHARING, RUNS, RUN },
    hooks: { ...operands, ...leftHook(product, tiling), ...sharingHooks(tiling, N, 'N'), finishRow },
    unroll: ['TM', 'N', 'KQ'],
  });
  const share = rows === undefined ? undefined : rows / TM;
  const invocations = Math.ceil(M / TM / SHARING) * SHARING;
  return { shader: matmulRows, prefix, code, functions: expressions.functions, invocations, share };
}

/** A kernel that makes tiles, in registers or through workgroup memory. */
function emitTiles({
  group,
  product,
  layout,
  prefix,
  tiling,
  operands,
  scope,
  expressions,
  rows,
}: Making): EmittedKernel {
  const { M, N, K, TM, TN, KQ, SHARING, RUNS, RUN, shared } = tiling;
  const parts = partsOf(product);
  scope.lines.push(`let i = m * N + n;`);
  expressions.place('i', [
    { name: 'm', size: parts * M },
    { name: 'n', size: N },
  ]);
  scope.define(expressions.keyOf(product, element), 'value');
  for (const [member, extent] of group.members) writeMember(member, extent, element, expressions, scope, layout, group);
  const row = new Scope();
  writeDrawnRows(group, layout, new Expressions(layout, group, row), row, 'm');
  const ends = {
    ...(row.lines.length === 0 ? {} : { keepRow: `fn keepRow(m: u32) {\n${row.lines.join('\n')}\n}` }),
    finish: `fn finish(m: u32, n: u32, value: f32) {\n${scope.lines.join('\n')}\n}`,
  };
  // Beside chains, workgroups have another size, and more than one tile.
  if (shared !== undefined && layout.schedule.links.size === 0) {
    const code = specializeShader(matmulShared, {
      prefix,
      constants: { M, N, K, PARTS: parts, RUNS, RUN, ...shared },
      hooks: { ...operands, ...ends },
      unroll: ['TM', 'TN'],
    });
    const { SIDE } = shared;
    const invocations = parts * Math.ceil(M / SIDE / TM) * Math.ceil(N / SIDE / TN) * SIDE * SIDE;
    return { shader: matmulShared, prefix, code, functions: expressions.functions, invocations, share: undefined };
  }
  const code = specializeShader(matmul, {
    prefix,
    constants: { M, N, K, PARTS: parts, RUNS, RUN, TM, TN, KQ, SHARING },
    hooks: { ...operands, ...leftHook(product, tiling), ...sharingHooks(tiling, TN, 'TN'), ...ends },
    unroll: ['TM', 'TN', 'KQ'],
  });
  const tilesOf = (height: number): number => Math.ceil(height / TM / SHARING) * SHARING * Math.ceil(N / TN);
  const share = rows === undefined ? undefined : parts > 1 ? (rows / M) * tilesOf(M) : tilesOf(rows);
  return { shader: matmul, prefix, code, functions: expressions.functions, invocations: parts * tilesOf(M), share };
}

/**
 * How a quad shares its loads of B: each of its invocations reads one column of four and gets the others by swaps, so that
 * they come in another order in each. Columns beyond the last four are read by all.
 */
function sharingHooks({ SHARING }: Tiling, columns: number, bound: string): Record<string, string> {
  if (SHARING < QUAD) return {};
  const shared = columns - (columns % QUAD);
  const lines = ['let along = rowOfB(k);', `var right: array<f32, ${bound}>;`];
  for (let j = 0; j < columns; j += j < shared ? QUAD : 1) {
    lines.push(`right[${j}] = loadB(along + columns[${j}]);`);
    if (j < shared)
      ['X', 'Y', 'Diagonal'].forEach((way, i) => lines.push(`right[${j + i + 1}] = quadSwap${way}(right[${j}]);`));
  }
  return {
    columnIn: `fn columnIn(j: u32, id: u32) -> u32 { return select(j, j ^ (id % ${u32(QUAD)}), j < ${u32(shared)}); }`,
    rightAt: `fn rightAt(k: u32, columns: array<u32, ${bound}>) -> array<f32, ${bound}> {\n${lines.join('\n')}\nreturn right;\n}`,
  };
}
