/**
 * A plan loaded on a device: its pipelines, its arena, one bind group a data set. Running it only encodes.
 */
import { dataBindings, partOf, type Plan, type PlanFeed } from '../../compile/plan.ts';
import { CONTROL_WORDS, stateWords, type Dispatch, type WebGpuProgram } from '../plan.ts';
import { invariant } from '../../errors.ts';
import type { Column, ColumnSource } from '../../graph/column.ts';
import type { TypedArray } from '../../graph/dtype.ts';
import type { SubmitRequest } from '../../compile/backend.ts';
import type { BufferRange } from './readback.ts';
import type { SharedDevice } from './shared-device.ts';
import type { State } from './state.ts';
import { BufferUsage } from './usage.ts';

/** The memory of a plan beside its own arena. */
export type Memory = Pick<State, 'control' | 'buffer' | 'params' | 'paramsOffset' | 'offsets'>;

/** Builds pipelines and allocates the arena. @throws ShaderError, DeviceError */
export async function loadWebGpuPlan(plan: Plan, shared: SharedDevice, state: Memory): Promise<WebGpuLoadedPlan> {
  const program = partOf(plan.program, 'webgpu') as WebGpuProgram;
  const bindings = dataBindings(plan);
  const declarations = declareState(plan, state.offsets);
  const pipelines = await Promise.all(
    [...program.prologue, ...program.dispatches].map((dispatch) => shared.pipeline(dispatch, declarations, bindings)),
  );
  const scratch = await allocateScratch(shared, program);
  return new WebGpuLoadedPlan(plan, program, pipelines, scratch, shared, state);
}

/** Declares where a plan's variables lie in the state. `offsets`: their first words. */
export function declareState({ variables }: Pick<Plan, 'variables'>, offsets: ReadonlyMap<string, number>): string {
  let end = 4; // no binding is empty
  const addresses = variables.map(({ name, shape }, i) => {
    const at = offsets.get(name);
    invariant(at !== undefined, `the state has no variable '${name}'`);
    end = Math.max(end, at + 2 * stateWords(shape));
    return `const address${i} = ${at}u;`;
  });
  return [...addresses, `const STATE_WORDS = ${end}u;`].join('\n');
}

async function allocateScratch(shared: SharedDevice, program: WebGpuProgram): Promise<GPUBuffer> {
  const { device } = shared;
  const size = 4 * program.scratchWords;
  const captured = shared.captureOutOfMemory(
    `the ${size} bytes this run needs at once. Use a smaller batch, or evaluate() for a whole data set`,
  );
  const scratch = device.createBuffer({
    label: 'scratch',
    size,
    usage: BufferUsage.storage | BufferUsage.copyDst | BufferUsage.copySrc,
  });
  try {
    await captured();
  } catch (error) {
    scratch.destroy();
    throw error;
  }
  for (const { offset, words } of program.constants) device.queue.writeBuffer(scratch, 4 * offset, words);
  return scratch;
}

export class WebGpuLoadedPlan {
  readonly bytes: number;
  readonly fetchOffsets: readonly number[];
  readonly resultWords: number;
  /** The range of the fetches. */
  readonly results: BufferRange;
  /** The names of a step's dispatches. */
  readonly names: readonly string[];
  readonly #feeds: readonly PlanFeed[];
  readonly #program: WebGpuProgram;
  readonly #updates: boolean;
  readonly #bindings: number;
  readonly #pipelines: readonly GPUComputePipeline[];
  readonly #scratch: GPUBuffer;
  readonly #shared: SharedDevice;
  readonly #state: Memory;
  #bound:
    { readonly group: GPUBindGroup; readonly state: GPUBuffer; readonly sources: readonly ColumnSource[] } | undefined;

  constructor(
    plan: Plan,
    program: WebGpuProgram,
    pipelines: readonly GPUComputePipeline[],
    scratch: GPUBuffer,
    shared: SharedDevice,
    state: Memory,
  ) {
    this.bytes = scratch.size;
    this.fetchOffsets = program.fetchOffsets;
    this.resultWords = program.resultWords;
    const [buffer, offsetWords] = program.reported ? [state.control, CONTROL_WORDS] : [scratch, 0];
    this.results = { buffer, offsetWords, words: program.resultWords };
    this.names = program.dispatches.map(({ name }) => name);
    this.#feeds = plan.feeds;
    this.#program = program;
    this.#updates = plan.updates.length > 0;
    this.#bindings = dataBindings(plan);
    this.#pipelines = pipelines;
    this.#scratch = scratch;
    this.#shared = shared;
    this.#state = state;
  }

