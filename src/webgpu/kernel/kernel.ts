/**
 * Makes the kernel of a group: a shader file whose hook has the group's expressions.
 */
import map from '../../../shaders/map.wgsl';
import rows from '../../../shaders/rows.wgsl';
import { sizeOfShape } from '../../graph/shape.ts';
import { wgsl } from '../../graph/snippet.ts';
import type { WebGpuFacts } from '../plan.ts';
import { rowsOf, type Group } from '../schedule/fuse.ts';
import { specialize, type Kernel } from '../wgsl/specialize.ts';
import { Expressions, Scope } from './expressions.ts';
import { writeMember, writeRow } from './body.ts';
import { countPerWorkgroup, type Layout } from './layout.ts';
import { matmulKernel } from './matmul.ts';

/** Returns the kernel of a group. The names of its module-scope declarations begin with `prefix`. */
export function kernelOf(group: Group, layout: Layout, target: WebGpuFacts, prefix: string): Kernel {
  if (group.matmul !== undefined) return { prefix, ...matmulKernel(group, group.matmul, layout, target, prefix) };
  const scope = new Scope();
  const context = { group, layout, expressions: new Expressions(layout, group, scope) };
  if (group.axes === undefined) {
    for (const [member, granularity] of group.members) writeMember(context, scope, member, granularity);
    const size = sizeOfShape(group.domain);
    const code = specialize(map, {
      prefix,
      constants: { SIZE: size },
      hooks: { finish: wgsl`(i: u32) {\n${scope.body}\n}` },
    });
    const invocationsPerWorkgroup = countPerWorkgroup(group, size, layout);
    return { source: 'map.wgsl', prefix, code, invocations: size, invocationsPerWorkgroup };
  }
  writeRow(context, scope);
  const count = rowsOf(group) ?? 1;
  const code = specialize(rows, {
    prefix,
    constants: { R: count },
    hooks: { finishRow: wgsl`(r: u32) {\n${scope.body}\n}` },
  });
  const invocationsPerWorkgroup = countPerWorkgroup(group, count, layout);
  return { source: 'rows.wgsl', prefix, code, invocations: count, invocationsPerWorkgroup };
}
