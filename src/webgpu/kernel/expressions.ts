/**
 * Writes the WGSL of values: what a kernel needs of a tensor at a position, loaded where it is stored, else computed in place.
 */
import { invariant } from '../../errors.ts';
import type { IndexWriter } from '../../graph/op.ts';
import { broadcastStrides, shapesEqual, stridesOf } from '../../graph/shape.ts';
import { join, name, u32, wgsl, type Snippet } from '../../graph/snippet.ts';
import { isConstant, stepKeyOp } from '../../graph/sources.ts';
import { input as inputOf, type Tensor } from '../../graph/tensor.ts';
import { MAX_SERIAL_ROW } from '../lower/lower.ts';
import { isKeptRowShape, type Group } from '../schedule/fuse.ts';
import { columnOp, drawOp, type ColumnAttrs } from '../lower/internal-ops.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';
import { isBefore } from '../schedule/stages.ts';
import { baseOf } from '../lower/matrix-view.ts';
import { calling } from '../wgsl/elementary.ts';
import { coordinate, gather, type Coordinate } from './indices.ts';
import type { Layout } from './layout.ts';
import { columnElement, literal, loadWord, wordOf } from './words.ts';

/** Which element: the domain's own, its row's, or the one at a flat index of the tensor itself. */
export interface Position {
  readonly kind: 'full' | 'row' | 'at';
  /** The flat index: a variable's name or a literal. */
  readonly flat: Snippet;
  /** Whether it stays the same along a row, so that what it needs is computed before the loop. */
  readonly fixed: boolean;
}

