/**
 * Writes the body of a group's kernel: passes over rows, checks, and stores.
 */
import type { DType } from '../../graph/dtype.ts';
import type { ReduceKernel } from '../../graph/op.ts';
import { sizeOfShape, stridesOf } from '../../graph/shape.ts';
import { name, u32, wgsl, type Snippet } from '../../graph/snippet.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Granularity, Group } from '../schedule/fuse.ts';
import { batchRowsOp } from '../lower/internal-ops.ts';
import { elementsOf } from '../../compile/known-shapes.ts';
import { CONTROL_WORDS } from '../plan.ts';
import { visitsBatchRows } from '../schedule/stages.ts';
import { calling } from '../wgsl/elementary.ts';
import { elementPosition, rowPosition, Scope, type Expressions } from './expressions.ts';
import { gather, type Coordinate } from './indices.ts';
import type { Layout } from './layout.ts';
import { copyWord, scratchWord, sliceIndex, storeWord } from './words.ts';

/** Loops over rows up to this length are unrolled, unless the text gets too long. */
const MAX_UNROLLED = 9;
const MAX_UNROLLED_WEIGHT = 12_000;

/** Terms of a compensated sum that are added plainly before one compensated addition, which costs as much as ten plain ones. */
const BLOCK = 8;

/** Writes the passes over a row: one for each reduction that depends on another, and one for the last outputs. */
export function writeRow(expressions: Expressions, scope: Scope): void {
  const { group, layout } = expressions;
  const axes = group.axes ?? [];
  const length = axes.reduce((size, axis) => size * (group.domain[axis] ?? 1), 1);
  const passes = passesOf(expressions);
  const last = Math.max(0, ...passes.values());
  scope.write(wgsl`let start = ${rowStart(group)};`);
  expressions.setCoordinates(
    elementPosition.flat,
    coordinatesOf(group, (expression) => expressions.index(expression, true, scope).flat),
  );
  for (let pass = 0; pass <= last; pass++) {
    const reductions = [...group.members.keys()].filter(
      (member) => member.op.kernel.kind === 'reduce' && passes.get(member) === pass + 1,
    );
    const outputs = [...group.members].filter(
      ([member, granularity]) =>
        granularity === 'full' && passes.get(member) === pass && isWritten(member, layout, group),
    );
    if (reductions.length > 0 || outputs.length > 0) writePass(expressions, scope, length, reductions, outputs);
  }
  for (const [member, granularity] of group.members)
    if (granularity === 'row') writeMember(expressions, scope, member, granularity);
  writeBatchRows(expressions, scope, rowPosition.flat);
}

/** Writes one pass over a row of `length` elements: its reductions, and the outputs that are known by then. */
function writePass(
  expressions: Expressions,
  scope: Scope,
  length: number,
  reductions: readonly Tensor[],
  outputs: readonly [Tensor, Granularity][],
): void {
  const { group } = expressions;
  const loop = new Scope(scope);
  const block: Snippet[] = [];
  loop.write(wgsl`let i = start + ${alongRow(group)};`);
  const results = reductions.map((reduction) => {
    const kernel = reduction.op.kernel as ReduceKernel;
    const [input] = reduction.inputs;
    if (input === undefined) return;
    const result = expressions.newName('r');
    const value = expressions.value(input, elementPosition, loop);
    if (reduction.attrs.compensated === true && length > MAX_UNROLLED) {
      const part = expressions.newName('p');
      scope.write(wgsl`var ${result} = vec2f();`, wgsl`var ${part} = 0.0;`);
      loop.write(wgsl`${part} += ${value};`);
      block.push(wgsl`${result} = plus(${result}, ${part}, ${expressions.zero()});`, wgsl`${part} = 0.0;`);
      return { reduction, result: wgsl`${result}.x` };
    }
    const best = expressions.newName('b');
    scope.write(...accumulator(kernel.combine, result, best, input.dtype));
    loop.write(accumulate(kernel.combine, result, best, value, input.dtype));
    return { reduction, result };
  });
  for (const [member, granularity] of outputs) writeMember(expressions, loop, member, granularity);
  const { body } = loop;
  if (block.length > 0) {
    const inner = wgsl`for (var c = first; c < min(first + ${BLOCK}u, ${length}u); c++) {\n${body}\n}`;
    scope.write(wgsl`for (var first = 0u; first < ${length}u; first += ${BLOCK}u) {`);
    scope.write(inner, ...block, wgsl`}`);
  } else if (length > MAX_UNROLLED || length * body.weight > MAX_UNROLLED_WEIGHT)
    scope.write(wgsl`for (var c = 0u; c < ${length}u; c++) {\n${body}\n}`);
  else for (let c = 0; c < length; c++) scope.write(wgsl`{ const c = ${c}u;\n${body}\n}`);
  for (const one of results)
    if (one !== undefined) scope.define(expressions.keyOf(one.reduction, rowPosition), one.result);
}

