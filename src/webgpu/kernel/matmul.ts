/**
 * Makes the kernels of matrix products: tiles of elements, or whole rows with the elementwise work that rides on them.
 */
import matmulRows from '../../../shaders/matmul-rows.wgsl';
import matmulShared from '../../../shaders/matmul-shared.wgsl';
import matmul from '../../../shaders/matmul.wgsl';
import { sizesOf } from '../../compile/known-shapes.ts';
import { QUAD, type WebGpuFacts } from '../plan.ts';
import { join, name, needing, wgsl } from '../../graph/snippet.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { partsOf } from '../lower/split-k.ts';
import type { Group } from '../schedule/fuse.ts';
import { specialize, type Kernel } from '../wgsl/specialize.ts';
import { writeDrawnRows, writeMember, writeRow } from './body.ts';
import { elementPosition, Expressions, Scope } from './expressions.ts';
import { shareOf, type Layout } from './layout.ts';
import { leftHook, operandHooks, type Hooks } from './operands.ts';
import { tileChoice, tilingOf, type Tiling } from './tiling.ts';

/** What the kernels of a product have in common. */
interface Making {
  readonly group: Group;
  readonly product: Tensor;
  readonly layout: Layout;
  readonly prefix: string;
  readonly tiling: Tiling;
  /** The hooks that read the operands element by element. */
  readonly operands: Hooks;
  /** Where the group's own expressions are written. */
  readonly scope: Scope;
  readonly expressions: Expressions;
  /** The rows that one workgroup takes, where it is chained. */
  readonly rows: number | undefined;
}

/** The kernel of a group that is built around a matrix product. */
export function matmulKernel(
  group: Group,
  product: Tensor,
  layout: Layout,
  target: WebGpuFacts,
  prefix: string,
): Omit<Kernel, 'prefix'> {
  const [left, right] = [input(product.inputs, 0), input(product.inputs, 1)];
  const [M = 1] = sizesOf(product).slice(-2);
  const rows = shareOf(group, partsOf(product) * M, layout);
  const tiling = tilingOf(product, group, target, rows);
  const scope = new Scope();
  const expressions = new Expressions(layout, group, scope);
  const operands = {
    ...operandHooks('A', left, product.attrs.transposeA === true, layout, group),
    ...operandHooks('B', right, product.attrs.transposeB === true, layout, group),
  };
  const making = { group, product, layout, prefix, tiling, operands, scope, expressions, rows };
  if (group.axes !== undefined) return rowsKernel(making);
  const tiles = tileChoice(product, group, target, rows !== undefined);
  return { ...tilesKernel(making), tiles };
}

/** A kernel that makes whole rows. */
function rowsKernel({
  group,
  product,
  layout,
  prefix,
  tiling,
  operands,
  scope,
  expressions,
  rows,
}: Making): Omit<Kernel, 'prefix'> {
  const { M, N, K, TM, KQ, SHARING, RUNS, RUN } = tiling;
  scope.define(expressions.keyOf(product, elementPosition), wgsl`product[${name('c')}]`);
  writeRow(group, layout, expressions, scope);
  const finishRow = wgsl`(r: u32, row: array<f32, ${prefix}N>) {\nvar product = row;\n${scope.body}\n}`;
  const code = specialize(matmulRows, {
    prefix,
    constants: { M, K, N, TM, KQ, SHARING, RUNS, RUN },
    hooks: { ...operands, ...leftHook(product, tiling, prefix), ...sharingHooks(tiling, N, 'N', prefix), finishRow },
  });
  const share = rows === undefined ? undefined : rows / TM;
  const invocations = Math.ceil(M / TM / SHARING) * SHARING;
  return { source: 'matmul-rows.wgsl', code, invocations, share };
}

/** A kernel that makes tiles, in registers or through workgroup memory. */
function tilesKernel({
  group,
  product,
  layout,
  prefix,
  tiling,
  operands,
  scope,
  expressions,
  rows,
}: Making): Omit<Kernel, 'prefix'> {
  const { M, N, K, TM, TN, KQ, SHARING, RUNS, RUN, shared } = tiling;
  const parts = partsOf(product);
  scope.write(wgsl`let i = m * ${prefix}N + n;`);
  expressions.place(elementPosition.flat, [
    { name: name('m'), size: parts * M },
    { name: name('n'), size: N },
  ]);
  scope.define(expressions.keyOf(product, elementPosition), name('value'));
  for (const [member, extent] of group.members)
    writeMember(member, extent, elementPosition, expressions, scope, layout, group);
  const row = new Scope();
  writeDrawnRows(group, layout, new Expressions(layout, group, row), row, name('m'));
  const ends = {
    ...(row.isEmpty ? {} : { keepRow: wgsl`(m: u32) {\n${row.body}\n}` }),
    finish: wgsl`(m: u32, n: u32, value: f32) {\n${scope.body}\n}`,
  };
  // Beside chains, workgroups have another size, and more than one tile.
  if (shared !== undefined && layout.schedule.links.size === 0) {
    const constants = { M, N, K, PARTS: parts, RUNS, RUN, ...shared };
    const kernel = specialize(matmulShared, { prefix, constants, hooks: { ...operands, ...ends } });
    const code = needing(kernel, ['tiles']);
    const { SIDE } = shared;
    const invocations = parts * Math.ceil(M / SIDE / TM) * Math.ceil(N / SIDE / TN) * SIDE * SIDE;
    return { source: 'matmul-shared.wgsl', code, invocations, share: undefined };
  }
  const code = specialize(matmul, {
    prefix,
    constants: { M, N, K, PARTS: parts, RUNS, RUN, TM, TN, KQ, SHARING },
    hooks: { ...operands, ...leftHook(product, tiling, prefix), ...sharingHooks(tiling, TN, 'TN', prefix), ...ends },
  });
  const tilesOf = (height: number): number => Math.ceil(height / TM / SHARING) * SHARING * Math.ceil(N / TN);
  const share = rows === undefined ? undefined : parts > 1 ? (rows / M) * tilesOf(M) : tilesOf(rows);
  return { source: 'matmul.wgsl', code, invocations: parts * tilesOf(M), share };
}

/**
 * How a quad shares its loads of B: each of its invocations reads one column of four and gets the others by swaps, so that
 * they come in another order in each. Columns beyond the last four are read by all.
 */
function sharingHooks({ SHARING }: Tiling, columns: number, bound: string, prefix: string): Hooks {
  if (SHARING < QUAD) return {};
  const shared = columns - (columns % QUAD);
  const lines = [wgsl`let along = ${prefix}rowOfB(k);`, wgsl`var right: array<f32, ${prefix}${bound}>;`];
  for (let j = 0; j < columns; j += j < shared ? QUAD : 1) {
    lines.push(wgsl`right[${j}] = ${prefix}loadB(along + columns[${j}]);`);
    if (j < shared)
      ['X', 'Y', 'Diagonal'].forEach((way, i) => lines.push(wgsl`right[${j + i + 1}] = quadSwap${way}(right[${j}]);`));
  }
  return {
    columnIn: wgsl`(j: u32, id: u32) -> u32 { return select(j, j ^ (id % ${QUAD}u), j < ${shared}u); }`,
    rightAt: needing(
      wgsl`(k: u32, columns: array<u32, ${prefix}${bound}>) -> array<f32, ${prefix}${bound}> {\n${join(lines)}\nreturn right;\n}`,
      shared > 0 ? ['quads'] : [],
    ),
  };
}
