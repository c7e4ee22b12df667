/**
 * The WebGPU backend without a session, made strict: every buffer begins as NaN, every module must compile without warnings,
 * and plans are made for the limits and the adapter class that a test requests.
 */
import type { Backend, LoadedPlan } from '../../../src/compile/backend.ts';
import { createWebGpuBackend } from '../../../src/webgpu/device/backend.ts';
import type { WebGpuFacts } from '../../../src/webgpu/plan.ts';
import { collectSources } from '../../../src/compile/collect.ts';
import { partOf, type FeedType, type Plan } from '../../../src/compile/plan.ts';
import type { TypedArray } from '../../../src/graph/dtype.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { modulesIn, planFor, type Asked, type TargetOptions } from '../planning.ts';
import { nodeGpu } from '../../tools/node-gpu.ts';
import { arrayFor } from './values.ts';

const COPY_DST = 8;
const MAP_READ = 1;
/** Not a number, and no number a test computes. */
const POISON = 0x7fc00bad;

/** A value to feed. */
export interface FedValue {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

type Feeds = ReadonlyMap<Tensor, FedValue>;
type RunOptions = TargetOptions & { readonly training?: boolean };

export class Rig {
  readonly backend: Backend;
  readonly #seen: Seen;
  readonly #variables = new Set<string>();

  constructor(backend: Backend, seen: Seen) {
    this.backend = backend;
    this.#seen = seen;
  }

  /** What the device reported beside all calls. */
  get faults(): readonly string[] {
    return this.#seen.faults;
  }

  /** How many dispatches were encoded. */
  get dispatches(): number {
    return this.#seen.dispatches;
  }

  /** The plan of a request, for this backend's state; made for what the adapter is unless told otherwise. */
  plan(asked: Asked, options: TargetOptions = {}): Plan {
    const { adapterClass, limits, quads } = partOf(this.backend.target, 'webgpu') as WebGpuFacts;
    const own = options.adapterClass === undefined ? { adapterClass, quads } : {};
    return planFor(asked, { ...own, limits, ...options });
  }

  /** Sets a variable, which the first call adds. */
  setVariable(name: string, values: Float32Array): void {
    if (this.#variables.has(name)) this.backend.writeVariable(name, values);
    else this.backend.addVariables([{ name, values }]);
    this.#variables.add(name);
  }

  /** Loads a plan. @throws where a shader gives so much as a warning. */
  async load(plan: Plan): Promise<LoadedPlan> {
    this.#seen.modules.length = 0;
    const loaded = await this.backend.load(plan);
    for (const module of this.#seen.modules) {
      const { messages } = await module.getCompilationInfo();
      if (messages.length > 0) throw new Error(messages.map(({ type, message }) => `${type}: ${message}`).join('\n'));
    }
    return loaded;
  }

  /** The values of `fetches` in training mode (unless told otherwise), given those of their placeholders. */
  async run(
    fetches: readonly Tensor[],
    feeds: Feeds = new Map(),
    options: RunOptions = {},
  ): Promise<readonly TypedArray[]> {
    const [values = []] = await this.runOn([options], fetches, feeds);
    return values;
  }

  /** The values for each of the targets, without those whose modules and dispatches are the same as an earlier target's. */
  async runOn(
    targets: readonly RunOptions[],
    fetches: readonly Tensor[],
    feeds: Feeds = new Map(),
  ): Promise<(readonly TypedArray[])[]> {
    const types = new Map<string, FeedType>();
    const arrays = new Map<string, TypedArray>();
    for (const [name, node] of collectSources(fetches).placeholders) {
      const value = feeds.get(node);
      if (value === undefined) throw new Error(`${name} is not fed.`);
      types.set(name, { kind: 'array', shape: value.shape });
      arrays.set(name, arrayFor(node.dtype, value.data));
    }
    const plans = new Map<string, Plan>();
    for (const { training = true, ...options } of targets) {
      const plan = this.plan({ fetches, training, feeds: types }, options);
      const key = JSON.stringify(modulesIn(plan));
      if (!plans.has(key)) plans.set(key, plan);
    }
    const all: (readonly TypedArray[])[] = [];
    for (const plan of plans.values()) all.push(await this.#runOnce(plan, arrays));
    return all;
  }

  async #runOnce(plan: Plan, feeds: ReadonlyMap<string, TypedArray>): Promise<readonly TypedArray[]> {
    const loaded = await this.load(plan);
    try {
      const { outcome } = loaded.submit({
        feeds,
        columns: new Map(),
        counters: { step: 0, samples: 0 },
        rowOffset: 0,
        steps: 1,
        read: true,
      });
      return (await outcome).values;
    } finally {
      loaded.dispose();
    }
  }

  dispose(): void {
    this.backend.dispose();
  }
}

/** A rig on a device of its own. */
export async function openRig(seed = 0): Promise<Rig> {
  const gpu = await nodeGpu();
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error('There is no adapter.');
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
    requiredFeatures: adapter.features.has('subgroups') ? ['subgroups'] : [],
  });
  const seen: Seen = { faults: [], modules: [], dispatches: 0 };
  device.addEventListener('uncapturederror', ({ error }) => seen.faults.push(error.message));
  return new Rig(await createWebGpuBackend({ device: watched(device, seen), seed }), seen);
}

/** What a rig's device was seen to do. */
interface Seen {
  readonly faults: string[];
  readonly modules: GPUShaderModule[];
  dispatches: number;
}

/** The device, but buffers begin as NaN rather than zero, and what it is asked for is noted. */
function watched(device: GPUDevice, seen: Seen): GPUDevice {
  const countDispatches = (pass: GPUComputePassEncoder): GPUComputePassEncoder =>
    instead(pass, {
      dispatchWorkgroups: (...counts: readonly number[]) => {
        seen.dispatches++;
        const [x = 1, y, z] = counts;
        pass.dispatchWorkgroups(x, y, z);
      },
    });
  return instead(device, {
    createBuffer: (descriptor: GPUBufferDescriptor) => {
      const buffer = device.createBuffer(descriptor);
      if ((descriptor.usage & COPY_DST) !== 0 && (descriptor.usage & MAP_READ) === 0)
        device.queue.writeBuffer(buffer, 0, new Uint32Array(descriptor.size / 4).fill(POISON));
      return buffer;
    },
    createShaderModule: (descriptor: GPUShaderModuleDescriptor) => {
      const module = device.createShaderModule(descriptor);
      seen.modules.push(module);
      return module;
    },
    createCommandEncoder: () => {
      const encoder = device.createCommandEncoder();
      return instead(encoder, { beginComputePass: () => countDispatches(encoder.beginComputePass()) });
    },
  });
}

/** `object` with some of its members replaced; the others are asked of itself, as native objects ask for. */
export function instead<T extends object>(object: T, members: Partial<Record<keyof T, unknown>>): T {
  return new Proxy(object, {
    get(target, key) {
      const value: unknown = Reflect.get(members, key) ?? Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
