/**
 * Fuses a lowered graph into groups, each computed by one kernel. A group grows around a matmul or a reduction; a map joins the
 * group of its producer. Maps and index ops of stored values are inlined: computed in each kernel that reads them.
 */
import { shapesEqual, sizeOfShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { topologicalOrder } from '../../graph/walk.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';
import { MAX_SERIAL_ROW, MIN_PARALLEL_ROWS } from '../lower/lower.ts';
import { baseOf, viewOf } from '../lower/matrix-view.ts';

/** Rows of a matmul up to this width stay in one invocation's registers, so that row reductions (softmax) join its group. */
const MAX_ROW_WIDTH = 32;

/** A tensor that takes more expressions than this is computed once and stored, since each kernel that reads it would repeat them. */
const MAX_INLINE_COST = 64;

/** So is a sum of more terms than this. */
const MAX_INLINE_TERMS = 4;

/** Bounds of a kernel's text, which grows with the group, the ops inlined in its members, and the passes over rows. */
const MAX_MEMBERS = 64;
const MAX_COST = 512;

/** The cost of an op that calls functions, in expressions. */
const COST_OF_FUNCTIONS = 8;

/** A member's values: one for each element of its group's domain, or one for each row (the domain with `axes` reduced). */
export type Granularity = 'full' | 'row';

/** Tensors computed by one kernel. */
export interface Group {
  readonly id: number;
  /** The group's matmul, if it has one. */
  readonly matmul: Tensor | undefined;
  /** The shape of `full` members. */
  readonly domain: readonly number[];
  /** The axes of all its reductions; `undefined` if it has no `row` members. */
  axes: readonly number[] | undefined;
  /** The tensors that it computes, inputs first, with their granularity. */
  readonly members: Map<Tensor, Granularity>;
}

/** A partition of the computation. A tensor in no group is a source, or is inlined. */
export interface Fusion {
  readonly groups: readonly Group[];
  /** The group that computes a tensor. */
  readonly groupOf: ReadonlyMap<Tensor, Group>;
}

/** Fuses the graph of `outputs`: fetches, updates, checks. */
export function fuse(outputs: readonly Tensor[]): Fusion {
  return new Fuser(outputs);
}

class Fuser implements Fusion {
  readonly groups: Group[] = [];
  readonly groupOf = new Map<Tensor, Group>();
  /** Reductions of inlined tensors. Each joins the group that first reads it, if it can. */
  readonly #pendingReductions = new Set<Tensor>();
  /** The number of expressions of an inlined tensor. */
  readonly #costs = new Map<Tensor, number>();

  constructor(outputs: readonly Tensor[]) {
    for (const node of topologicalOrder(outputs)) this.#assignGroup(node);
    for (const output of outputs) this.#materialize(output);
  }

  /** Assigns a tensor to a group, or inlines it; its inputs were assigned before. */
  #assignGroup(node: Tensor): void {
    const { kernel } = node.op;
    switch (kernel.kind) {
      case 'map':
        this.#assignMap(node);
        return;
      case 'reduce':
        this.#assignReduction(node);
        return;
      case 'matmul':
        for (const operand of node.inputs) this.#materialize(viewOf(operand).base);
        this.#openGroup(node, sizesOf(node), undefined, 'full', node);
        return;
      case 'index':
        for (const input of node.inputs) if (this.#pendingReductions.has(baseOf(input))) this.#materialize(input);
        if ((kernel.terms?.(node.attrs) ?? 1) > MAX_INLINE_TERMS) this.#materialize(node);
        else this.#inline(node);
        return;
      case 'source':
      case 'alias':
      case 'expand':
        return;
      default:
        kernel satisfies never;
    }
  }

  /** Ensures that a group computes a tensor, unless it is a source. */
  #materialize(tensor: Tensor): void {
    const base = baseOf(tensor);
    if (this.groupOf.has(base) || base.op.kernel.kind === 'source') return;
    const [input] = base.inputs;
    this.#pendingReductions.delete(base);
    if (base.op.kernel.kind === 'reduce' && input !== undefined)
      this.#openGroup(base, sizesOf(input), axesOf(base), 'row', undefined);
    else this.#openGroup(base, sizesOf(base), undefined, 'full', undefined);
  }

  #openGroup(
    node: Tensor,
    domain: readonly number[],
    axes: readonly number[] | undefined,
    granularity: Granularity,
    matmul: Tensor | undefined,
  ): void {
    const group: Group = { id: this.groups.length, matmul, domain, axes, members: new Map([[node, granularity]]) };
    this.groups.push(group);
    this.groupOf.set(node, group);
  }

  #add(node: Tensor, group: Group, granularity: Granularity): void {
    group.members.set(node, granularity);
    this.groupOf.set(node, group);
  }

  /** Adds a map to the latest possible group that computes one of its inputs; inlines it if there is none. */
  #assignMap(node: Tensor): void {
    const producers = new Set(node.inputs.flatMap((input) => this.groupOf.get(baseOf(input)) ?? []));
    for (const group of [...producers].sort((a, b) => b.id - a.id)) if (this.#append(node, group)) return;
    const pending = node.inputs.find((input) => this.#pendingReductions.has(baseOf(input)));
    if (pending === undefined) {
      this.#inline(node);
      return;
    }
    // No group accepts the pending reduction, so it opens one, which the map may join.
    this.#materialize(pending);
    this.#assignMap(node);
  }

  /** Inlines a node; materializes it if that takes too many expressions. */
  #inline(node: Tensor): void {
    const cost = this.#costOf(node);
    if (cost > MAX_INLINE_COST) this.#materialize(node);
    else this.#costs.set(node, cost);
  }

  /** The number of expressions of a node and of the tensors that are inlined in it. */
  #costOf({ op: { kernel }, inputs, attrs }: Tensor): number {
    const terms = kernel.kind === 'index' ? (kernel.terms?.(attrs) ?? 1) : 1;
    const own = kernel.kind === 'map' && (kernel.functions ?? kernel.library) !== undefined ? COST_OF_FUNCTIONS : 1;
    const bases = inputs.map(baseOf).filter((base) => !this.groupOf.has(base));
    return terms * bases.reduce((sum, base) => sum + (this.#costs.get(base) ?? 0), own);
  }

  /** Adds a map to a group, with the pending reductions that it reads. Returns false, and changes nothing, if it does not fit. */
  #append(node: Tensor, group: Group): boolean {
    const members = [node, ...group.members.keys()];
    const cost = members.reduce((sum, member) => sum + this.#costOf(member), 0);
    const passes = 1 + members.filter(({ op }) => op.kernel.kind === 'reduce').length;
    if (members.length > MAX_MEMBERS || cost * passes > MAX_COST) return false;
    const pending = [...new Set(node.inputs.map(baseOf))].filter((base) => this.#pendingReductions.has(base));
    const { axes } = group;
    for (const reduction of pending) {
      const [input] = reduction.inputs;
      const joins =
        input !== undefined &&
        shapesEqual(input.shape, group.domain) &&
        group.members.get(baseOf(input)) !== 'row' &&
        this.#takesAxes(group, axesOf(reduction)) &&
        !this.#waitsFor(reduction, group);
      if (!joins) return this.#undo(pending, group, axes);
      group.axes = axesOf(reduction);
      this.#add(reduction, group, 'row');
    }
    const granularity = this.#granularityIn(node, group);
    if (granularity === undefined || this.#waitsFor(node, group)) return this.#undo(pending, group, axes);
    for (const reduction of pending) this.#pendingReductions.delete(reduction);
    this.#add(node, group, granularity);
    return true;
  }

  /** Removes pending reductions from a group again. */
  #undo(pending: readonly Tensor[], group: Group, axes: readonly number[] | undefined): false {
    for (const reduction of pending) {
      if (group.members.delete(reduction)) this.groupOf.delete(reduction);
    }
    group.axes = axes;
    return false;
  }

  /** Adds a reduction to the group of its input, or to one with the same reductions; else leaves it pending. */
  #assignReduction(node: Tensor): void {
    const [input] = node.inputs;
    if (input === undefined) return;
    if (this.#pendingReductions.has(baseOf(input))) this.#materialize(input);
    const group = this.groupOf.get(baseOf(input));
    const full = group?.members.get(baseOf(input)) === 'full' && shapesEqual(input.shape, group.domain);
    const sibling = this.#siblingOf(input, axesOf(node));
    if (group !== undefined && full && this.#takesAxes(group, axesOf(node))) {
      group.axes = axesOf(node);
      this.#add(node, group, 'row');
    } else if (sibling !== undefined) {
      this.#add(node, sibling, 'row');
    } else {
      this.#pendingReductions.add(node);
    }
  }

  /** The group that already reduces the same tensor, or another of its group, over the same axes. */
  #siblingOf(input: Tensor, axes: readonly number[]): Group | undefined {
    const producer = this.groupOf.get(baseOf(input));
    const together = (other: Tensor | undefined): boolean =>
      other === input ||
      (other !== undefined &&
        producer !== undefined &&
        this.groupOf.get(baseOf(other)) === producer &&
        shapesEqual(other.shape, input.shape));
    return this.groups.find(
      (group) =>
        group !== producer &&
        group.axes !== undefined &&
        shapesEqual(group.axes, axes) &&
        [...group.members.keys()].some(({ op, inputs }) => op.kernel.kind === 'reduce' && together(inputs[0])),
    );
  }

  /** Tells whether a group can reduce its domain over `axes`. */
  #takesAxes(group: Group, axes: readonly number[]): boolean {
    if (group.axes !== undefined) return shapesEqual(group.axes, axes);
    const rowLength = axes.reduce((length, axis) => length * (group.domain[axis] ?? 1), 1);
    if (group.matmul !== undefined) return shapesEqual(axes, [1]) && rowLength <= MAX_ROW_WIDTH;
    return rowLength <= MAX_SERIAL_ROW || sizeOfShape(group.domain) >= rowLength * MIN_PARALLEL_ROWS;
  }

  /** The granularity of a map in a group; `undefined` if its inputs from the group are not known element by element. */
  #granularityIn(node: Tensor, group: Group): Granularity | undefined {
    const ownInputs = node.inputs.filter((input) => this.groupOf.get(baseOf(input)) === group);
    const granularityOf = (input: Tensor): Granularity | undefined => group.members.get(baseOf(input));
    const rows = rowsOf(group);
    if (rows !== undefined && elementsOf(node) === rows && isRowShape(sizesOf(node), group)) {
      if (ownInputs.every((input) => granularityOf(input) === 'row' && elementsOf(input) === rows)) return 'row';
    }
    if (!shapesEqual(node.shape, group.domain)) return undefined;
    const isFull = (input: Tensor): boolean => granularityOf(input) === 'full';
    const fits = ownInputs.every((input) =>
      isFull(input) ? shapesEqual(input.shape, group.domain) : broadcastsRows(sizesOf(input), group),
    );
    // A map that only repeats a row's value is inlined.
    const varies = (input: Tensor): boolean => !ownInputs.includes(input) && shapesEqual(input.shape, group.domain);
    return fits && node.inputs.some((input) => isFull(input) || varies(input)) ? 'full' : undefined;
  }

  /** Tells whether an input of `node` from outside of `group` depends on `group`. */
  #waitsFor(node: Tensor, group: Group): boolean {
    const seen = new Set<Tensor>();
    const stack = node.inputs.filter((input) => this.groupOf.get(baseOf(input)) !== group);
    for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
      if (seen.has(tensor)) continue;
      seen.add(tensor);
      const other = this.groupOf.get(tensor);
      if (other === group) return true;
      if (other === undefined) stack.push(...tensor.inputs);
      else
        for (const member of other.members.keys())
          stack.push(...member.inputs.filter((input) => this.groupOf.get(input) !== other));
    }
    return false;
  }
}

