/**
 * Prints the module of one dispatch: its declarations, its kernels, and `main`, which gives each workgroup its kernel.
 */
import drawShader from '../../../shaders/draw.wgsl';
import step from '../../../shaders/step.wgsl';
import { feistelBits } from '../../graph/permutation.ts';
import { join, name, print, u32, wgsl, type Snippet } from '../../graph/snippet.ts';
import type { DrawAttrs } from '../lower/internal-ops.ts';
import type { Dispatch } from '../plan.ts';

/** The end of a step: how far the counters move. */
export interface Commit {
  readonly steps: number;
  readonly samples: number;
  readonly rows: number;
}

/** A range of a dispatch's workgroups: of a kernel, each of whose invocations takes `turns` ids, or of a chain. */
export type Range = { readonly workgroups: number } & (
  { readonly kernel: string; readonly turns: number } | { readonly chain: Chain }
);

/** Kernels that a workgroup runs one after the other, with a barrier between two phases. */
export interface Chain {
  readonly name: 'slices' | 'numbers';
  /** `count`: the invocations that one workgroup takes of a kernel. `share`: as in the schedule's links. */
  readonly phases: readonly (readonly {
    readonly kernel: string;
    readonly count: number;
    readonly share: 'slice' | 'all' | 'first';
  }[])[];
}

/** The words of each binding that a plan uses; the state's are known to the device. */
export interface BindingWords {
  readonly scratch: number;
  readonly data: readonly number[];
}

export interface ModuleSource {
  readonly workgroupSize: number;
  readonly workgroups: readonly [number, number, number];
  /** Kernels are named by the prefix of their names. */
  readonly ranges: readonly Range[];
  readonly kernels: readonly Snippet[];
  readonly words: BindingWords;
  /** Whether bindings have the sizes that the plan uses, instead of any. */
  readonly sized: boolean;
  /** The words of one generation of each variable, by number. */
  readonly variables: readonly number[];
  readonly draws: readonly DrawAttrs[];
  /** Set in the last module of a plan that sets variables. */
  readonly commit: Commit | undefined;
}

/** Kernels let a whole quad go on, or none of it, which the compiler of WGSL cannot know. */
const QUADS = wgsl`enable subgroups;
diagnostic(off, subgroup_uniformity);`;

/** As matmul-shared.wgsl declares them; once a module, however many of its kernels use them. */
const TILES = wgsl`var<workgroup> tileA: array<f32, 512>;
var<workgroup> tileB: array<f32, 512>;`;

export function printModule(source: ModuleSource): Pick<Dispatch, 'directives' | 'code'> {
  const { words } = source;
  const chains = source.ranges.flatMap((range) => ('chain' in range ? range.chain : []));
  const kernels = join(source.kernels);
  const { needs, reads } = kernels;
  const functions = [...needs].filter((need) => need !== 'quads' && need !== 'tiles').sort();
  const globals = globalsOf(source).filter((global) => reads.has(global.name.key));
  const arrayType = (count: number | string): string => (source.sized ? `array<u32, ${count}>` : 'array<u32>');
  return {
    directives: print(needs.has('quads') ? QUADS : wgsl``),
    code: print(
      join([
        stepLibrary({ state: arrayType('STATE_WORDS'), scratch: arrayType(words.scratch) }),
        ...words.data.map((count, i) => dataDeclarations(i, arrayType(count))),
        ...drawFunctions(source.draws, reads),
        ...globals.map((global) => wgsl`var<private> ${global.name}: u32;`),
        ...(chains.length > 0 ? [wgsl`var<private> slice: u32;`] : []),
        ...(needs.has('tiles') ? [TILES] : []),
        ...functions.map((text) => wgsl`${text}`),
        kernels,
        ...chains.map((chain) => chainFunction(chain, source.workgroupSize)),
        mainFunction(source, globals),
      ]),
    ),
  };
}

/** step.wgsl with the types of its arrays. */
function stepLibrary(types: Readonly<Record<string, string>>): Snippet {
  return wgsl`${step.pieces.map((piece, i) => (i % 2 === 0 ? piece : (types[piece] ?? ''))).join('')}`;
}

