/**
 * Writes the WGSL of values: what a kernel needs of a tensor at a position, loaded where it is stored, else computed in place.
 */
import { fault } from '../../errors.ts';
import type { DType } from '../../graph/dtype.ts';
import type { IndexWriter, MapKernel } from '../../graph/op.ts';
import { shapesEqual, stridesOf } from '../../graph/shape.ts';
import { constantValue, isConstant, stepKeyOp } from '../../graph/sources.ts';
import { input as inputOf, type Tensor } from '../../graph/tensor.ts';
import { MAX_SERIAL_ROW } from '../lower/lower.ts';
import { isKeptRowShape, type Group } from '../schedule/fuse.ts';
import { columnOp, drawOp, type ColumnAttrs } from '../lower/internal-ops.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';
import { isBefore, type Schedule } from '../schedule/stages.ts';
import { baseOf } from '../lower/matrix-view.ts';
import { elementaryFunctions } from '../wgsl/elementary.ts';
import { broadcastStrides, coordinate, gather, u32, type Coordinate } from './indices.ts';

/** What the emitters know of a plan. */
export interface Layout {
  readonly schedule: Schedule;
  /** Where stored tensors, array feeds and large constants lie in the arena, in words. */
  readonly scratch: ReadonlyMap<Tensor, number>;
  /** The number of each variable, which names its place in the state (`from3`, `to3`). */
  readonly variables: ReadonlyMap<string, number>;
  /** The variables that a tensor becomes the next value of. */
  readonly updates: ReadonlyMap<Tensor, readonly string[]>;
  /** The codes under which a tensor is checked to be finite. */
  readonly checks: ReadonlyMap<Tensor, number>;
  /** Fetches that are small, and are written where reports are read as well. */
  readonly reported: ReadonlySet<Tensor>;
  /** What a step leaves for the next, and what that finds; with the generation of it that is written. */
  readonly carry: { readonly left: Tensor; readonly found: Tensor; readonly into: 'next' | 'this' } | undefined;
  /** The number of each draw, which names its function. */
  readonly draws: ReadonlyMap<Tensor, number>;
}

/** Of `count` elements or rows of a group, those that one workgroup takes where it is chained. */
export function shareOf(group: Group, count: number, { schedule }: Layout): number | undefined {
  const link = schedule.links.get(group);
  if (link === undefined || schedule.slicing === undefined) return undefined;
  if (link.share !== 'slice' || link.chain === 'numbers') return count;
  return (count / schedule.slicing.parts) * schedule.slicing.partsPerSlice;
}

/** Which element: the domain's own, its row's, or the one at a flat index of the tensor itself. */
export interface Position {
  readonly kind: 'full' | 'row' | 'at';
  /** A variable's name or a literal: the flat index. */
  readonly flat: string;
  /** Whether it stays the same along a row, so that what it needs is computed before the loop. */
  readonly fixed: boolean;
}

/** Statements of one block; inner scopes see the values of outer ones. */
export class Scope {
  readonly lines: string[] = [];
  readonly #known = new Map<string, string>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  find(key: string): string | undefined {
    return this.#known.get(key) ?? this.#outer?.find(key);
  }

  define(key: string, name: string): void {
    this.#known.set(key, name);
  }
}

/** Sums within an element are written out up to this many terms, and else made in a loop. */
const MAX_WRITTEN_TERMS = 25;

const wgslTypes: Record<DType, string> = { float32: 'f32', int32: 'i32', bool: 'bool' };

/** Emits the values of one group's kernel. */
export class Expressions {
  /** The texts of the WGSL functions that what was written calls. */
  readonly functions = new Set<string>();
  readonly #layout: Layout;
  readonly #group: Group;
  readonly #rowScope: Scope;
  readonly #keys = new Map<Tensor, number>();
  /** What is known of flat indices, by their names. */
  readonly #coordinates = new Map<string, readonly Coordinate[]>();
  /** Names that stay the same along a row. */
  readonly #fixed = new Set(['r', 'start']);
  #names = 0;

