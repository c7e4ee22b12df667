/**
 * Writes the kernels of matrix products: tiles of elements, or whole rows with what rides on them.
 */
import matmulRows from '../../../shaders/matmul-rows.wgsl';
import matmulShared from '../../../shaders/matmul-shared.wgsl';
import matmul from '../../../shaders/matmul.wgsl';
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../fuse.ts';
import { sizesOf } from '../internal-ops.ts';
import { QUAD, type WebGpuTarget } from '../plan.ts';
import { partsOf } from '../products.ts';
import { Expressions, Scope, shareOf, type Layout, type Position } from './expressions.ts';
import { writeDrawnRows, writeMember, writeRow } from './group-body.ts';
import { u32 } from './indices.ts';
import { leftHook, operandHooks } from './operands.ts';
import { specializeShader, type EmittedKernel } from './specialize-shader.ts';
import { tileChoice, tilingOf } from './tiling.ts';

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
  const tiling = tilingOf(product, group, target, rows);
  const { K, TM, TN, KQ, SHARING } = tiling;
  const scope = new Scope();
  const expressions = new Expressions(layout, group, scope);
  const operands = {
    ...operandHooks('A', left, product.attrs.transposeA === true, expressions, layout, group),
    ...operandHooks('B', right, product.attrs.transposeB === true, expressions, layout, group),
  };
  const hooks = {
    ...operands,
    ...leftHook(product, tiling),
    ...(SHARING === QUAD ? sharingHooks(TN, group.axes === undefined ? 'TN' : 'N') : {}),
  };
  const element: Position = { kind: 'full', flat: 'i', fixed: false };
  const key = expressions.keyOf(product, element);
  if (group.axes !== undefined) {
    scope.define(key, 'product[c]');
    writeRow(group, layout, expressions, scope);
    const finishRow = `fn finishRow(r: u32, row: array<f32, N>) {\nvar product = row;\n${scope.lines.join('\n')}\n}`;
    const constants = { M, K, N, TM, KQ, SHARING };
    const code = specializeShader(matmulRows, {
      prefix,
      constants,
      hooks: { ...hooks, finishRow },
      unroll: ['TM', 'N', 'KQ'],
    });
    return {
      shader: matmulRows,
      code,
      invocations: Math.ceil(M / TM / SHARING) * SHARING,
      share: rows === undefined ? undefined : rows / TM,
    };
  }
  scope.lines.push(`let i = m * N + n;`);
  expressions.place('i', [
    { name: 'm', size: parts * M },
    { name: 'n', size: N },
  ]);
  scope.define(key, 'value');
  for (const [member, extent] of group.members) writeMember(member, extent, element, expressions, scope, layout, group);
  const row = new Scope();
  writeDrawnRows(group, layout, new Expressions(layout, group, row), row, 'm');
  const keepRow = row.lines.length === 0 ? {} : { keepRow: `fn keepRow(m: u32) {\n${row.lines.join('\n')}\n}` };
  const finish = `fn finish(m: u32, n: u32, value: f32) {\n${scope.lines.join('\n')}\n}`;
  const tiles = tileChoice(product, group, target, rows !== undefined);
  // Beside chains, workgroups have another size, and more than one tile.
  if (tiling.shared !== undefined && layout.schedule.links.size === 0) {
    const { SIDE } = tiling.shared;
    const code = specializeShader(matmulShared, {
      prefix,
      constants: { M, N, K, PARTS: parts, ...tiling.shared },
      hooks: { ...operands, ...keepRow, finish },
      unroll: ['TM', 'TN'],
    });
    const invocations = parts * Math.ceil(M / SIDE / TM) * Math.ceil(N / SIDE / TN) * SIDE * SIDE;
    return { shader: matmulShared, code, invocations, share: undefined, tiles };
  }
  const code = specializeShader(matmul, {
    prefix,
    constants: { M, N, K, PARTS: parts, TM, TN, KQ, SHARING },
    hooks: { ...hooks, ...keepRow, finish },
    unroll: ['TM', 'TN', 'KQ'],
  });
  const tilesOf = (height: number): number => Math.ceil(height / TM / SHARING) * SHARING * Math.ceil(N / TN);
  const share = rows === undefined ? undefined : parts > 1 ? (rows / M) * tilesOf(M) : tilesOf(rows);
  return { shader: matmul, code, invocations: parts * tilesOf(M), share, tiles };
}

/**
 * How a quad shares its loads of B: each of its invocations reads one column of four and gets the others by swaps, so that
 * they come in another order in each. Columns beyond the last four are read by all.
 */
function sharingHooks(columns: number, bound: string): Record<string, string> {
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