/** One workgroup's way through a chain: what it wrote it may read after the barrier. */
function chainFunction({ name: chain, phases }: Chain, size: number): Snippet {
  const lines = phases.map((kernels) =>
    kernels.map(({ kernel, count, share }) => {
      const first = share === 'slice' ? wgsl`slice * ${count}u + ` : '';
      const loop = wgsl`for (var id = local; id < ${count}u; id += ${size}u) { ${kernel}run(${first}id); }`;
      return share === 'first' ? wgsl`if (slice == 0u) { ${loop} }` : loop;
    }),
  );
  const body = lines.flatMap((phase, i) => (i === 0 ? phase : [wgsl`storageBarrier();`, ...phase]));
  return wgsl`fn ${chain}(local: u32) {\n${join(body)}\n}`;
}

function dataDeclarations(i: number, type: string): Snippet {
  return wgsl`@group(0) @binding(${4 + i}) var<storage, read> data${i}: ${type};
fn bytesAt${i}(address: u32) -> vec4f { return unpack4x8unorm(data${i}[address >> 2u]); }
fn bytesFrom${i}(address: u32) -> vec4f {
  let shift = 8u * (address & 3u);
  return unpack4x8unorm((data${i}[address >> 2u] >> shift) | ((data${i}[(address >> 2u) + 1u] << 1u) << (31u - shift)));
}
fn byteAt${i}(address: u32) -> f32 { return unpack4x8unorm(data${i}[address >> 2u] >> (8u * (address & 3u))).x; }`;
}

const stepKey = name('stepKey');

/** The functions of random numbers; and for each draw that kernels read, the row of the data set that is row `b` of the batch. */
function drawFunctions(draws: readonly DrawAttrs[], reads: ReadonlySet<string>): Snippet[] {
  const functions = draws.flatMap(({ draw: kind, rows, ahead = 0 }, i) => {
    if (!reads.has(`draw${i}`)) return [];
    if (kind === 'rows')
      return wgsl`fn draw${i}(b: u32) -> i32 { return i32(min(params.rowOffset + b, ${rows - 1}u)); }`;
    const permuted = wgsl`permute(at, ${rows}u, ${feistelBits(rows) / 2}u, epochKey(params.seed, epoch))`;
    return wgsl`fn draw${i}(b: u32) -> i32 {
  let position = firstSample + ${ahead}u + b;
  let wraps = position / ${rows}u;
  let at = position - wraps * ${rows}u;
  let epoch = firstEpoch + wraps;
  return i32(${kind === 'shuffle' ? permuted : 'at'});
}`;
  });
  return functions.length === 0 && !reads.has(stepKey.key) ? [] : [wgsl`${drawShader.pieces.join('')}`, ...functions];
}

/**
 * What `main` computes before all else, where kernels read it: the key of the step's random numbers, and the first word of
 * variable i in the generation that is read (`from<i>`) and in the one that is written (`to<i>`).
 */
function globalsOf({ variables }: ModuleSource): { readonly name: Snippet; readonly value: Snippet }[] {
  return [
    { name: stepKey, value: wgsl`stepKeyOf(params.seed, now(STEP))` },
    ...variables.flatMap((words, i) => [
      { name: name(`from${i}`), value: wgsl`address${i} + generation * ${words}u` },
      { name: name(`to${i}`), value: wgsl`address${i} + (1u - generation) * ${words}u` },
    ]),
  ];
}

function mainFunction(
  { workgroupSize: size, workgroups: [x, y], ranges, commit }: ModuleSource,
  globals: ReturnType<typeof globalsOf>,
): Snippet {
  let first = 0;
  const branches = ranges.map((range) => {
    const call = callOf(range, first, size);
    first += range.workgroups;
    return wgsl`if (group < ${first}u) { ${call} return; }`;
  });
  const last =
    commit &&
    wgsl`if (group == ${first}u && local == 0u) { commit(${commit.steps}u, ${commit.samples}u, ${commit.rows}u); }`;
  return wgsl`@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
begin();
${join(globals.map((global) => wgsl`${global.name} = ${global.value};`))}
let group = workgroup.x + ${x}u * (workgroup.y + ${y}u * workgroup.z);
${join(branches)}
${last ?? ''}
}`;
}

/** What a workgroup of a range does, which begins at workgroup `first`. */
function callOf(range: Range, first: number, size: number): Snippet {
  if ('chain' in range) return wgsl`slice = group - ${first}u; ${range.chain.name}(local);`;
  const { kernel, turns } = range;
  const run = (turn: Snippet): Snippet =>
    wgsl`${kernel}run(((group - ${first}u) * ${turns}u + ${turn}) * ${size}u + local);`;
  return turns === 1 ? run(u32(0)) : wgsl`for (var turn = 0u; turn < ${turns}u; turn++) { ${run(name('turn'))} }`;
}
