/**
 * Writes what a group's kernel does with its values: passes over rows, and where results go.
 */
import type { DType } from '../../graph/dtype.ts';
import type { ReduceKernel } from '../../graph/op.ts';
import { sizeOfShape, stridesOf } from '../../graph/shape.ts';
import { name, u32, wgsl, type Snippet } from '../../graph/snippet.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Extent, Group } from '../schedule/fuse.ts';
import { drawOp } from '../lower/internal-ops.ts';
import { elementsOf } from '../../compile/known-shapes.ts';
import { CONTROL_WORDS } from '../plan.ts';
import { meetsRows } from '../schedule/stages.ts';
import { calling } from '../wgsl/elementary.ts';
import { elementPosition, rowPosition, Scope, type Expressions, type Position } from './expressions.ts';
import { gather, type Coordinate } from './indices.ts';
import type { Layout } from './layout.ts';
import { copyWord, scratchWord, slice, storeWord } from './words.ts';

/** Loops over rows no longer than this are written out, unless that weighs more. */
const MAX_UNROLLED = 9;
const MAX_UNROLLED_WEIGHT = 12_000;

/** Terms of a long sum that are added up before what rounding takes is looked after, which costs as much as ten of them. */
const BLOCK = 8;

/** A row of a group that reduces: as many passes over it as there are reductions that wait for one another. */
export function writeRow(group: Group, layout: Layout, expressions: Expressions, scope: Scope): void {
  const axes = group.axes ?? [];
  const length = axes.reduce((size, axis) => size * (group.domain[axis] ?? 1), 1);
  const phases = phasesOf(group, layout);
  const last = Math.max(0, ...phases.values());
  scope.write(wgsl`let start = ${rowStart(group)};`);
  expressions.place(
    elementPosition.flat,
    coordinatesOf(group, (expression) => expressions.index(expression, true, scope).flat),
  );
  for (let phase = 0; phase <= last; phase++) {
    const reductions = [...group.members.keys()].filter(
      (member) => member.op.kernel.kind === 'reduce' && phases.get(member) === phase + 1,
    );
    const outputs = [...group.members].filter(
      ([member, extent]) => extent === 'full' && phases.get(member) === phase && isWritten(member, layout, group),
    );
    if (reductions.length > 0 || outputs.length > 0) {
      writePass(group, length, reductions, outputs, expressions, scope, layout);
    }
  }
  for (const [member, extent] of group.members)
    if (extent === 'row') writeMember(member, extent, rowPosition, expressions, scope, layout, group);
  writeDrawnRows(group, layout, expressions, scope, rowPosition.flat);
}

function writePass(
  group: Group,
  length: number,
  reductions: readonly Tensor[],
  outputs: readonly [Tensor, Extent][],
  expressions: Expressions,
  scope: Scope,
  layout: Layout,
): void {
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
  for (const [member, extent] of outputs)
    writeMember(member, extent, elementPosition, expressions, loop, layout, group);
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

/** The index of an element within its row. */
const column = name('c');

/** Where sums, maxima and minima begin. Infinity is made at run time (`unused` is 0): no constant may be infinite. */
const FIRST = {
  float32: {
    sum: '0.0',
    max: 'bitcast<f32>(0xff800000u + params.unused)',
    min: 'bitcast<f32>(0x7f800000u + params.unused)',
  },
  int32: { sum: '0i', max: 'i32(-2147483647 - 1)', min: '2147483647i' },
} as const;

function accumulator(combine: ReduceKernel['combine'], result: Snippet, best: Snippet, dtype: DType): Snippet[] {
  const first = FIRST[dtype === 'int32' ? 'int32' : 'float32'];
  switch (combine) {
    case 'sum':
    case 'max':
    case 'min':
      return [wgsl`var ${result} = ${first[combine]};`];
    case 'argMax':
      return [wgsl`var ${best} = ${first.max};`, wgsl`var ${result} = 0i;`];
    default:
      return combine satisfies never;
  }
}

/** The functions of elementary.wgsl that keep NaN. */
const FLOAT_FUNCTIONS = { max: 'larger', min: 'smaller', argMax: 'displaces' } as const;

/** Takes in one more value. Of floats, an extremum is NaN if one of them is. */
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
  switch (combine) {
    case 'max':
    case 'min':
      return calling(wgsl`${result} = ${float ?? combine}(${result}, ${value});`, { functions });
    case 'argMax': {
      const more = float === undefined ? wgsl`${value} > ${best}` : wgsl`${float}(${value}, ${best})`;
      const take = wgsl`${best} = select(${best}, ${value}, more); ${result} = select(${result}, i32(c), more);`;
      return calling(wgsl`{ let more = ${more}; ${take} }`, { functions });
    }
    default:
      return combine satisfies never;
  }
}

/**
 * The pass in which each value of the group can be computed: a reduction is known one pass after what it reduces.
 * Values from elsewhere are known from the start.
 */