  constructor(layout: Layout, group: Group, rowScope: Scope) {
    this.#layout = layout;
    this.#group = group;
    this.#rowScope = rowScope;
  }

  /** A variable's name for the value of `tensor` at `position`, written into `scope` (or before it, if it is fixed). */
  value(tensor: Tensor, position: Position, scope: Scope): string {
    const target = position.fixed ? this.#rowScope : scope;
    const key = this.keyOf(tensor, position);
    const known = target.find(key);
    if (known !== undefined) return known;
    const { kernel } = tensor.op;
    if (kernel.kind === 'alias') return this.value(inputOf(tensor.inputs, 0), position, scope);
    // A `let` even for a literal: an expression of literals alone would be a fault where it is NaN or infinite.
    if (isConstant(tensor) && elementsOf(tensor) === 1) return this.#let(key, literal(tensor), target);
    const expression = this.#isLoaded(tensor)
      ? loadWord(this.wordAt(tensor, position.flat), tensor.dtype)
      : this.#compute(tensor, position, scope);
    return this.#let(key, expression, target);
  }

  keyOf(tensor: Tensor, position: Position): string {
    let id = this.#keys.get(tensor);
    if (id === undefined) this.#keys.set(tensor, (id = this.#keys.size));
    return `${id}@${position.kind === 'at' ? position.flat : position.kind}`;
  }

  /** Notes the functions that an expression calls: of elementary.wgsl by name, of a library all. */
  include({ functions = [], library }: Pick<MapKernel, 'functions' | 'library'>): void {
    for (const text of elementaryFunctions(functions)) this.functions.add(text);
    for (const text of Object.values(library?.functions ?? {})) this.functions.add(text);
  }

  /** A variable's name for a zero that compilers do not know. */
  zero(): string {
    return this.#rowScope.find('zero') ?? this.#let('zero', 'params.unused', this.#rowScope);
  }

  #let(key: string, expression: string, scope: Scope): string {
    const name = `v${this.#names++}`;
    scope.lines.push(`let ${name} = ${expression};`);
    scope.define(key, name);
    if (scope === this.#rowScope) this.#fixed.add(name);
    return name;
  }

  /** Says what the coordinates of the flat index named `flat` are. */
  place(flat: string, coordinates: readonly Coordinate[]): void {
    this.#coordinates.set(flat, coordinates);
  }

