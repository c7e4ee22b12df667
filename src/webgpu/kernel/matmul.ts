/**
 * Makes the kernels of matrix products: tiles of elements, or whole rows with the work on rows that is fused.
 */
import matmulRows from '../../../shaders/matmul-rows.wgsl';
import matmulShared from '../../../shaders/matmul-shared.wgsl';
import matmul from '../../../shaders/matmul.wgsl';
import { sizesOf } from '../../compile/known-shapes.ts';
import { QUAD, type WebGpuFacts } from '../plan.ts';
import { join, name, needing, wgsl } from '../../graph/snippet.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { splitsOf } from '../lower/split-k.ts';
import type { Group } from '../schedule/fuse.ts';
import { specialize, type Kernel } from '../wgsl/specialize.ts';
import { writeBatchRows, writeMember, writeRow } from './body.ts';
import { elementPosition, Expressions, Scope } from './expressions.ts';
import { countPerWorkgroup, type Layout } from './layout.ts';
import { lhsHook, operandHooks, type Hooks } from './operands.ts';
import { tilingOf, type Tiling } from './tiling.ts';

/** The parts that all kernels of a product have. */
interface EmitContext {
  readonly product: Tensor;
  readonly prefix: string;
  readonly tiling: Tiling;
  /** The hooks that read the operands element by element. */
  readonly operands: Hooks;
  /** The group's own expressions, and the body of the hook that has them. */
  readonly expressions: Expressions;
  readonly scope: Scope;
  /** The number of rows that one workgroup takes, if the kernel is chained. */
  readonly rowsPerWorkgroup: number | undefined;
}

/** Returns the kernel of a group that has a matrix product. */
export function matmulKernel(
  group: Group,
  product: Tensor,
  layout: Layout,
  target: WebGpuFacts,
  prefix: string,
): Omit<Kernel, 'prefix'> {
  const [lhs, rhs] = [input(product.inputs, 0), input(product.inputs, 1)];
  const [M = 1] = sizesOf(product).slice(-2);
  const rowsPerWorkgroup = countPerWorkgroup(group, splitsOf(product) * M, layout);
  const tiling = tilingOf(product, group, target, rowsPerWorkgroup);
  const scope = new Scope();
  const expressions = new Expressions(layout, group, scope);
  const operands = {
    ...operandHooks('A', lhs, product.attrs.transposeA === true, layout, group),
    ...operandHooks('B', rhs, product.attrs.transposeB === true, layout, group),
  };
  const context = { product, prefix, tiling, operands, expressions, scope, rowsPerWorkgroup };
  return group.axes === undefined ? { ...tilesKernel(context), tiles: tiling.choice } : rowsKernel(context);
}

/** A kernel whose invocations compute whole rows. */
function rowsKernel(context: EmitContext): Omit<Kernel, 'prefix'> {
  const { product, prefix, tiling, operands, expressions, scope, rowsPerWorkgroup } = context;
  const { M, N, K, TM, KQ, SHARING, RUNS, RUN } = tiling;
  scope.define(expressions.keyOf(product, elementPosition), wgsl`product[${name('c')}]`);
  writeRow(expressions, scope);
  const finishRow = wgsl`(r: u32, row: array<f32, ${prefix}N>) {\nvar product = row;\n${scope.body}\n}`;
  const code = specialize(matmulRows, {
    prefix,
    constants: { M, K, N, TM, KQ, SHARING, RUNS, RUN },
    hooks: { ...operands, ...lhsHook(product, tiling, prefix), ...sharingHooks(tiling, N, 'N', prefix), finishRow },
  });
  const invocationsPerWorkgroup = rowsPerWorkgroup === undefined ? undefined : rowsPerWorkgroup / TM;
  const invocations = Math.ceil(M / TM / SHARING) * SHARING;
  return { source: 'matmul-rows.wgsl', code, invocations, invocationsPerWorkgroup };
}

