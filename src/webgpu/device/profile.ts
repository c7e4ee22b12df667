/**
 * Measures a plan dispatch by dispatch, on copies of the memory that it changes. Loaded on demand; it imports types only, so that
 * bundlers give it a chunk of its own.
 */
import type { SubmitRequest, Timing } from '../../compile/backend.ts';
import type { Memory, WebGpuLoadedPlan } from './loaded-plan.ts';
import type { State } from './state.ts';

/** WebGPU's flags, as in usage.ts. */
const usage = { mapRead: 0x1, copySrc: 0x4, copyDst: 0x8, queryResolve: 0x200 };
const MAP_READ = 1;

/** The shortest measurement. Browsers round timestamps to 0.1 ms. */
const MIN_MS = 5;
const MAX_REPEATS = 1 << 16;

/**
 * Milliseconds that each dispatch of a step takes, or `only` some. The session's state stays as it is.
 * @param load - Loads the plan on memory of its own.
 */
export async function profileOnWebGpu(
  device: GPUDevice,
  state: State,
  request: SubmitRequest,
  load: (memory: Memory) => Promise<WebGpuLoadedPlan>,
  only?: ReadonlySet<number>,
): Promise<Timing[]> {
  const encoder = device.createCommandEncoder();
  const copies = [state.control, state.buffer].map((buffer) => {
    const copy = device.createBuffer({ label: 'profile', size: buffer.size, usage: buffer.usage });
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
    return copy;
  });
  device.queue.submit([encoder.finish()]);
  const [control = state.control, buffer = state.buffer] = copies;
  const clock = device.features.has('timestamp-query') ? new Timestamps(device) : undefined;
  try {
    const plan = await load({
      control,
      buffer,
      params: state.params,
      paramsOffset: (generation) => state.paramsOffset(generation),
      offsets: state.offsets,
    });
    try {
      plan.bind(request.columns);
      // A whole step first: each dispatch is then measured on the results of those before it.
      const step = device.createCommandEncoder();
      plan.encode(step, request, state.ledger.generation, false);
      device.queue.submit([step.finish()]);
      const empty = await wallTime(device, () => undefined);
      const timings: Timing[] = [];
      for (const [dispatch, name] of plan.names.entries()) {
        if (only?.has(dispatch) === false) continue;
        const measure = async (repeats: number): Promise<number> => {
          const encode = (encoder: GPUCommandEncoder, timestampWrites?: GPUComputePassTimestampWrites): void => {
            const pass = encoder.beginComputePass(timestampWrites && { timestampWrites });
            plan.repeat(pass, dispatch, repeats, state.ledger.generation);
            pass.end();
          };
          return clock === undefined ? (await wallTime(device, encode)) - empty : clock.measure(encode);
        };
        timings.push({ dispatch, name, milliseconds: await perRun(measure) });
      }
      return timings;
    } finally {
      plan.dispose();
    }
  } finally {
    for (const copy of copies) copy.destroy();
    clock?.dispose();
  }
}

/** Milliseconds of one run: repeats until a measurement is long enough. */
async function perRun(measure: (repeats: number) => Promise<number>): Promise<number> {
  await measure(1);
  for (let repeats = 1; ;) {
    const elapsed = await measure(repeats);
    if (elapsed >= MIN_MS || repeats >= MAX_REPEATS) return Math.max(0, elapsed) / repeats;
    repeats = Math.min(MAX_REPEATS, Math.ceil(repeats * Math.min(16, (1.2 * MIN_MS) / Math.max(elapsed, 0.01))));
  }
}

async function wallTime(device: GPUDevice, encode: (encoder: GPUCommandEncoder) => void): Promise<number> {
  const encoder = device.createCommandEncoder();
  encode(encoder);
  const commands = encoder.finish();
  const began = performance.now();
  device.queue.submit([commands]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - began;
}

/** The device's own clock: nanoseconds between the beginning and the end of a pass. */
class Timestamps {
  readonly #device: GPUDevice;
  readonly #set: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#set = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.#resolved = device.createBuffer({ size: 16, usage: usage.queryResolve | usage.copySrc });
    this.#staging = device.createBuffer({ size: 16, usage: usage.mapRead | usage.copyDst });
  }

  async measure(encode: (encoder: GPUCommandEncoder, writes: GPUComputePassTimestampWrites) => void): Promise<number> {
    const encoder = this.#device.createCommandEncoder();
    encode(encoder, { querySet: this.#set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 });
    encoder.resolveQuerySet(this.#set, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 16);
    this.#device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(MAP_READ);
    const [began = 0n, ended = 0n] = new BigUint64Array(this.#staging.getMappedRange());
    this.#staging.unmap();
    return Number(ended - began) / 1e6;
  }

  dispose(): void {
    this.#set.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}