/** The index of an element in its row. */
const indexInRow = name('c');

/** Initial values of sums, maxima and minima. No constant may be infinite, so infinity is computed with `params.zero`. */
const INITIAL = {
  float32: {
    sum: '0.0',
    max: 'bitcast<f32>(0xff800000u + params.zero)',
    min: 'bitcast<f32>(0x7f800000u + params.zero)',
  },
  int32: { sum: '0i', max: 'i32(-2147483647 - 1)', min: '2147483647i' },
} as const;

/** Declares the variables of a reduction. */
function accumulator(combine: ReduceKernel['combine'], result: Snippet, best: Snippet, dtype: DType): Snippet[] {
  const initial = INITIAL[dtype === 'int32' ? 'int32' : 'float32'];
  return combine === 'argMax'
    ? [wgsl`var ${best} = ${initial.max};`, wgsl`var ${result} = 0i;`]
    : [wgsl`var ${result} = ${initial[combine]};`];
}

/** The functions of elementary.wgsl by which reductions of floats keep NaN. */
const FLOAT_FUNCTIONS = { max: 'larger', min: 'smaller', argMax: 'displaces' } as const;

/** Combines a value with a reduction's result. The extremum of floats is NaN if any of them is. */
function accumulate(
  combine: ReduceKernel['combine'],
  result: Snippet,
  best: Snippet,
  value: Snippet,
  dtype: DType,
): Snippet {
  if (combine === 'sum') return wgsl`${result} += ${value};`;
  const float = dtype === 'float32' ? FLOAT_FUNCTIONS[combine] : undefined;
  const functions = float === undefined ? [] : [float];
  if (combine !== 'argMax') return calling(wgsl`${result} = ${float ?? combine}(${result}, ${value});`, { functions });
  const more = float === undefined ? wgsl`${value} > ${best}` : wgsl`${float}(${value}, ${best})`;
  const take = wgsl`${best} = select(${best}, ${value}, more); ${result} = select(${result}, i32(c), more);`;
  return calling(wgsl`{ let more = ${more}; ${take} }`, { functions });
}

/**
 * The pass in which each value of the group can be computed: a reduction is known one pass after its input. Values of other
 * groups are known from the start.
 */
function passesOf({ group, layout }: Expressions): Map<Tensor, number> {
  const passes = new Map<Tensor, number>();
  const passOf = (tensor: Tensor): number => {
    const known = passes.get(tensor);
    if (known !== undefined) return known;
    const owner = layout.schedule.groupOf.get(tensor);
    if (tensor === group.matmul || (owner !== undefined && owner !== group)) return 0;
    const inputs = Math.max(0, ...tensor.inputs.map(passOf));
    const pass = tensor.op.kernel.kind === 'reduce' ? inputs + 1 : inputs;
    passes.set(tensor, pass);
    return pass;
  };
  for (const member of group.members.keys()) passes.set(member, passOf(member));
  return passes;
}

/** The index in the domain of the first element of row `r`. */
function rowStart(group: Group): Snippet {
  const strides = stridesOf(group.domain);
  const rowAxes = group.domain.map((_, axis) => axis).filter((axis) => !group.axes?.includes(axis));
  return gather(
    rowPosition.flat,
    rowAxes.map((axis) => group.domain[axis] ?? 1),
    rowAxes.map((axis) => strides[axis] ?? 1),
  );
}

/** The distance in the domain from the first element of a row to its element `c`. */
function alongRow(group: Group): Snippet {
  const strides = stridesOf(group.domain);
  const axes = group.axes ?? [];
  return gather(
    indexInRow,
    axes.map((axis) => group.domain[axis] ?? 1),
    axes.map((axis) => strides[axis] ?? 1),
  );
}

