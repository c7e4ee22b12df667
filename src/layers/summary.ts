/** Summary of a model as a table, like Keras'. */
import type { Dim, Variable } from '../index.ts';

interface Row {
  readonly name: string;
  readonly shape: readonly Dim[];
  readonly variables: readonly Variable[];
}

/** A table of layers with name, output shape and number of parameters; then totals. */
export function summarize(layers: readonly Row[]): string {
  const cells = layers.map(({ name, shape, variables }) => [
    name,
    `[${shape.map((size) => size ?? 'null').join(', ')}]`,
    grouped(parametersOf(variables)),
  ]);
  const rows = [['Layer', 'Output shape', 'Parameters'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [first = 0, second = 0, third = 0] = widths;
  const [head = '', ...lines] = rows.map(
    ([name = '', shape = '', count = '']) => `${name.padEnd(first)}  ${shape.padEnd(second)}  ${count.padStart(third)}`,
  );
  const rule = '─'.repeat(head.length);
  const all = layers.flatMap(({ variables }) => variables);
  const trainable = parametersOf(all.filter((variable) => variable.trainable));
  const total = parametersOf(all);
  return [
    head,
    rule,
    ...lines,
    rule,
    `Total parameters: ${grouped(total)} (${((total * 4) / 1000).toFixed(1)} kB)`,
    `Trainable: ${grouped(trainable)}`,
    `Not trainable: ${grouped(total - trainable)}`,
  ].join('\n');
}

function parametersOf(variables: readonly Variable[]): number {
  return variables.reduce((sum, { shape }) => sum + shape.reduce<number>((size, dim) => size * (dim ?? 1), 1), 0);
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
