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
  const expressions = new Expressions(layout, group, scope);
  const hasRows = group.axes !== undefined;
  const count = rowsOf(group) ?? sizeOfShape(group.domain);
  if (hasRows) writeRow(expressions, scope);
  else for (const [member, granularity] of group.members) writeMember(expressions, scope, member, granularity);
  const hook = (parameter: string) => wgsl`(${parameter}: u32) {\n${scope.body}\n}`;
  return {
    source: hasRows ? 'rows.wgsl' : 'map.wgsl',
    prefix,
    code: hasRows
      ? specialize(rows, { prefix, constants: { R: count }, hooks: { finishRow: hook('r') } })
      : specialize(map, { prefix, constants: { SIZE: count }, hooks: { finish: hook('i') } }),
    invocations: count,
    invocationsPerWorkgroup: countPerWorkgroup(group, count, layout),
  };
}