/** The coordinates of element `i` of the domain: those of reduced axes from `c`, others from `r`. */
function coordinatesOf({ domain, axes = [] }: Group, named: (expression: Snippet) => Snippet): Coordinate[] {
  const all = domain.map((_, axis) => axis);
  const coordinates: Coordinate[] = [];
  for (let from = 0, to = 0; from < domain.length; from = to) {
    const reduced = axes.includes(from);
    while (to < domain.length && axes.includes(to) === reduced) to++;
    const own = all.filter((axis) => axes.includes(axis) === reduced);
    const within = stridesOf(domain.slice(from, to));
    const index = gather(
      reduced ? indexInRow : rowPosition.flat,
      own.map((axis) => domain[axis] ?? 1),
      own.map((axis) => (axis >= from && axis < to ? (within[axis - from] ?? 1) : 0)),
    );
    coordinates.push({ name: reduced ? wgsl`(${index})` : named(index), size: sizeOfShape(domain.slice(from, to)) });
  }
  return coordinates;
}

/** Tells whether the kernel writes a member to memory, or checks it. */
function isWritten(member: Tensor, layout: Layout, group: Group): boolean {
  return (
    layout.schedule.stored.get(member) === group ||
    layout.updates.has(member) ||
    layout.checks.has(member) ||
    layout.carry?.carryOut === member
  );
}

/** Writes a member's checks and stores, if it has any. */
export function writeMember(expressions: Expressions, scope: Scope, member: Tensor, granularity: Granularity): void {
  const { group, layout } = expressions;
  if (!isWritten(member, layout, group)) return;
  const at = granularity === 'row' ? rowPosition : elementPosition;
  const value = expressions.value(member, at, scope);
  const code = layout.checks.get(member);
  const word = layout.schedule.stored.get(member) === group && scratchWord(member, at.flat, layout);
  if (code !== undefined && member.dtype === 'float32') scope.write(wgsl`check(${value}, ${code}u);`);
  if (word) scope.write(wgsl`${word} = ${storeWord(value, member.dtype)};`);
  if (layout.reported.has(member)) {
    const reportWord = u32(CONTROL_WORDS + (layout.scratch.get(member) ?? 0));
    scope.write(wgsl`atomicStore(&control[${reportWord} + ${at.flat}], ${storeWord(value, member.dtype)});`);
  }
  if (layout.carry?.carryOut === member) {
    const { carryIn, writesTo } = layout.carry;
    const generation = writesTo === 'this' ? wgsl`params.generation` : wgsl`(1u - params.generation)`;
    scope.write(wgsl`${copyWord(carryIn, generation, at.flat, layout)} = bitcast<u32>(${value});`);
  }
  const once = layout.schedule.links.get(group)?.runBy === 'every' ? wgsl` & (${sliceIndex} == 0u)` : '';
  for (const variable of layout.updates.get(member) ?? []) {
    const to = name(`to${layout.variables.get(variable) ?? 0}`);
    scope.write(wgsl`if (ok${once}) { state[${to} + ${at.flat}] = bitcast<u32>(${value}); }`);
  }
}

/** Stores the batch's row numbers for later kernels, if this group does. `row`: the index of the kernel's row. */
export function writeBatchRows(expressions: Expressions, scope: Scope, row: Snippet): void {
  const { group, layout } = expressions;
  for (const [rows, writer] of layout.schedule.stored) {
    if (writer !== group || rows.op !== batchRowsOp || !visitsBatchRows(group, rows)) continue;
    const rowsPerSample = group.matmul === undefined ? 1 : (group.domain[0] ?? 1) / elementsOf(rows);
    const sample = rowsPerSample === 1 ? row : wgsl`${row} / ${rowsPerSample}u`;
    const number = expressions.value(rows, { kind: 'at', flat: sample, fixed: true }, scope);
    const write = wgsl`${scratchWord(rows, sample, layout)} = bitcast<u32>(${number});`;
    scope.write(rowsPerSample === 1 ? write : wgsl`if (${row} % ${rowsPerSample}u == 0u) { ${write} }`);
  }
}