/** A kernel whose invocations compute tiles, in registers or through workgroup memory. */
function tilesKernel(context: EmitContext): Omit<Kernel, 'prefix'> {
  const { product, prefix, tiling, operands, expressions, scope, rowsPerWorkgroup } = context;
  const { group, layout } = expressions;
  const { M, N, K, TM, TN, KQ, SHARING, RUNS, RUN, shared } = tiling;
  const splits = splitsOf(product);
  scope.write(wgsl`let i = m * ${prefix}N + n;`);
  expressions.setCoordinates(elementPosition.flat, [
    { name: name('m'), size: splits * M },
    { name: name('n'), size: N },
  ]);
  scope.define(expressions.keyOf(product, elementPosition), name('value'));
  for (const [member, granularity] of group.members) writeMember(expressions, scope, member, granularity);
  const row = new Scope();
  writeBatchRows(new Expressions(layout, group, row), row, name('m'));
  const stores = {
    ...(row.isEmpty ? {} : { storeBatchRow: wgsl`(m: u32) {\n${row.body}\n}` }),
    finish: wgsl`(m: u32, n: u32, value: f32) {\n${scope.body}\n}`,
  };
  // Not in a module with a chain, whose workgroups have another size, and more than one tile.
  if (shared !== undefined && layout.schedule.links.size === 0) {
    const constants = { M, N, K, SPLITS: splits, RUNS, RUN, ...shared };
    const kernel = specialize(matmulShared, { prefix, constants, hooks: { ...operands, ...stores } });
    const code = needing(kernel, [matmulShared.workgroupVariables]);
    const { SIDE } = shared;
    const invocations = splits * Math.ceil(M / SIDE / TM) * Math.ceil(N / SIDE / TN) * SIDE * SIDE;
    return { source: 'matmul-shared.wgsl', code, invocations, invocationsPerWorkgroup: undefined };
  }
  const code = specialize(matmul, {
    prefix,
    constants: { M, N, K, SPLITS: splits, RUNS, RUN, TM, TN, KQ, SHARING },
    hooks: { ...operands, ...lhsHook(product, tiling, prefix), ...sharingHooks(tiling, TN, 'TN', prefix), ...stores },
  });
  const tilesIn = (rows: number): number => Math.ceil(rows / TM / SHARING) * SHARING * Math.ceil(N / TN);
  const invocationsIn = (rows: number): number => (splits > 1 ? (rows / M) * tilesIn(M) : tilesIn(rows));
  const invocationsPerWorkgroup = rowsPerWorkgroup === undefined ? undefined : invocationsIn(rowsPerWorkgroup);
  return { source: 'matmul.wgsl', code, invocations: invocationsIn(splits * M), invocationsPerWorkgroup };
}

/**
 * The hooks by which a quad shares its loads of B: each invocation reads one column of four and gets the others by swaps, so
 * each invocation has the columns in an order of its own. All invocations read the columns after the last four.
 */
function sharingHooks({ SHARING }: Tiling, columns: number, bound: string, prefix: string): Hooks {
  if (SHARING < QUAD) return {};
  const shared = columns - (columns % QUAD);
  const lines = [wgsl`let along = ${prefix}rowOfB(k);`, wgsl`var rhs: array<f32, ${prefix}${bound}>;`];
  for (let j = 0; j < columns; j += j < shared ? QUAD : 1) {
    lines.push(wgsl`rhs[${j}] = ${prefix}loadB(along + columns[${j}]);`);
    if (j < shared)
      ['X', 'Y', 'Diagonal'].forEach((way, i) => lines.push(wgsl`rhs[${j + i + 1}] = quadSwap${way}(rhs[${j}]);`));
  }
  return {
    columnIn: wgsl`(j: u32, id: u32) -> u32 { return select(j, j ^ (id % ${QUAD}u), j < ${shared}u); }`,
    elementsOfB: needing(
      wgsl`(k: u32, columns: array<u32, ${prefix}${bound}>) -> array<f32, ${prefix}${bound}> {\n${join(lines)}\nreturn rhs;\n}`,
      shared > 0 ? ['quads'] : [],
    ),
  };
}
