/**
 * Writes the WGSL of values: the element of a tensor at a position, loaded if the tensor is stored, else computed inline.
 */
import { invariant } from '../../errors.ts';
import type { IndexWriter } from '../../graph/op.ts';
import { broadcastStrides, shapesEqual, stridesOf } from '../../graph/shape.ts';
import { join, name, u32, wgsl, type Snippet } from '../../graph/snippet.ts';
import { isConstant, stepKeyOp } from '../../graph/sources.ts';
import { input as inputOf, type Tensor } from '../../graph/tensor.ts';
import { MAX_SERIAL_ROW } from '../lower/lower.ts';
import { broadcastsRows, type Group } from '../schedule/fuse.ts';
import { batchRowsOp, datasetRowsOp, type DatasetRowsAttrs } from '../lower/internal-ops.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';
import { isBefore } from '../schedule/stages.ts';
import { baseOf } from '../lower/matrix-view.ts';
import { calling } from '../wgsl/elementary.ts';
import { coordinate, gather, type Coordinate } from './indices.ts';
import type { Layout } from './layout.ts';
import { datasetElement, literal, loadWord, wordOf } from './words.ts';

/** The position of an element: that of the domain's element (`full`), of its row, or a flat index in the tensor itself (`at`). */
export interface Position {
  readonly kind: 'full' | 'row' | 'at';
  /** The flat index: a variable's name or a literal. */
  readonly flat: Snippet;
  /** Set where it is the same along a row, so its value is computed before the loop over the row. */
  readonly fixed: boolean;
}

/** The statements of a block, and the values that it names. A scope sees the values of the scopes around it. */
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

/** The most terms of a sum within an element that are unrolled; longer sums are loops. */
const MAX_WRITTEN_TERMS = 25;

/** Writes the values of one group's kernel. Equal values of a scope have one name (value numbering). */
export class Expressions {
  readonly layout: Layout;
  readonly group: Group;
  readonly #rowScope: Scope;
  readonly #keys = new Map<Tensor, number>();
  /** The known coordinates of flat indices, by the indices' names. */
  readonly #coordinates = new Map<string, readonly Coordinate[]>();
  /** Names whose values are the same along a row. */
  readonly #fixed = new Set(['r', 'start']);
  #names = 0;

  constructor(layout: Layout, group: Group, rowScope: Scope) {
    this.layout = layout;
    this.group = group;
    this.#rowScope = rowScope;
  }

  /** Returns the name of the value of `tensor` at `position`, which is computed in `scope`, or before the row's loop if fixed. */
  value(tensor: Tensor, position: Position, scope: Scope): Snippet {
    const target = position.fixed ? this.#rowScope : scope;
    const key = this.keyOf(tensor, position);
    const known = target.find(key);
    if (known !== undefined) return known;
    const { kernel } = tensor.op;
    if (kernel.kind === 'alias') return this.value(inputOf(tensor.inputs, 0), position, scope);
    // A `let` even for a literal: a constant expression that is NaN or infinite is an error in WGSL.
    if (isConstant(tensor) && elementsOf(tensor) === 1) return this.#let(key, literal(tensor), target);
    const expression = this.#isLoaded(tensor)
      ? loadWord(wordOf(tensor, position.flat, this.layout), tensor.dtype)
      : this.#compute(tensor, position, scope);
    return this.#let(key, expression, target);
  }

  /** The key of a value in scopes. */
  keyOf(tensor: Tensor, position: Position): string {
    let id = this.#keys.get(tensor);
    if (id === undefined) this.#keys.set(tensor, (id = this.#keys.size));
    return `${id}@${position.kind === 'at' ? position.flat.key : position.kind}`;
  }

  /** Returns the name of a zero that compilers do not know. */
  zero(): Snippet {
    return this.#rowScope.find('zero') ?? this.#let('zero', wgsl`params.zero`, this.#rowScope);
  }

  /** Returns a name that no other value of the kernel has. */
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

  /** Records the coordinates of the flat index named `flat`. */
  setCoordinates(flat: Snippet, coordinates: readonly Coordinate[]): void {
    this.#coordinates.set(flat.key, coordinates);
  }

