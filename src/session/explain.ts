/**
 * A plan as text for people: what is fed, the graph, the kernels by dispatch, the memory.
 */
import type { Plan } from '../compile/plan.ts';

export function explainPlan(plan: Plan): string {
  const { target, feeds, fetches, draw } = plan;
  const where = target.backend === 'cpu' ? 'the CPU' : `WebGPU (${target.adapterClass})`;
  const unit = target.backend === 'cpu' ? 'kernels' : plan.dispatches === 1 ? 'dispatch' : 'dispatches';
  return [
    `Plan for ${where}: ${plan.dispatches} ${unit}${plan.countsStep ? ' a training step' : ''}, ${formatBytes(plan.peakBytes)} of working memory`,
    '',
    'Feeds',
    ...listOf(feeds, ({ name, dtype, type }) =>
      type.kind === 'array'
        ? `${name} ${dtype} [${type.shape.join(', ')}]`
        : `${name} [${type.shape.join(', ')}] ${type.draw === 'shuffle' ? 'drawn' : 'read in order'} from ${type.column.rows} rows of ${type.column.format} on the device`,
    ),
    'Fetches',
    ...listOf(fetches, ({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`),
    'Updates',
    ...listOf(plan.updates, (name) => name),
    'Checked to be finite',
    ...listOf(plan.checks, (name) => name),
    ...(draw === undefined ? [] : [`Batch: ${draw.batch} of ${draw.rows} rows, ${draw.kind}`]),
    '',
    'Graph, simplified',
    indent(plan.graph),
    '',
    'Kernels',
    ...dispatchLines(plan),
    '',
    'Working memory',
    ...listOf(plan.buffers, ({ name, bytes }) => `${formatBytes(bytes).padStart(10)}  ${name}`),
  ].join('\n');
}

function dispatchLines(plan: Plan): string[] {
  let dispatch = -1;
  return plan.kernels.flatMap((kernel) => {
    const lines =
      kernel.dispatch === dispatch || plan.target.backend === 'cpu' ? [] : [`  dispatch ${kernel.dispatch + 1}`];
    ({ dispatch } = kernel);
    const groups =
      plan.target.backend === 'cpu'
        ? ''
        : `, ${kernel.workgroups} ${kernel.workgroups === 1 ? 'workgroup' : 'workgroups'}`;
    lines.push(
      `    ${kernel.name}  (${kernel.source}${groups})`,
      `      reads ${kernel.reads.join(', ') || 'nothing'}; writes ${kernel.writes.join(', ') || 'nothing'}`,
    );
    return lines;
  });
}

function listOf<T>(items: readonly T[], format: (item: T) => string): string[] {
  return items.length === 0 ? ['  none'] : items.map((item) => `  ${format(item)}`);
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

/** `31.4 kB`. */
function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