/** Statements of one block; inner scopes see the values of outer ones. */
export class Scope {
  readonly #lines: Snippet[] = [];
  readonly #known = new Map<string, Snippet>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  /** The statements so far, as one snippet. */
  get body(): Snippet {
    return join(this.#lines);
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  write(...statements: readonly Snippet[]): void {
    this.#lines.push(...statements);
  }

  find(key: string): Snippet | undefined {
    return this.#known.get(key) ?? this.#outer?.find(key);
  }

  define(key: string, name: Snippet): void {
    this.#known.set(key, name);
  }
}

/** Sums within an element are written out up to this many terms, and else made in a loop. */
const MAX_WRITTEN_TERMS = 25;

/** Emits the values of one group's kernel. */
export class Expressions {
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
  value(tensor: Tensor, position: Position, scope: Scope): Snippet {
    const target = position.fixed ? this.#rowScope : scope;
    const key = this.keyOf(tensor, position);
    const known = target.find(key);
    if (known !== undefined) return known;
    const { kernel } = tensor.op;
    if (kernel.kind === 'alias') return this.value(inputOf(tensor.inputs, 0), position, scope);
    // A `let` even for a literal: an expression of literals alone would be a fault where it is NaN or infinite.
    if (isConstant(tensor) && elementsOf(tensor) === 1) return this.#let(key, literal(tensor), target);
    const expression = this.#isLoaded(tensor)
      ? loadWord(wordOf(tensor, position.flat, this.#layout), tensor.dtype)
      : this.#compute(tensor, position, scope);
    return this.#let(key, expression, target);
  }

  keyOf(tensor: Tensor, position: Position): string {
    let id = this.#keys.get(tensor);
    if (id === undefined) this.#keys.set(tensor, (id = this.#keys.size));
    return `${id}@${position.kind === 'at' ? position.flat.key : position.kind}`;
  }

  /** A variable's name for a zero that compilers do not know. */
  zero(): Snippet {
    return this.#rowScope.find('zero') ?? this.#let('zero', wgsl`params.unused`, this.#rowScope);
  }

  /** A name that no other value of the kernel has. */
  newName(prefix: string): Snippet {
    return name(`${prefix}${this.#names++}`);
  }

  #let(key: string, expression: Snippet, scope: Scope): Snippet {
    const value = this.newName('v');
    scope.write(wgsl`let ${value} = ${expression};`);
    scope.define(key, value);
    if (scope === this.#rowScope) this.#fixed.add(value.key);
    return value;
  }

  /** Says what the coordinates of the flat index named `flat` are. */
  place(flat: Snippet, coordinates: readonly Coordinate[]): void {
    this.#coordinates.set(flat.key, coordinates);
  }

  /** A variable's name for an index, written before the row's loop where nothing in it changes along the row. */
  index(expression: Snippet, fixed: boolean, scope: Scope): Position {
    const stays = fixed || this.#stays(expression);
    if (expression.isAtom) return { kind: 'at', flat: expression, fixed: stays };
    const target = stays ? this.#rowScope : scope;
    const key = `index ${expression.key}`;
    return { kind: 'at', flat: target.find(key) ?? this.#let(key, expression, target), fixed: stays };
  }

  /** Whether all the names in an index stay the same along a row. */
  #stays({ reads }: Snippet): boolean {
    return [...reads].every((one) => this.#fixed.has(one));
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

  #compute(tensor: Tensor, position: Position, scope: Scope): Snippet {
    const { op, attrs } = tensor;
    if (op === stepKeyOp) return wgsl`bitcast<i32>(${name('stepKey')})`;
    if (op === drawOp) return wgsl`${name(`draw${this.#layout.draws.get(tensor) ?? 0}`)}(${position.flat})`;
    if (op === columnOp) return this.#readColumn(tensor, attrs as ColumnAttrs, position, scope);
    const { kernel } = op;
    if (kernel.kind === 'map') {
      const args = tensor.inputs.map((input) =>
        this.value(input, this.operandPosition(tensor, input, position, scope), scope),
      );
      const types = tensor.inputs.map((input) => input.dtype);
      return calling(kernel.wgsl(args, attrs, types), kernel);
    }
    invariant(kernel.kind === 'index', `${op.name} cannot be computed in place`);
    const context = { shape: sizesOf(tensor), inputs: tensor.inputs.map(sizesOf) };
    const term = (fixed: boolean, scope: Scope, t: Snippet): Snippet => {
      const load = (input: number, flat: Snippet): Snippet =>
        this.value(inputOf(tensor.inputs, input), this.index(flat, fixed, scope), scope);
      return kernel.wgsl(context, attrs, position.flat, load, this.#writer(fixed, scope), t);
    };
    const terms = kernel.terms?.(attrs) ?? 1;
    if (terms <= MAX_WRITTEN_TERMS)
      return join(
        Array.from({ length: terms }, (_, i) => term(position.fixed, scope, u32(i))),
        ' + ',
      );
    return this.#sum(terms, position.fixed ? this.#rowScope : scope, (loop, t) => term(false, loop, t));
  }

  /** A loop over the terms of an element's sum, and where that is then. */
  #sum(terms: number, scope: Scope, term: (loop: Scope, t: Snippet) => Snippet): Snippet {
    const loop = new Scope(scope);
    const [t, sum] = [this.newName('t'), this.newName('s')];
    const value = term(loop, t);
    const isLong = terms > MAX_SERIAL_ROW;
    const next = isLong ? wgsl`plus(${sum}, ${value}, ${this.zero()})` : wgsl`${sum} + ${value}`;
    const type = isLong ? 'vec2f' : 'f32';
    loop.write(wgsl`${sum} = ${next};`);
    scope.write(wgsl`var ${sum}: ${type};`, wgsl`${sum} = ${type}();`);
    scope.write(wgsl`for (var ${t} = 0u; ${t} < ${terms}u; ${t}++) {\n${loop.body}\n}`);
    return isLong ? wgsl`${sum}.x` : sum;
  }

  /** Writes indices for the element at a position: what stays the same along a row gets a name before its loop. */
  #writer(fixed: boolean, scope: Scope): IndexWriter {
    const named = (expression: Snippet): Snippet => this.index(expression, fixed, scope).flat;
    return {
      named,
      coordinate: (flat, shape, axis) => {
        const at = coordinate(flat, shape, axis, this.#coordinates.get(flat.key));
        return this.#stays(at) ? named(at) : at;
      },
      flat: (coordinates, shape) => {
        const strides = stridesOf(shape);
        const terms = coordinates.map((at, axis) => wgsl`${at} * ${strides[axis] ?? 1}u`);
        const index = named(terms.length === 0 ? u32(0) : join(terms, ' + '));
        this.place(
          index,
          coordinates.map((at, axis) => ({ name: at, size: shape[axis] ?? 1 })),
        );
        return index;
      },
    };
  }

  /** Where an operand of an elementwise op is read for the result at `position`. */
  operandPosition(node: Tensor, operand: Tensor, position: Position, scope: Scope): Position {
    const group = this.#group;
    // First, for where rows have one element, or there is one row, other shapes look alike.
    if (position.kind !== 'at' && group.members.get(baseOf(operand)) === 'row') return rowPosition;
    if (shapesEqual(node.shape, operand.shape)) return position;
    if (elementsOf(operand) === 1) return { kind: 'at', flat: u32(0), fixed: true };
    if (position.kind === 'full' && group.axes !== undefined && isKeptRowShape(sizesOf(operand), group))
      return rowPosition;
    const shape = sizesOf(node);
    const write = this.#writer(position.fixed, scope);
    const expression = gather(position.flat, shape, broadcastStrides(sizesOf(operand), shape), write.coordinate);
    return this.index(expression, position.fixed, scope);
  }

  #readColumn(tensor: Tensor, attrs: ColumnAttrs, position: Position, scope: Scope): Snippet {
    const { rowSize } = attrs;
    const rows = [elementsOf(tensor) / rowSize, rowSize];
    const write = this.#writer(position.fixed, scope);
    const row = this.index(write.coordinate(position.flat, rows, 0), position.fixed, scope);
    const drawn = this.value(inputOf(tensor.inputs, 0), row, scope);
    return columnElement(attrs, wgsl`u32(${drawn}) * ${rowSize}u + ${write.coordinate(position.flat, rows, 1)}`);
  }
}

/** The row of the domain that a kernel's `r` stands for. */
export const rowPosition: Position = { kind: 'row', flat: name('r'), fixed: true };

/** The element of the domain that a kernel's `i` stands for. */
export const elementPosition: Position = { kind: 'full', flat: name('i'), fixed: false };
