/**
 * A plan as text for people: inputs, outputs, the graph, the kernels by dispatch, the memory.
 */
import type { KernelSummary, Plan, PlanFeed } from './plan.ts';
import type { DType } from '../graph/dtype.ts';
import { formatShape, sizeOfShape } from '../graph/shape.ts';

/** The time of a dispatch (on the CPU: of a kernel). */
export interface KernelTiming {
  /** The dispatch's index, as in `plan().kernels`; `undefined` for work before the first, such as rows read on the CPU. */
  readonly dispatch: number | undefined;
  readonly name: string;
  readonly milliseconds: number;
  /** The fraction of the total time, from 0 to 1. */
  readonly share: number;
}

/** The plan as text, with `timings` beside its dispatches. */
export function explainPlan(plan: Plan, timings: readonly KernelTiming[] = []): string {
  const { target, dispatches, feeds, fetches, variables, updates, checks, peakBytes } = plan;
  const what = plan.countsStep ? 'A training step' : 'A run';
  const where = target.backend === 'cpu' ? 'the CPU' : target.adapterClass === 'gpu' ? 'WebGPU' : 'WebGPU, in software';
  const steps = target.backend === 'cpu' ? count(dispatches, 'kernel') : count(dispatches, 'dispatch', 'es');
  return [
    `${what} on ${where}: ${steps}, ${formatBytes(peakBytes)} of working memory`,
    ...section('Inputs', feeds.map(describeFeed)),
    ...section(
      'Variables',
      variables.map(({ name, shape }) => {
        const bytes = formatBytes(4 * sizeOfShape(shape));
        return `${name}: float32 ${formatShape(shape)}, ${bytes}${updates.includes(name) ? ', updated' : ''}`;
      }),
    ),
    ...section('Outputs', fetches.map(describeValue)),
    ...section('Checks (a value that is not finite stops all updates)', checks.length === 0 ? [] : [checks.join(', ')]),
    ...section('Graph, simplified', plan.graph.split('\n')),
    ...kernelLines(plan, timings),
    ...section(
      'Working memory',
      plan.buffers.map(({ name, bytes }) => `${formatBytes(bytes).padStart(8)}  ${name}`),
    ),
  ].join('\n');
}

/** A title and its lines; nothing if there are no lines. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function describeFeed({ name, dtype, type }: PlanFeed): string {
  const value = `${name}: ${describeValue({ dtype, shape: type.shape })}`;
  if (type.kind === 'array') return `${value}, fed`;
  const { rows, format } = type.column;
  const [batch = 1] = type.shape;
  const read = {
    uint8: 'bytes read as 0 to 1',
    float32: 'numbers as they are',
    labels: dtype === 'int32' ? 'class ids' : 'labels, one-hot',
  }[format];
  const drawn = { shuffle: 'the next of the shuffled order', sequence: 'the next in order', rows: 'in order' }[
    type.draw
  ];
  const which = batch === rows && type.draw === 'rows' ? 'all' : `${batch} of`;
  return `${value}, ${which} ${rows} rows, ${drawn}; ${read}`;
}

function describeValue({ dtype, shape }: { readonly dtype: DType; readonly shape: readonly number[] }): string {
  return shape.length === 0 ? `a number (${dtype})` : `${dtype} ${formatShape(shape)}`;
}

function kernelLines({ kernels, dispatches, target }: Plan, timings: readonly KernelTiming[]): string[] {
  const timeOf = (dispatch: number): string => {
    const timing = timings.find((timing) => timing.dispatch === dispatch);
    return timing === undefined
      ? ''
      : `: ${timing.milliseconds.toPrecision(3)} ms, ${Math.round(100 * timing.share)} %`;
  };
  if (target.backend === 'cpu') {
    const lines = kernels.flatMap((kernel, i) => describeKernel(kernel, timeOf(i)));
    return section('Kernels, in sequence', lines);
  }
  return Array.from({ length: dispatches }, (_, dispatch) => {
    const those = kernels.filter((kernel) => kernel.dispatch === dispatch);
    const inTurn = those.filter(({ phase }) => phase !== undefined).length;
    const parts = [
      [inTurn, 'in turn, slice by slice'],
      [those.length - inTurn, 'side by side'],
    ] as const;
    const ways = parts.flatMap(([n, way]) => (n > 0 ? `${count(n, 'kernel')} ${way}` : []));
    const how = those.length > 1 ? `, ${ways.join(' beside ')}` : '';
    const headline = `Dispatch ${dispatch + 1} of ${dispatches}${how}${timeOf(dispatch)}`;
    return section(
      headline,
      those.flatMap((kernel) => describeKernel(kernel)),
    );
  }).flat();
}

function describeKernel({ name, source, workgroups, reads, writes }: KernelSummary, time = ''): string[] {
  const from = source.endsWith('.wgsl') ? ` (${source}, ${count(workgroups, 'workgroup')})` : '';
  return [`${name}${from}${time}`, `  ${reads.join(', ') || 'nothing'} → ${writes.join(', ') || 'nothing'}`];
}

function count(n: number, noun: string, plural = 's'): string {
  return `${n} ${noun}${n === 1 ? '' : plural}`;
}

/** `31.4 kB`. */
function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
