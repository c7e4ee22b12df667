/**
 * Makes one kernel a group: the shader it is made from, and in its hook the group's own expressions.
 */
import map from '../../../shaders/map.wgsl';
import rows from '../../../shaders/rows.wgsl';
import { sizeOfShape } from '../../graph/shape.ts';
import { wgsl } from '../../graph/snippet.ts';
import type { WebGpuFacts } from '../plan.ts';
import { rowsOf, type Group } from '../schedule/fuse.ts';
import { specialize, type Kernel } from '../wgsl/specialize.ts';
import { elementPosition, Expressions, Scope } from './expressions.ts';
import { writeMember, writeRow } from './body.ts';
import { shareOf, type Layout } from './layout.ts';
import { matmulKernel } from './matmul.ts';

/** The kernel of a group; the names of its module-scope declarations begin with `prefix`. */
export function kernelOf(group: Group, layout: Layout, target: WebGpuFacts, prefix: string): Kernel {
  if (group.matmul !== undefined) return { prefix, ...matmulKernel(group, group.matmul, layout, target, prefix) };
  const scope = new Scope();
  const expressions = new Expressions(layout, group, scope);
  if (group.axes === undefined) {
    for (const [member, extent] of group.members)
      writeMember(member, extent, elementPosition, expressions, scope, layout, group);
    const size = sizeOfShape(group.domain);
    const code = specialize(map, {
      prefix,
      constants: { SIZE: size },
      hooks: { finish: wgsl`(i: u32) {\n${scope.body}\n}` },
    });
    return { source: 'map.wgsl', prefix, code, invocations: size, share: shareOf(group, size, layout) };
  }
  writeRow(group, layout, expressions, scope);
  const count = rowsOf(group) ?? 1;
  const code = specialize(rows, {
    prefix,
    constants: { R: count },
    hooks: { finishRow: wgsl`(r: u32) {\n${scope.body}\n}` },
  });
  return { source: 'rows.wgsl', prefix, code, invocations: count, share: shareOf(group, count, layout) };
}
