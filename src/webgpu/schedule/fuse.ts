/**
 * Fuses a lowered graph into groups, each computed by one kernel. A group grows around what must be computed at once (a matmul,
 * a reduction); elementwise work rides on its producer, and what only looks at stored values is computed where it is used.
 */
import { shapesEqual, sizeOfShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { topologicalOrder } from '../../graph/walk.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';
import { MAX_SERIAL_ROW, MIN_PARALLEL_ROWS } from '../lower/lower.ts';
import { baseOf, viewOf } from '../lower/matrix-view.ts';

/** A matmul's rows up to this width stay in one invocation's registers, so that softmax and the like ride on it. */
const MAX_ROW_WIDTH = 32;

/** What takes more expressions than this is computed once and stored: used in many places, it would be written in each. */
const MAX_IN_PLACE = 64;

/** So is what is a sum of more terms than this. */
const MAX_TERMS_IN_PLACE = 4;

/** A kernel's text grows with its group, with what is computed in place for its members, and with its passes over rows. */
const MAX_MEMBERS = 64;
const MAX_COST = 512;

/** What an op costs that calls functions. */
const COST_OF_FUNCTIONS = 8;

/** How a member relates to its group's domain: one value an element, or one a row (what is left when `axes` are reduced). */
export type Extent = 'full' | 'row';

/** Tensors computed by one kernel. */
export interface Group {
  readonly id: number;
  /** The matmul it is built around. */
  readonly matmul: Tensor | undefined;
  /** The shape of `full` members. */
  readonly domain: readonly number[];
  /** The axes its reductions reduce, the same for all; none: there are no `row` members. */
  axes: readonly number[] | undefined;
  /** What it computes, inputs first, with each member's extent. */
  readonly members: Map<Tensor, Extent>;
}

/** A partition of the computation. What is in no group is a source, or is computed wherever it is used. */
export interface Fusion {
  readonly groups: readonly Group[];
  /** The group that computes a tensor for all others. */
  readonly groupOf: ReadonlyMap<Tensor, Group>;
}

/** `sinks`: what must be computed: fetches, updates, checks. */
export function fuse(sinks: readonly Tensor[]): Fusion {
  const fusion = new Fuser();
  for (const node of topologicalOrder(sinks)) fusion.place(node);
  for (const sink of sinks) fusion.settle(sink);
  return fusion;
}

class Fuser implements Fusion {
  readonly groups: Group[] = [];
  readonly groupOf = new Map<Tensor, Group>();
  /** Reductions of what is computed in place: they join the group that first uses them, if they can. */
  readonly #floating = new Set<Tensor>();
  /** How many expressions it takes to compute a tensor in place. */
  readonly #costs = new Map<Tensor, number>();

  place(node: Tensor): void {
    const { kernel } = node.op;
    switch (kernel.kind) {
      case 'map':
        this.#placeMap(node);
        return;
      case 'reduce':
        this.#placeReduce(node);
        return;
      case 'matmul':
        for (const operand of node.inputs) this.settle(viewOf(operand).base);
        this.#open(node, sizesOf(node), undefined, 'full', node);
        return;
      case 'index':
        for (const input of node.inputs) if (this.#floating.has(baseOf(input))) this.settle(input);
        if ((kernel.terms?.(node.attrs) ?? 1) > MAX_TERMS_IN_PLACE) this.settle(node);
        else this.#leaveInPlace(node);
        return;
      case 'source':
      case 'alias':
      case 'expand':
        return;
      default:
        kernel satisfies never;
    }
  }

  /** Makes sure that a tensor is computed by some group (sources are not: they are stored already). */
  settle(tensor: Tensor): void {
    const base = baseOf(tensor);
    if (this.groupOf.has(base) || base.op.kernel.kind === 'source') return;
    const [input] = base.inputs;
    this.#floating.delete(base);
    if (base.op.kernel.kind === 'reduce' && input !== undefined)
      this.#open(base, sizesOf(input), axesOf(base), 'row', undefined);
    else this.#open(base, sizesOf(base), undefined, 'full', undefined);
  }

  #open(
    node: Tensor,
    domain: readonly number[],
    axes: readonly number[] | undefined,
    extent: Extent,
    matmul: Tensor | undefined,
  ): void {
    const group: Group = { id: this.groups.length, matmul, domain, axes, members: new Map([[node, extent]]) };
    this.groups.push(group);
    this.groupOf.set(node, group);
  }

  #add(node: Tensor, group: Group, extent: Extent): void {
    group.members.set(node, extent);
    this.groupOf.set(node, group);
  }

  /** Appends a map to the latest group that makes one of its inputs; left alone, it is computed where it is used. */
  #placeMap(node: Tensor): void {
    const producers = new Set(node.inputs.flatMap((input) => this.groupOf.get(baseOf(input)) ?? []));
    for (const group of [...producers].sort((a, b) => b.id - a.id)) if (this.#append(node, group)) return;
    const floating = node.inputs.find((input) => this.#floating.has(baseOf(input)));
    if (floating === undefined) {
      this.#leaveInPlace(node);
      return;
    }
    // No group takes it in: it opens one, and the map may ride on that.
    this.settle(floating);
    this.#placeMap(node);
  }

  /** Leaves a node to be computed wherever it is used, unless that is too much. */
  #leaveInPlace(node: Tensor): void {
    const cost = this.#costOf(node);
    if (cost > MAX_IN_PLACE) this.settle(node);
    else this.#costs.set(node, cost);
  }

  /** How many expressions it takes to compute a node, with what is computed in place for it. */
  #costOf({ op: { kernel }, inputs, attrs }: Tensor): number {
    const terms = kernel.kind === 'index' ? (kernel.terms?.(attrs) ?? 1) : 1;
    const own = kernel.kind === 'map' && (kernel.functions ?? kernel.library) !== undefined ? COST_OF_FUNCTIONS : 1;
    const bases = inputs.map(baseOf).filter((base) => !this.groupOf.has(base));
    return terms * bases.reduce((sum, base) => sum + (this.#costs.get(base) ?? 0), own);
  }

  /** Adds a map to a group, with the floating reductions it uses; tells whether it fits. */
  #append(node: Tensor, group: Group): boolean {
    const members = [node, ...group.members.keys()];
    const cost = members.reduce((sum, member) => sum + this.#costOf(member), 0);
    const passes = 1 + members.filter(({ op }) => op.kernel.kind === 'reduce').length;
    if (members.length > MAX_MEMBERS || cost * passes > MAX_COST) return false;
    const floating = [...new Set(node.inputs.map(baseOf))].filter((base) => this.#floating.has(base));
    const { axes } = group;
    for (const reduction of floating) {
      const [input] = reduction.inputs;
      const joins =
        input !== undefined &&
        shapesEqual(input.shape, group.domain) &&
        group.members.get(baseOf(input)) !== 'row' &&
        this.#takesAxes(group, axesOf(reduction)) &&
        !this.#waitsFor(reduction, group);
      if (!joins) return this.#undo(floating, group, axes);
      group.axes = axesOf(reduction);
      this.#add(reduction, group, 'row');
    }
    const extent = this.#extentIn(node, group);
    if (extent === undefined || this.#waitsFor(node, group)) return this.#undo(floating, group, axes);
    for (const reduction of floating) this.#floating.delete(reduction);
    this.#add(node, group, extent);
    return true;
  }

  /** Takes floating reductions out of a group again. */
  #undo(floating: readonly Tensor[], group: Group, axes: readonly number[] | undefined): false {
    for (const reduction of floating) {
      if (group.members.delete(reduction)) this.groupOf.delete(reduction);
    }
    group.axes = axes;
    return false;
  }

  #placeReduce(node: Tensor): void {
    const [input] = node.inputs;
    if (input === undefined) return;
    if (this.#floating.has(baseOf(input))) this.settle(input);
    const group = this.groupOf.get(baseOf(input));
    const full = group?.members.get(baseOf(input)) === 'full' && shapesEqual(input.shape, group.domain);
    const beside = this.#reducing(input, axesOf(node));
    if (group !== undefined && full && this.#takesAxes(group, axesOf(node))) {
      group.axes = axesOf(node);
      this.#add(node, group, 'row');
    } else if (beside !== undefined) {
      this.#add(node, beside, 'row');
    } else {
      this.#floating.add(node);
    }
  }

  /** The group that reduces the same tensor, or one made together with it, over the same axes already. */
  #reducing(input: Tensor, axes: readonly number[]): Group | undefined {
    const maker = this.groupOf.get(baseOf(input));
    const together = (other: Tensor | undefined): boolean =>
      other === input ||
      (other !== undefined &&
        maker !== undefined &&
        this.groupOf.get(baseOf(other)) === maker &&
        shapesEqual(other.shape, input.shape));
    return this.groups.find(
      (group) =>
        group !== maker &&
        group.axes !== undefined &&
        shapesEqual(group.axes, axes) &&
        [...group.members.keys()].some(({ op, inputs }) => op.kernel.kind === 'reduce' && together(inputs[0])),
    );
  }

  /** Whether a group can reduce its domain over `axes`. */
  #takesAxes(group: Group, axes: readonly number[]): boolean {
    if (group.axes !== undefined) return shapesEqual(group.axes, axes);
    const rowLength = axes.reduce((length, axis) => length * (group.domain[axis] ?? 1), 1);
    if (group.matmul !== undefined) return shapesEqual(axes, [1]) && rowLength <= MAX_ROW_WIDTH;
    return rowLength <= MAX_SERIAL_ROW || sizeOfShape(group.domain) >= rowLength * MIN_PARALLEL_ROWS;
  }

  /** What a map would be in a group, or `undefined` where its inputs from there are not at hand element by element. */
  #extentIn(node: Tensor, group: Group): Extent | undefined {
    const mine = node.inputs.filter((input) => this.groupOf.get(baseOf(input)) === group);
    const extentOf = (input: Tensor): Extent | undefined => group.members.get(baseOf(input));
    const rows = rowsOf(group);
    if (rows !== undefined && elementsOf(node) === rows && isRowShape(sizesOf(node), group)) {
      if (mine.every((input) => extentOf(input) === 'row' && elementsOf(input) === rows)) return 'row';
    }
    if (!shapesEqual(node.shape, group.domain)) return undefined;
    const isFull = (input: Tensor): boolean => extentOf(input) === 'full';
    const fits = mine.every((input) =>
      isFull(input) ? shapesEqual(input.shape, group.domain) : isKeptRowShape(sizesOf(input), group),
    );
    // What only repeats a row's value is computed where it is used.
    const varies = (input: Tensor): boolean => !mine.includes(input) && shapesEqual(input.shape, group.domain);
    return fits && node.inputs.some((input) => isFull(input) || varies(input)) ? 'full' : undefined;
  }

  /** Whether an input of `node` from elsewhere is only known after `group` has run. */
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

