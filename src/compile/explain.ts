/**
 * A plan as text for people: inputs, outputs, the graph, the kernels, the memory. Each target prints its own kernels.
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

/**
 * The plan as text.
 * @param device - The device, and the number of dispatches or kernels.
 * @param kernels - The lines about the kernels.
 */
export function explainPlan(plan: Plan, device: string, kernels: readonly string[]): string {
  const { feeds, fetches, variables, updates, checks, peakBytes } = plan;
  const what = plan.countsStep ? 'A training step' : 'A run';
  return [
    `${what} on ${device}, ${formatBytes(peakBytes)} of working memory`,
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
    ...kernels,
    ...section(
      'Working memory',
      plan.buffers.map(({ name, bytes }) => `${formatBytes(bytes).padStart(8)}  ${name}`),
    ),
  ].join('\n');
}

/** A title and its lines; nothing if there are no lines. */
export function section(title: string, lines: readonly string[]): string[] {
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
  const order = { shuffled: 'the next of the shuffled order', sequential: 'the next in order', range: 'in order' }[
    type.sampling
  ];
  const which = batch === rows && type.sampling === 'range' ? 'all' : `${batch} of`;
  return `${value}, ${which} ${rows} rows, ${order}; ${read}`;
}

function describeValue({ dtype, shape }: { readonly dtype: DType; readonly shape: readonly number[] }): string {
  return shape.length === 0 ? `a number (${dtype})` : `${dtype} ${formatShape(shape)}`;
}

/** The time of a dispatch, where it was measured. */
export function timeOf(timings: readonly KernelTiming[], dispatch: number): string {
  const timing = timings.find((timing) => timing.dispatch === dispatch);
  return timing === undefined ? '' : `: ${timing.milliseconds.toPrecision(3)} ms, ${Math.round(100 * timing.share)} %`;
}

/** The lines about a kernel; `more` follows its name. */
export function describeKernel(
  { name, reads, writes }: Pick<KernelSummary, 'name' | 'reads' | 'writes'>,
  more: string,
): string[] {
  return [`${name}${more}`, `  ${reads.join(', ') || 'nothing'} → ${writes.join(', ') || 'nothing'}`];
}

/** `1 kernel`, `2 kernels`. */
export function count(n: number, noun: string, plural = 's'): string {
  return `${n} ${noun}${n === 1 ? '' : plural}`;
}

/** `31.4 kB`. */
function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