  /**
   * Encodes the upload of the feeds and all steps, from `generation` on, for the columns it is bound to. `continues`: the last
   * change of the state was a step of this plan, so that the values which that step left for the next are valid.
   */
  encode(encoder: GPUCommandEncoder, { feeds, steps }: SubmitRequest, generation: number, continues: boolean): void {
    if (feeds !== undefined) this.#upload(feeds);
    const group = this.#bound?.group ?? null;
    const { prologue, dispatches } = this.#program;
    const pass = encoder.beginComputePass();
    for (let step = 0; step < steps; step++) {
      const current = this.#updates ? (generation + step) % 2 : generation;
      pass.setBindGroup(0, group, [this.#state.paramsOffset(current)]);
      if (step === 0 && !continues) this.#dispatch(pass, prologue, 0);
      this.#dispatch(pass, dispatches, prologue.length);
    }
    pass.end();
  }

  /** Encodes one dispatch of a step many times. */
  repeat(pass: GPUComputePassEncoder, dispatch: number, times: number, generation: number): void {
    const { prologue, dispatches } = this.#program;
    pass.setBindGroup(0, this.#bound?.group ?? null, [this.#state.paramsOffset(generation)]);
    const repeated = dispatches.slice(dispatch, dispatch + 1);
    for (let i = 0; i < times; i++) this.#dispatch(pass, repeated, prologue.length + dispatch);
  }

  /** Encodes dispatches. `first`: the number of the first one's pipeline. */
  #dispatch(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[], first: number): void {
    dispatches.forEach(({ workgroups }, i) => {
      const pipeline = this.#pipelines[first + i];
      if (pipeline === undefined) return;
      pass.setPipeline(pipeline);
      pass.dispatchWorkgroups(...workgroups);
    });
  }

  /** Whether it is bound to these columns and to the state's current buffer. */
  isBound(columns: ReadonlyMap<string, Column>): boolean {
    const sources = sourcesOf(this.#feeds, columns, this.#bindings);
    const bound = this.#bound;
    return bound?.state === this.#state.buffer && bound.sources.every((source, i) => source === sources[i]);
  }

  /** Binds it to columns, and uploads those that are not on the device. @throws DeviceError where they exceed a limit. */
  bind(columns: ReadonlyMap<string, Column>): void {
    const { device } = this.#shared;
    const sources = sourcesOf(this.#feeds, columns, this.#bindings);
    const data = sources.map((source) => this.#shared.takeColumns(source));
    this.unbind();
    const buffers = [this.#state.control, this.#state.buffer, this.#scratch, ...data];
    const group = device.createBindGroup({
      layout: this.#shared.layout(this.#bindings),
      entries: [
        { binding: 0, resource: { buffer: this.#state.params, size: 16 } },
        ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
      ],
    });
    this.#bound = { group, state: this.#state.buffer, sources };
  }

  /** Releases the data sets. */
  unbind(): void {
    for (const source of this.#bound?.sources ?? []) this.#shared.releaseColumns(source);
    this.#bound = undefined;
  }

  dispose(): void {
    this.#scratch.destroy();
    this.unbind();
  }

  #upload(feeds: ReadonlyMap<string, TypedArray>): void {
    for (const [name, value] of feeds) {
      const offset = this.#program.feedOffsets.get(name);
      if (offset === undefined) continue;
      const words = value instanceof Uint8Array ? Uint32Array.from(value) : value;
      this.#shared.device.queue.writeBuffer(this.#scratch, 4 * offset, words);
    }
  }
}

/** The data source of each data binding. */
function sourcesOf(feeds: readonly PlanFeed[], columns: ReadonlyMap<string, Column>, bindings: number): ColumnSource[] {
  const sources = new Array<ColumnSource>(bindings);
  for (const { name, type } of feeds) {
    const column = columns.get(name);
    if (type.kind === 'column' && column !== undefined) sources[type.binding] = column.source;
  }
  return sources;
}
