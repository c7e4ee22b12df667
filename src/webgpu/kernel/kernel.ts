/**
 * Writes one kernel a group: the shader it is made from, and in its hook the group's own expressions.
 */
import map from '../../../shaders/map.wgsl';
import rows from '../../../shaders/rows.wgsl';
import { sizeOfShape } from '../../graph/shape.ts';
import { rowsOf, type Group } from '../schedule/fuse.ts';
import type { WebGpuTarget } from '../../compile/plan.ts';
import { Expressions, Scope, shareOf, type Layout, type Position } from './expressions.ts';
import { writeMember, writeRow } from './body.ts';
import { emitMatmul } from './matmul.ts';
import { specializeShader, type EmittedKernel } from '../wgsl/specialize.ts';

/** Emits a group's kernel; all its module-scope names begin with `prefix`. */
export function emitKernel(group: Group, layout: Layout, target: WebGpuTarget, prefix: string): EmittedKernel {
  if (group.matmul !== undefined) return emitMatmul(group, group.matmul, layout, target, prefix);
  const scope = new Scope();
  const expressions = new Expressions(layout, group, scope);
  if (group.axes === undefined) {
    const flat: Position = { kind: 'full', flat: 'i', fixed: false };
    for (const [member, extent] of group.members) writeMember(member, extent, flat, expressions, scope, layout, group);
    const size = sizeOfShape(group.domain);
    const hooks = { finish: `fn finish(i: u32) {\n${scope.lines.join('\n')}\n}` };
    return {
      shader: map,
      prefix,
      code: specializeShader(map, { prefix, constants: { SIZE: size }, hooks, unroll: [] }),
      functions: expressions.functions,
      invocations: size,
      share: shareOf(group, size, layout),
    };
  }
  writeRow(group, layout, expressions, scope);
  const count = rowsOf(group) ?? 1;
  const hooks = { finishRow: `fn finishRow(r: u32) {\n${scope.lines.join('\n')}\n}` };
  return {
    shader: rows,
    prefix,
    code: specializeShader(rows, { prefix, constants: { R: count }, hooks, unroll: [] }),
    functions: expressions.functions,
    invocations: count,
    share: shareOf(group, count, layout),
  };
}
