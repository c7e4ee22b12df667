/**
 * The CPU's compiler: the simplified graph is the program.
 */
import { sizeOfShape } from '../graph/shape.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { sizesOf } from '../compile/known-shapes.ts';
import type { Plan } from '../compile/plan.ts';
import { rootsOf, type Program } from '../compile/program.ts';
import type { CompileRequest, PlanFacts } from '../compile/request.ts';
import type { CpuProgram } from './plan.ts';

/** Makes the plan that runs the simplified graph node by node. */
export function compileForCpu(_request: CompileRequest, facts: PlanFacts, graph: Program): Plan {
  const order = topologicalOrder(rootsOf({ ...graph, updates: [] }));
  const computed = order.filter((node) => node.op.kernel.kind !== 'source' && node.op.kernel.kind !== 'alias');
  const buffers = computed.map((node) => ({
    name: node.name ?? `${node.op.name} [${node.shape.join(', ')}]`,
    bytes: 4 * sizeOfShape(sizesOf(node)),
  }));
  const program: CpuProgram = { ...graph, backend: 'cpu', order };
  return {
    ...facts,
    dispatches: computed.length,
    kernels: computed.map((node, dispatch) => ({
      dispatch,
      name: node.name ?? node.op.name,
      source: node.op.name,
      reads: node.inputs.map((input) => input.name ?? input.op.name),
      writes: [`${node.op.name} [${node.shape.join(', ')}]`],
      workgroups: 1,
      turn: undefined,
    })),
    buffers,
    peakBytes: buffers.reduce((sum, buffer) => sum + buffer.bytes, 0),
    program,
  };
}
