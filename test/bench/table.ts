/** The results as Markdown. */
import { contenders, type ModelName } from './contenders.ts';
import type { InferenceResult, ProductResult } from './measure-inference.ts';
import type { Frames, FrameTimes, LoadTimes } from './measure-page.ts';
import type { TrainingResult } from './measure-training.ts';
import type { Calls } from './page/count-calls.ts';
import { median } from './statistics.ts';

/** Everything that was measured, as it is written to the file. */
export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly browser: string;
  readonly adapter: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly training: Partial<Record<ModelName, TrainingResult[]>>;
  inference?: InferenceResult[];
  matmul?: ProductResult[];
  load?: LoadTimes[];
  frames?: FrameTimes;
}

/** What all results of a contender have. */
interface Result {
  readonly name: string;
  readonly error?: string;
}

const titleOf = (name: string): string => contenders.find((contender) => contender.name === name)?.title ?? name;

export function toMarkdown(results: Results): string {
  const { machine, browser, adapter, versions, rounds, date, training, inference, matmul, load, frames } = results;
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine}\n${browser}, ${adapter}\n${peers.join(', ')}\n${date}; medians of ${rounds} rounds (slowest to fastest)`,
    ...Object.entries(training).map(([model, rows]) => trainingTable(model, rows)),
    inference && inferenceTable(inference),
    matmul && productTable(matmul),
    load && loadTable(load),
    frames && framesTable(frames),
    summary(results),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

/** A workload's times or speeds by contender, as a row of the summary. */
interface Row {
  readonly title: string;
  readonly unit: string;
  /** Whether more is better. */
  readonly isSpeed: boolean;
  readonly medians: ReadonlyMap<string, number>;
}

/** How many times as fast Inkling's own choice is as each of the others. */
function summary({ training, inference, matmul, load }: Results): string | undefined {
  const row = <T extends Result>(
    title: string,
    unit: string,
    results: readonly T[] = [],
    valuesOf: (result: T) => readonly number[],
  ): Row => ({
    title,
    unit,
    isSpeed: !unit.endsWith('ms'),
    medians: new Map(
      results.filter(({ error }) => error === undefined).map((result) => [result.name, median(valuesOf(result))]),
    ),
  });
  const rows = [
    ...Object.entries(training).map(([model, results]) =>
      row(`training ${model}`, 'steps/s', results, ({ speeds }) => speeds),
    ),
    row('10,000 images through the mlp', 'ms', inference, ({ batchMs }) => batchMs),
    row('one image through the mlp', 'ms', inference, ({ imageMs }) => imageMs),
    row('matmul 1024³', 'GFLOP/s', matmul, ({ speeds }) => speeds),
    row('page load to 100 steps', 'ms', load, ({ ms }) => ms),
  ].filter(({ medians }) => medians.size > 0);
  const [ours, ...others] = contenders.filter(({ name }) => rows.some(({ medians }) => medians.has(name)));
  if (ours?.library !== 'inkling' || others.length === 0) return undefined;
  return table(
    'How many times as fast Inkling is',
    ['', ours.title, ...others.map(({ title }) => title)],
    rows.map(({ title, unit, isSpeed, medians }) => {
      const own = medians.get(ours.name) ?? NaN;
      const ratios = others.map(({ name }) => {
        const other = medians.get(name);
        if (other === undefined) return 'n/a';
        return isSpeed ? ratio(own, other) : ratio(other, own);
      });
      return [title, `${digits(own)} ${unit}`, ...ratios];
    }),
  );
}

function trainingTable(model: string, rows: readonly TrainingResult[]): string {
  const best = medianOf(baseline(rows)?.speeds);
  return table(
    `Training ${model}, batches of 100`,
    ['', 'steps a second', 'Inkling is', 'first step, ms', 'accuracy (steps)', ...callTitles('a step')],
    rows.map((row) =>
      resultRow(row, ({ speeds, firstStepMs, accuracy, stepsTaken, calls }) => [
        spread(speeds),
        ratio(best, medianOf(speeds)),
        digits(firstStepMs),
        `${accuracy.toFixed(3)} (${stepsTaken})`,
        ...callCells(calls),
      ]),
    ),
  );
}

function inferenceTable(rows: readonly InferenceResult[]): string {
  const first = baseline(rows);
  return table(
    'Inference through the mlp, upload and readback included, ms',
    ['', '10,000 images', 'Inkling is', 'one image, median', 'Inkling is', 'one image, p99', ...callTitles('an image')],
    rows.map((row) =>
      resultRow(row, ({ batchMs, imageMs, imageP99Ms, calls }) => [
        spread(batchMs),
        ratio(medianOf(batchMs), medianOf(first?.batchMs)),
        spread(imageMs),
        ratio(medianOf(imageMs), medianOf(first?.imageMs)),
        digits(median(imageP99Ms)),
        ...callCells(calls),
      ]),
    ),
  );
}

function productTable(rows: readonly ProductResult[]): string {
  return table(
    'Matmul of 1024 × 1024 and 1024 × 1024',
    ['', 'GFLOP/s', 'Inkling is'],
    rows.map((row) =>
      resultRow(row, ({ speeds }) => [spread(speeds), ratio(medianOf(baseline(rows)?.speeds), medianOf(speeds))]),
    ),
  );
}

function loadTable(rows: readonly LoadTimes[]): string {
  return table(
    'From page load to the first 100 trained steps of softmax, MNIST included',
    ['', 'ms', 'Inkling is'],
    rows.map((row) => resultRow(row, ({ ms }) => [spread(ms), ratio(medianOf(ms), medianOf(baseline(rows)?.ms))])),
  );
}

function framesTable({ idle, training }: FrameTimes): string {
  const row = (title: string, { count, mean, median, p99, worst }: Frames): string[] => [
    title,
    String(count),
    ...[mean, median, p99, worst].map((ms) => ms.toFixed(1)),
  ];
  return table(
    'Frames of the demo page: intervals in ms',
    ['', 'frames', 'mean', 'median', 'p99', 'worst'],
    [row('idle', idle), ...training.map((frames, i) => row(`training softmax, with curves, run ${i + 1}`, frames))],
  );
}

/** A contender's cells, or why there are none. */
function resultRow<T extends Result>(result: T, cells: (result: T) => readonly string[]): string[] {
  const { name, error } = result;
  return [titleOf(name), ...(error === undefined ? cells(result) : [`n/a: ${error}`])];
}

const callTitles = (each: string): string[] => [
  `dispatches ${each}`,
  'submits',
  'passes',
  'bind groups',
  'writeBuffer',
  'createBuffer',
];

const callCells = (calls: Calls | undefined): string[] =>
  calls === undefined ? [] : Object.values(calls).map((count) => String(Number(count.toFixed(2))));

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const filled = rows.map((row) => head.map((_, i) => row[i]?.replaceAll('|', '\\|') ?? ''));
  return [`**${title}**\n`, line(head), line(head.map(() => '---')), ...filled.map(line)].join('\n');
}

/** Inkling's own choice, unless it failed. */
const baseline = <T extends Result>(rows: readonly T[]): T | undefined =>
  rows.find(({ name, error }) => name.startsWith('inkling') && error === undefined);

const medianOf = (values: readonly number[] = []): number => median(values); // NaN of none

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

const spread = (values: readonly number[]): string =>
  `${digits(median(values))} (${digits(Math.min(...values))} to ${digits(Math.max(...values))})`;

/** How many times as fast: `1×` for the first itself; nothing where there is nothing to compare with. */
const ratio = (ours: number, theirs: number): string =>
  Number.isNaN(ours / theirs) ? '' : `${digits(Number((ours / theirs).toPrecision(2)))}×`;