  /** Returns the position of an index, which is computed before the row's loop if it is the same along the row. */
  index(expression: Snippet, fixed: boolean, scope: Scope): Position {
    const isFixed = fixed || this.#isFixed(expression);
    if (expression.isAtom) return { kind: 'at', flat: expression, fixed: isFixed };
    const target = isFixed ? this.#rowScope : scope;
    const key = `index ${expression.key}`;
    return { kind: 'at', flat: target.find(key) ?? this.#let(key, expression, target), fixed: isFixed };
  }

  /** Tells whether an index is the same along a row: all names that it reads are. */
  #isFixed({ reads }: Snippet): boolean {
    return [...reads].every((one) => this.#fixed.has(one));
  }

  /** Tells whether the tensor is in memory: another kernel stored it, or it is a source. */
  #isLoaded(tensor: Tensor): boolean {
    const { schedule } = this.layout;
    const { stored, groupOf } = schedule;
    if (tensor.op === batchRowsOp) {
      const writer = stored.get(tensor);
      return writer !== undefined && isBefore(writer, this.group, schedule);
    }
    if (tensor.op === datasetRowsOp || tensor.op === stepKeyOp) return false;
    const owner = groupOf.get(tensor);
    return tensor.op.kernel.kind === 'source' || (owner !== undefined && owner !== this.group);
  }

  #compute(tensor: Tensor, position: Position, scope: Scope): Snippet {
    const { op, attrs } = tensor;
    if (op === stepKeyOp) return wgsl`bitcast<i32>(${name('stepKey')})`;
    if (op === batchRowsOp) {
      const index = this.layout.batchRows.get(tensor) ?? 0;
      return wgsl`${name(`batchRow${index}`)}(${position.flat})`;
    }
    if (op === datasetRowsOp) return this.#readDataset(tensor, attrs as DatasetRowsAttrs, position, scope);
    const { kernel } = op;
    if (kernel.kind === 'map') {
      const args = tensor.inputs.map((input) =>
        this.value(input, this.#operandPosition(tensor, input, position, scope), scope),
      );
      const types = tensor.inputs.map((input) => input.dtype);
      return calling(kernel.wgsl(args, attrs, types), kernel);
    }
    invariant(kernel.kind === 'index', `${op.name} cannot be inlined`);
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

  /** Writes a loop over the terms of an element's sum; returns the sum. */
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

  /** Returns the writer of an index op's indices; indices that are the same along a row are computed before its loop. */
  #writer(fixed: boolean, scope: Scope): IndexWriter {
    const named = (expression: Snippet): Snippet => this.index(expression, fixed, scope).flat;
    return {
      named,
      coordinate: (flat, shape, axis) => {
        const at = coordinate(flat, shape, axis, this.#coordinates.get(flat.key));
        return this.#isFixed(at) ? named(at) : at;
      },
      flat: (coordinates, shape) => {
        const strides = stridesOf(shape);
        const terms = coordinates.map((at, axis) => wgsl`${at} * ${strides[axis] ?? 1}u`);
        const index = named(terms.length === 0 ? u32(0) : join(terms, ' + '));
        this.setCoordinates(
          index,
          coordinates.map((at, axis) => ({ name: at, size: shape[axis] ?? 1 })),
        );
        return index;
      },
    };
  }

  /** Returns the position at which an elementwise op reads an operand for its result at `position`. */
  #operandPosition(node: Tensor, operand: Tensor, position: Position, scope: Scope): Position {
    const group = this.group;
    // This comes first: if a row has one element, or there is one row, other shapes look the same.
    if (position.kind !== 'at' && group.members.get(baseOf(operand)) === 'row') return rowPosition;
    if (shapesEqual(node.shape, operand.shape)) return position;
    if (elementsOf(operand) === 1) return { kind: 'at', flat: u32(0), fixed: true };
    if (position.kind === 'full' && group.axes !== undefined && broadcastsRows(sizesOf(operand), group))
      return rowPosition;
    const shape = sizesOf(node);
    const write = this.#writer(position.fixed, scope);
    const expression = gather(position.flat, shape, broadcastStrides(sizesOf(operand), shape), write.coordinate);
    return this.index(expression, position.fixed, scope);
  }

  /** An element of the batch's rows of a column. */
  #readDataset(tensor: Tensor, attrs: DatasetRowsAttrs, position: Position, scope: Scope): Snippet {
    const { rowSize } = attrs;
    const rows = [elementsOf(tensor) / rowSize, rowSize];
    const write = this.#writer(position.fixed, scope);
    const row = this.index(write.coordinate(position.flat, rows, 0), position.fixed, scope);
    const number = this.value(inputOf(tensor.inputs, 0), row, scope);
    return datasetElement(attrs, wgsl`u32(${number}) * ${rowSize}u + ${write.coordinate(position.flat, rows, 1)}`);
  }
}

/** The position of the kernel's row, `r`. */
export const rowPosition: Position = { kind: 'row', flat: name('r'), fixed: true };

/** The position of the kernel's element, `i`. */
export const elementPosition: Position = { kind: 'full', flat: name('i'), fixed: false };