/** The axes a lowered reduction reduces. */
function axesOf(reduction: Tensor): readonly number[] {
  const { kernel } = reduction.op;
  return kernel.kind === 'reduce' ? kernel.axes([], reduction.attrs) : [];
}

/** How many `row` values a group has. */
export function rowsOf(group: Group): number | undefined {
  const { axes, domain } = group;
  return axes === undefined
    ? undefined
    : domain.reduce((rows, dim, axis) => (axes.includes(axis) ? rows : rows * dim), 1);
}

/** The domain with the reduced axes of size 1. */
function keptShape(group: Group): number[] {
  return group.domain.map((dim, axis) => (group.axes?.includes(axis) ? 1 : dim));
}

/** Whether `shape` is the domain with its reduced axes dropped, or of size 1. */
function isRowShape(shape: readonly number[], group: Group): boolean {
  const dropped = group.domain.filter((_, axis) => !group.axes?.includes(axis));
  return shapesEqual(shape, dropped) || shapesEqual(shape, keptShape(group));
}

/** Whether `shape`, broadcast to the domain, gives each element its row's value. */
export function isKeptRowShape(shape: readonly number[], group: Group): boolean {
  const kept = keptShape(group);
  const padded = [...new Array<number>(Math.max(0, kept.length - shape.length)).fill(1), ...shape];
  return shapesEqual(padded, kept);
}