  /** A variable's name for an index, written before the row's loop where nothing in it changes along the row. */
  index(expression: string, fixed: boolean, scope: Scope): Position {
    const stays = fixed || this.#stays(expression);
    if (/^\w+$/.test(expression)) return { kind: 'at', flat: expression, fixed: stays };
    const target = stays ? this.#rowScope : scope;
    const key = `index ${expression}`;
    return { kind: 'at', flat: target.find(key) ?? this.#let(key, expression, target), fixed: stays };
  }

  /** Whether all the names in an index stay the same along a row. */
  #stays(expression: string): boolean {
    return (expression.match(/\b[a-z]\w*\b(?!\()/gi) ?? []).every((name) => this.#fixed.has(name));
  }

  /** Whether another kernel has left the tensor in memory, or it is a source. */
  #isLoaded(tensor: Tensor): boolean {
    const { schedule } = this.#layout;
    const { stored, groupOf } = schedule;
    if (tensor.op === drawOp) {
      const drawer = stored.get(tensor);
      return drawer !== undefined && isBefore(drawer, this.#group, schedule);
    }
    if (tensor.op === columnOp || tensor.op === stepKeyOp) return false;
    const owner = groupOf.get(tensor);
    return tensor.op.kernel.kind === 'source' || (owner !== undefined && owner !== this.#group);
  }

  /** The 32-bit word of a stored tensor's element. */
  wordAt(tensor: Tensor, flat: string): string {
    const word = scratchWord(tensor, flat, this.#layout);
    if (word !== undefined) return word;
    return `state[from${this.#layout.variables.get(tensor.name ?? '') ?? 0} + ${flat}]`;
  }

  #compute(tensor: Tensor, position: Position, scope: Scope): string {
    const { op, attrs } = tensor;
    if (op === stepKeyOp) return 'bitcast<i32>(stepKey)';
    if (op === drawOp) return `draw${this.#layout.draws.get(tensor) ?? 0}(${position.flat})`;
    if (op === columnOp) return this.#readColumn(tensor, attrs as ColumnAttrs, position, scope);
    const { kernel } = op;
    if (kernel.kind === 'map') {
      this.include(kernel);
      const args = tensor.inputs.map((input) =>
        this.value(input, this.operandPosition(tensor, input, position, scope), scope),
      );
      return kernel.wgsl(
        args,
        attrs,
        tensor.inputs.map((input) => input.dtype),
      );
    }
    if (kernel.kind === 'index') {
      const context = { shape: sizesOf(tensor), inputs: tensor.inputs.map(sizesOf) };
      const term = (fixed: boolean, scope: Scope, t: string): string => {
        const load = (input: number, flat: string): string =>
          this.value(inputOf(tensor.inputs, input), this.index(flat, fixed, scope), scope);
        return kernel.wgsl(context, attrs, position.flat, load, this.#writer(fixed, scope), t);
      };
      const terms = kernel.terms?.(attrs) ?? 1;
      if (terms <= MAX_WRITTEN_TERMS)
        return Array.from({ length: terms }, (_, i) => term(position.fixed, scope, u32(i))).join(' + ');
      return this.#sum(terms, position.fixed ? this.#rowScope : scope, (loop, t) => term(false, loop, t));
    }
    throw fault(`${op.name} cannot be computed in place`);
  }

  /** A loop over the terms of an element's sum, and where that is then. */
  #sum(terms: number, scope: Scope, term: (loop: Scope, t: string) => string): string {
    const loop = new Scope(scope);
    const [t, sum] = [`t${this.#names}`, `s${this.#names++}`];
    const value = term(loop, t);
    const isLong = terms > MAX_SERIAL_ROW;
    const next = isLong ? `plus(${sum}, ${value}, ${this.zero()})` : `${sum} + ${value}`;
    const type = isLong ? 'vec2f' : 'f32';
    scope.lines.push(`var ${sum}: ${type};`, `${sum} = ${type}();`);
    scope.lines.push(`for (var ${t} = 0u; ${t} < ${u32(terms)}; ${t}++) {`, ...loop.lines, `${sum} = ${next};`, '}');
    return isLong ? `${sum}.x` : sum;
  }

  /** Writes indices for the element at a position: what stays the same along a row gets a name before its loop. */
  #writer(fixed: boolean, scope: Scope): IndexWriter {
    const named = (expression: string): string => this.index(expression, fixed, scope).flat;
    return {
      named,
      coordinate: (flat, shape, axis) => {
        const at = coordinate(flat, shape, axis, this.#coordinates.get(flat));
        return this.#stays(at) ? named(at) : at;
      },
      flat: (coordinates, shape) => {
        const strides = stridesOf(shape);
        const terms = coordinates.map((at, axis) => `${at} * ${u32(strides[axis] ?? 1)}`);
        const name = named(terms.join(' + ') || '0u');
        this.place(
          name,
          coordinates.map((at, axis) => ({ name: at, size: shape[axis] ?? 1 })),
        );
        return name;
      },
    };
  }

  /** Where an operand of an elementwise op is read for the result at `position`. */
  operandPosition(node: Tensor, operand: Tensor, position: Position, scope: Scope): Position {
    const group = this.#group;
    // First, for where rows have one element, or there is one row, other shapes look alike.
    if (position.kind !== 'at' && group.members.get(baseOf(operand)) === 'row') return rowPosition;
    if (shapesEqual(node.shape, operand.shape)) return position;
    if (elementsOf(operand) === 1) return { kind: 'at', flat: '0u', fixed: true };
    if (position.kind === 'full' && group.axes !== undefined && isKeptRowShape(sizesOf(operand), group))
      return rowPosition;
    const shape = sizesOf(node);
    const write = this.#writer(position.fixed, scope);
    const expression = gather(position.flat, shape, broadcastStrides(sizesOf(operand), shape), write.coordinate);
    return this.index(expression, position.fixed, scope);
  }

  #readColumn(tensor: Tensor, attrs: ColumnAttrs, position: Position, scope: Scope): string {
    const { rowSize } = attrs;
    const rows = [elementsOf(tensor) / rowSize, rowSize];
    const write = this.#writer(position.fixed, scope);
    const row = this.index(write.coordinate(position.flat, rows, 0), position.fixed, scope);
    const drawn = this.value(inputOf(tensor.inputs, 0), row, scope);
    return columnElement(attrs, `u32(${drawn}) * ${u32(rowSize)} + ${write.coordinate(position.flat, rows, 1)}`);
  }
}

/** Where an element lies in the arena, if it does. What each workgroup has of its own lies there once for each. */
export function scratchWord(tensor: Tensor, flat: string, layout: Layout): string | undefined {
  const { scratch, schedule, carry } = layout;
  if (!scratch.has(tensor)) return undefined;
  const owner = schedule.stored.get(tensor);
  const own = owner !== undefined && schedule.links.get(owner)?.share === 'all';
  return copyWord(tensor, tensor === carry?.found ? 'params.generation' : own ? 'slice' : undefined, flat, layout);
}

/** The word of an element in one of the copies that lie one after the other; without `copy`, in the only one. */
export function copyWord(tensor: Tensor, copy: string | undefined, flat: string, { scratch }: Layout): string {
  const first = copy === undefined ? '' : `${copy} * ${u32(elementsOf(tensor))} + `;
  return `scratch[${u32(scratch.get(tensor) ?? 0)} + ${first}${flat}]`;
}

/** The row of the domain that a kernel's `r` stands for. */
export const rowPosition: Position = { kind: 'row', flat: 'r', fixed: true };

/** An element of a column at an element index of the whole column. */
export function columnElement({ format, wordOffset, binding }: ColumnAttrs, element: string): string {
  const data = `data${binding}`;
  switch (format) {
    case 'uint8':
      return `byteAt${binding}(${u32(wordOffset * 4)} + ${element})`;
    case 'float32':
      return `bitcast<f32>(${data}[${u32(wordOffset)} + ${element}])`;
    case 'labels':
      return `bitcast<i32>(${data}[${u32(wordOffset)} + ${element}])`;
    default:
      return format satisfies never;
  }
}

/** A 32-bit word as a value of `dtype`. */
export function loadWord(word: string, dtype: DType): string {
  return dtype === 'bool' ? `(${word} != 0u)` : `bitcast<${wgslTypes[dtype]}>(${word})`;
}

/** A value of `dtype` as the word that stores it. */
export function storeWord(value: string, dtype: DType): string {
  return dtype === 'bool' ? `select(0u, 1u, ${value})` : `bitcast<u32>(${value})`;
}

/** A constant of one element as a WGSL literal, exact to the bit. */
function literal(tensor: Tensor): string {
  const value = constantValue(tensor)[0] ?? 0;
  if (tensor.dtype === 'bool') return value === 0 ? 'false' : 'true';
  if (tensor.dtype === 'int32') return value === -2147483648 ? 'i32(-2147483647 - 1)' : `${value}i`;
  if (Number.isFinite(value) && !Object.is(value, -0)) {
    const text = String(value);
    return /[.e]/.test(text) ? `f32(${text})` : `f32(${text}.0)`;
  }
  // A constant expression must not be NaN or infinite, so the bits are made one at run time (`unused` is 0).
  return `bitcast<f32>(${u32(new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0)} + params.unused)`;
}