/** The axes of a lowered reduction. */
function axesOf(reduction: Tensor): readonly number[] {
  const { kernel } = reduction.op;
  return kernel.kind === 'reduce' ? kernel.axes([], reduction.attrs) : [];
}

/** The number of rows of a group; `undefined` if it has no reductions. */
export function rowsOf(group: Group): number | undefined {
  const { axes, domain } = group;
  return axes === undefined
    ? undefined
    : domain.reduce((rows, dim, axis) => (axes.includes(axis) ? rows : rows * dim), 1);
}

/** The domain with its reduced axes of size 1. */
function keepDimsShape(group: Group): number[] {
  return group.domain.map((dim, axis) => (group.axes?.includes(axis) ? 1 : dim));
}

/** Tells whether `shape` is the domain with its reduced axes dropped, or of size 1. */
function isRowShape(shape: readonly number[], group: Group): boolean {
  const dropped = group.domain.filter((_, axis) => !group.axes?.includes(axis));
  return shapesEqual(shape, dropped) || shapesEqual(shape, keepDimsShape(group));
}

/** Tells whether `shape`, broadcast to the domain, gives each element its row's value. */
export function broadcastsRows(shape: readonly number[], group: Group): boolean {
  const rowShape = keepDimsShape(group);
  const padded = [...new Array<number>(Math.max(0, rowShape.length - shape.length)).fill(1), ...shape];
  return shapesEqual(padded, rowShape);
}
