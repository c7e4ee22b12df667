/**
 * Prints the module of a dispatch: its declarations, its kernels, and `main`, which runs a kernel or a chain in each workgroup.
 */
import randomNumbers from '../../../shaders/random.wgsl';
import step from '../../../shaders/step.wgsl';
import { feistelBits } from '../../graph/permutation.ts';
import { join, name, print, u32, wgsl, type Snippet } from '../../graph/snippet.ts';
import type { BatchRowsAttrs } from '../lower/internal-ops.ts';
import type { Dispatch } from '../plan.ts';

/** The end of a step: the increments of the counters, and the number of rows in an epoch. */
export interface Commit {
  readonly steps: number;
  readonly samples: number;
  readonly rows: number;
}

/** A range of a dispatch's workgroups, which runs a chain, or a kernel with `idsPerInvocation` ids in each invocation. */
export type Range = { readonly workgroups: number } & (
  { readonly kernel: string; readonly idsPerInvocation: number } | { readonly chain: Chain }
);

/** Kernels that each workgroup runs in turn, with a barrier between turns. */
export interface Chain {
  readonly name: 'slices' | 'scalars';
  /** The kernels of each turn. `invocations`: those of one workgroup. `runBy`: as in the links of a schedule. */
  readonly turns: readonly (readonly {
    readonly kernel: string;
    readonly invocations: number;
    readonly runBy: 'own-slice' | 'every' | 'first';
  }[])[];
}

/** The number of words that a plan uses of each binding; the device knows those of the state. */
export interface BindingWords {
  readonly scratch: number;
  readonly data: readonly number[];
}

/** The contents of a module. */
export interface ModuleSource {
  readonly workgroupSize: number;
  readonly workgroups: readonly [number, number, number];
  /** The kernel of each range, by its prefix. */
  readonly ranges: readonly Range[];
  readonly kernels: readonly Snippet[];
  readonly words: BindingWords;
  /** Set where arrays are declared with the sizes that the plan uses; else with run-time sizes. */
  readonly sized: boolean;
  /** The words of one generation of each variable, by the variable's index. */
  readonly variables: readonly number[];
  /** The batches that kernels sample, by index. */
  readonly batches: readonly BatchRowsAttrs[];
  /** Set in the last module of a plan that updates variables. */
  readonly commit: Commit | undefined;
}

/** The invocations of a quad take the same branches, which a WGSL compiler cannot know. */
const QUADS = wgsl`enable subgroups;
diagnostic(off, subgroup_uniformity);`;

/** Prints a module. */
export function printModule(source: ModuleSource): Pick<Dispatch, 'directives' | 'code'> {
  const { words } = source;
  const chains = source.ranges.flatMap((range) => ('chain' in range ? range.chain : []));
  const kernels = join(source.kernels);
  const { needs, reads } = kernels;
  const declarations = [...needs].filter((need) => need !== 'quads').sort();
  const globals = globalsOf(source).filter((global) => reads.has(global.name.key));
  const arrayType = (count: number | string): string => (source.sized ? `array<u32, ${count}>` : 'array<u32>');
  return {
    directives: print(needs.has('quads') ? QUADS : wgsl``),
    code: print(
      join([
        stepLibrary({ state: arrayType('STATE_WORDS'), scratch: arrayType(words.scratch) }),
        ...words.data.map((count, i) => dataDeclarations(i, arrayType(count))),
        ...randomFunctions(source.batches, reads),
        ...globals.map((global) => wgsl`var<private> ${global.name}: u32;`),
        ...(chains.length > 0 ? [wgsl`var<private> ${sliceIndex}: u32;`] : []),
        ...declarations.map((text) => wgsl`${text}`),
        kernels,
        ...chains.map((chain) => chainFunction(chain, source.workgroupSize)),
        mainFunction(source, globals),
      ]),
    ),
  };
}

/** The text of step.wgsl, with the types of its arrays. */
function stepLibrary(types: Readonly<Record<string, string>>): Snippet {
  return wgsl`${step.pieces.map((piece, i) => (i % 2 === 0 ? piece : (types[piece] ?? ''))).join('')}`;
}

/** The function that runs a chain in a workgroup: after a barrier it reads what it wrote before. */
function chainFunction({ name: chain, turns }: Chain, size: number): Snippet {
  const lines = turns.map((kernels) =>
    kernels.map(({ kernel, invocations, runBy }) => {
      const first = runBy === 'own-slice' ? wgsl`${sliceIndex} * ${invocations}u + ` : '';
      const loop = wgsl`for (var id = local; id < ${invocations}u; id += ${size}u) { ${kernel}run(${first}id); }`;
      return runBy === 'first' ? wgsl`if (${sliceIndex} == 0u) { ${loop} }` : loop;
    }),
  );
  const body = lines.flatMap((turn, i) => (i === 0 ? turn : [wgsl`storageBarrier();`, ...turn]));
  return wgsl`fn ${chain}(local: u32) {\n${join(body)}\n}`;
}

/** The binding of a data set, and the functions that read its bytes. */
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
const sliceIndex = name('sliceIndex');

/** The functions of random numbers, and for each batch that kernels sample the number of the data-set row in its row `b`. */
function randomFunctions(batches: readonly BatchRowsAttrs[], reads: ReadonlySet<string>): Snippet[] {
  const functions = batches.flatMap(({ sampling, rows, ahead = 0 }, i) => {
    if (!reads.has(`batchRow${i}`)) return [];
    if (sampling === 'range')
      return wgsl`fn batchRow${i}(b: u32) -> i32 { return i32(min(params.rowOffset + b, ${rows - 1}u)); }`;
    const permuted = wgsl`permute(at, ${rows}u, ${feistelBits(rows) / 2}u, epochKey(params.seed, epoch))`;
    return wgsl`fn batchRow${i}(b: u32) -> i32 {
  let position = firstSample + ${ahead}u + b;
  let wraps = position / ${rows}u;
  let at = position - wraps * ${rows}u;
  let epoch = firstEpoch + wraps;
  return i32(${sampling === 'shuffled' ? permuted : 'at'});
}`;
  });
  return functions.length === 0 && !reads.has(stepKey.key)
    ? []
    : [wgsl`${randomNumbers.pieces.join('')}`, ...functions];
}

/**
 * The variables that `main` sets first, if kernels read them: the key of the step's random numbers, and the first word of variable
 * i in the generation that is read (`from<i>`) and in the one that is written (`to<i>`).
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

/** The entry point: runs the kernel or chain of the workgroup's range; one more workgroup ends the step. */
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

/** The call of a range's kernel or chain; the range begins at workgroup `first`. */
function callOf(range: Range, first: number, size: number): Snippet {
  if ('chain' in range) return wgsl`${sliceIndex} = group - ${first}u; ${range.chain.name}(local);`;
  const { kernel, idsPerInvocation: count } = range;
  const run = (i: Snippet): Snippet => wgsl`${kernel}run(((group - ${first}u) * ${count}u + ${i}) * ${size}u + local);`;
  return count === 1 ? run(u32(0)) : wgsl`for (var i = 0u; i < ${count}u; i++) { ${run(name('i'))} }`;
}