function phasesOf(group: Group, layout: Layout): Map<Tensor, number> {
  const phases = new Map<Tensor, number>();
  const phaseOf = (tensor: Tensor): number => {
    const known = phases.get(tensor);
    if (known !== undefined) return known;
    const owner = layout.schedule.groupOf.get(tensor);
    if (tensor === group.matmul || (owner !== undefined && owner !== group)) return 0;
    const inputs = Math.max(0, ...tensor.inputs.map(phaseOf));
    const phase = tensor.op.kernel.kind === 'reduce' ? inputs + 1 : inputs;
    phases.set(tensor, phase);
    return phase;
  };
  for (const member of group.members.keys()) phases.set(member, phaseOf(member));
  return phases;
}

/** Where row `r` begins in the domain. */
function rowStart(group: Group): Snippet {
  const strides = stridesOf(group.domain);
  const kept = group.domain.map((_, axis) => axis).filter((axis) => !group.axes?.includes(axis));
  return gather(
    rowPosition.flat,
    kept.map((axis) => group.domain[axis] ?? 1),
    kept.map((axis) => strides[axis] ?? 1),
  );
}

/** How far element `c` of a row lies from its beginning. */
function alongRow(group: Group): Snippet {
  const strides = stridesOf(group.domain);
  const axes = group.axes ?? [];
  return gather(
    column,
    axes.map((axis) => group.domain[axis] ?? 1),
    axes.map((axis) => strides[axis] ?? 1),
  );
}

/** The coordinates of element `i` of the domain: of runs of axes that are kept, what they have of `r`; of others, of `c`. */
function coordinatesOf({ domain, axes = [] }: Group, named: (expression: Snippet) => Snippet): Coordinate[] {
  const all = domain.map((_, axis) => axis);
  const coordinates: Coordinate[] = [];
  for (let from = 0, to = 0; from < domain.length; from = to) {
    const reduced = axes.includes(from);
    while (to < domain.length && axes.includes(to) === reduced) to++;
    const own = all.filter((axis) => axes.includes(axis) === reduced);
    const within = stridesOf(domain.slice(from, to));
    const index = gather(
      reduced ? column : rowPosition.flat,
      own.map((axis) => domain[axis] ?? 1),
      own.map((axis) => (axis >= from && axis < to ? (within[axis - from] ?? 1) : 0)),
    );
    coordinates.push({ name: reduced ? wgsl`(${index})` : named(index), size: sizeOfShape(domain.slice(from, to)) });
  }
  return coordinates;
}

function isWritten(member: Tensor, layout: Layout, group: Group): boolean {
  return (
    layout.schedule.stored.get(member) === group ||
    layout.updates.has(member) ||
    layout.checks.has(member) ||
    layout.carry?.left === member
  );
}

/** Stores, checks and hands on a member's value as far as anyone asked for it. */
export function writeMember(
  member: Tensor,
  extent: Extent,
  position: Position,
  expressions: Expressions,
  scope: Scope,
  layout: Layout,
  group: Group,
): void {
  if (!isWritten(member, layout, group)) return;
  const at = extent === 'row' ? rowPosition : position;
  const value = expressions.value(member, at, scope);
  const code = layout.checks.get(member);
  const word = layout.schedule.stored.get(member) === group && scratchWord(member, at.flat, layout);
  if (code !== undefined && member.dtype === 'float32') scope.write(wgsl`check(${value}, ${code}u);`);
  if (word) scope.write(wgsl`${word} = ${storeWord(value, member.dtype)};`);
  if (layout.reported.has(member)) {
    const place = u32(CONTROL_WORDS + (layout.scratch.get(member) ?? 0));
    scope.write(wgsl`atomicStore(&control[${place} + ${at.flat}], ${storeWord(value, member.dtype)});`);
  }
  if (layout.carry?.left === member) {
    const { found, into } = layout.carry;
    const generation = into === 'this' ? wgsl`params.generation` : wgsl`(1u - params.generation)`;
    scope.write(wgsl`${copyWord(found, generation, at.flat, layout)} = bitcast<u32>(${value});`);
  }
  const once = layout.schedule.links.get(group)?.share === 'all' ? wgsl` & (${slice} == 0u)` : '';
  for (const variable of layout.updates.get(member) ?? []) {
    const to = name(`to${layout.variables.get(variable) ?? 0}`);
    scope.write(wgsl`if (healthy${once}) { state[${to} + ${at.flat}] = bitcast<u32>(${value}); }`);
  }
}

/** Writes down the row numbers this kernel drew, where later kernels read them: `row` is the kernel's row. */
export function writeDrawnRows(
  group: Group,
  layout: Layout,
  expressions: Expressions,
  scope: Scope,
  row: Snippet,
): void {
  for (const [draw, drawer] of layout.schedule.stored) {
    if (drawer !== group || draw.op !== drawOp || !meetsRows(group, draw)) continue;
    const parts = group.matmul === undefined ? 1 : (group.domain[0] ?? 1) / elementsOf(draw);
    const sample = parts === 1 ? row : wgsl`${row} / ${parts}u`;
    const drawn = expressions.value(draw, { kind: 'at', flat: sample, fixed: true }, scope);
    const write = wgsl`${scratchWord(draw, sample, layout)} = bitcast<u32>(${drawn});`;
    scope.write(parts === 1 ? write : wgsl`if (${row} % ${parts}u == 0u) { ${write} }`);
  }
}
