/**
 * A device and the resources that its sessions share: pipelines, uploaded data sets, the notice of its loss. Each session takes
 * the device and releases it. The last release destroys the uploads; device and pipelines linger for the next session.
 */
import { QUAD, type Dispatch, type PlanLimits, type WebGpuFacts } from '../plan.ts';
import { DeviceError, ShaderError } from '../../errors.ts';
import { columnOffsetWords, columnWords, type ColumnSource } from '../../graph/column.ts';
import type { AdapterDescription } from '../../compile/backend.ts';
import { wgslText } from '../../graph/snippet.ts';
import { BufferUsage, COMPUTE_STAGE } from './usage.ts';

const MAX_PIPELINES = 256;

/** How long a device and its pipelines linger after their last session, in milliseconds. */
const LINGER_MS = 30_000;

/** The limits as plain numbers, so that a plan can be printed and compared. */
function planLimits(limits: GPUSupportedLimits): PlanLimits {
  return {
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  };
}

/** The tile sizes that were measured to be fastest, by kind of adapter. */
const tilesOf = new Map<string, Map<string, number>>();

interface Upload {
  readonly buffer: GPUBuffer;
  users: number;
}

export class SharedDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly target: WebGpuFacts;
  /** The tile sizes that were measured to be fastest. */
  readonly tiles: Map<string, number>;
  /** Resolves when the device is lost or destroyed, by whatever side. */
  readonly lost: Promise<DeviceError>;
  /**
   * Called when the device is lost, reports a fault or is released by its last session. Reactions on `lost` would outlive the
   * sessions that wait.
   */
  readonly onLost = new Set<(reason: DeviceError) => void>();
  /** The reason why the device cannot be used any more: its loss, or an error that it reported outside of any call. */
  fault: DeviceError | undefined;
  readonly #owned: boolean;
  /** By layout and code, in order of use: the longest unused first. Loaded plans hold their own. */
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #layouts = new Map<number, GPUBindGroupLayout>();
  readonly #uploads = new Map<ColumnSource, Upload>();
  #users = 0;
  /** Whether a later session can take the device. */
  #lingers: boolean;
  #closing: ReturnType<typeof setTimeout> | undefined;

  /** `owned`: whether the device is destroyed when it is closed. `lingers`: see {@link SharedDevice.release}. */
  constructor(
    device: GPUDevice,
    adapter: AdapterDescription,
    { owned, lingers }: { readonly owned: boolean; readonly lingers: boolean },
  ) {
    this.device = device;
    this.adapter = adapter;
    const kind = Object.values(adapter).join();
    this.tiles = tilesOf.get(kind) ?? new Map<string, number>();
    tilesOf.set(kind, this.tiles);
    this.target = {
      backend: 'webgpu',
      adapterClass: adapter.class === 'software' ? 'software' : 'gpu',
      limits: planLimits(device.limits),
      quads: adapter.class === 'software' && hasQuads(device),
    };
    this.#owned = owned;
    this.#lingers = lingers;
    this.lost = device.lost.then((info) =>
      this.#end(
        info.reason === 'destroyed'
          ? 'The GPU device was destroyed. Make a new session.'
          : 'The GPU device was lost (the driver restarted, or the GPU was taken away). Make a new session and restore a snapshot.',
      ),
    );
    if (owned) {
      device.addEventListener('uncapturederror', ({ error }) => {
        this.#end(`The GPU device reported: ${error.message}. Please report this; backend: 'cpu' works meanwhile.`);
      });
    }
  }

  #end(message: string): DeviceError {
    this.fault ??= new DeviceError(message);
    for (const notify of this.onLost) notify(this.fault);
    return this.fault;
  }

  take(): this {
    clearTimeout(this.#closing);
    this.#users++;
    return this;
  }

  /** Ends a session's use. After the last one the device waits for another session, unless it does not linger or is lost. */
  release(): void {
    if (--this.#users > 0) return;
    for (const { buffer } of this.#uploads.values()) buffer.destroy();
    this.#uploads.clear();
    if (!this.#lingers || this.fault !== undefined) {
      this.#close();
      return;
    }
    this.#closing = setTimeout(() => {
      this.#close();
    }, LINGER_MS);
    // Node ends in spite of it; a page has no such method.
    (this.#closing as { unref?(): void }).unref?.();
  }

  /** Closes the device when no session uses it: now, or with the last one. */
  retire(): void {
    this.#lingers = false;
    clearTimeout(this.#closing);
    if (this.#users === 0) this.#close();
  }

  #close(): void {
    this.#pipelines.clear();
    if (!this.#owned) return;
    this.#end('The GPU device was given back after its last session. Make a new session.');
    this.device.destroy();
  }

  /**
   * Captures out-of-memory errors until the function returned is called, in the same turn; that resolves where all memory was
   * granted. `what`: the name of what is allocated, and the remedy. @throws DeviceError
   */
  captureOutOfMemory(what: string): () => Promise<void> {
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('validation');
    return async () => {
      const scopes = [this.device.popErrorScope(), this.device.popErrorScope()];
      // A lost device closes no scope. Its loss is reported elsewhere.
      const [refused, full] = await Promise.all(scopes.map((scope) => scope.catch(() => null)));
      if (full) throw new DeviceError(`The device has no room for ${what}.`);
      if (refused) throw new DeviceError(`The device has no room for ${what}. It reported: ${refused.message}`);
    };
  }

  /** The layout of all plans with this many data bindings. */
  layout(dataBindings: number): GPUBindGroupLayout {
    let layout = this.#layouts.get(dataBindings);
    if (layout === undefined) {
      const storage = (type: GPUBufferBindingType) => (_: unknown, i: number) => ({
        binding: i,
        visibility: COMPUTE_STAGE,
        buffer: { type },
      });
      layout = this.device.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: COMPUTE_STAGE, buffer: { type: 'uniform', hasDynamicOffset: true } },
          ...Array.from({ length: 3 }, (_, i) => storage('storage')(_, i + 1)),
          ...Array.from({ length: dataBindings }, (_, i) => storage('read-only-storage')(_, i + 4)),
        ],
      });
      this.#layouts.set(dataBindings, layout);
    }
    return layout;
  }

  /** The pipeline of a dispatch, built once a text. `declarations`: those of {@link Dispatch}. @throws ShaderError */
  pipeline(
    { name, directives, code: body }: Dispatch,
    declarations: string,
    dataBindings: number,
  ): Promise<GPUComputePipeline> {
    const code = `${wgslText(directives)}\n${declarations}\n${wgslText(body)}`;
    const key = `${dataBindings}\n${code}`;
    let pipeline = this.#pipelines.get(key);
    this.#pipelines.delete(key);
    if (pipeline === undefined) {
      pipeline = this.#build(name, code, dataBindings);
      pipeline.catch(() => this.#pipelines.delete(key));
    }
    this.#pipelines.set(key, pipeline);
    const [oldest] = this.#pipelines.keys();
    if (this.#pipelines.size > MAX_PIPELINES && oldest !== undefined) this.#pipelines.delete(oldest);
    return pipeline;
  }

  async #build(name: string, code: string, dataBindings: number): Promise<GPUComputePipeline> {
    const { device } = this;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: name, code });
    const layout = device.createPipelineLayout({ bindGroupLayouts: [this.layout(dataBindings)] });
    const building = device.createComputePipelineAsync({
      label: name,
      layout,
      compute: { module, entryPoint: 'main' },
    });
    const scope = device.popErrorScope();
    try {
      const pipeline = await building;
      await scope;
      return pipeline;
    } catch (cause) {
      await scope.catch(() => null);
      const info = await module.getCompilationInfo();
      const first = info.messages.find((message) => message.type === 'error');
      throw new ShaderError(name, first?.lineNum ?? 1, first?.message ?? String(cause), code);
    }
  }

  /** The buffer of a data set, uploaded at first use. Each call is paired with one of {@link releaseColumns}. */
  takeColumns(source: ColumnSource): GPUBuffer {
    let upload = this.#uploads.get(source);
    if (upload === undefined) {
      upload = { buffer: this.#upload(source), users: 0 };
      this.#uploads.set(source, upload);
    }
    upload.users++;
    return upload.buffer;
  }

  releaseColumns(source: ColumnSource): void {
    const upload = this.#uploads.get(source);
    if (upload === undefined || --upload.users > 0) return;
    upload.buffer.destroy();
    this.#uploads.delete(source);
  }

  #upload(source: ColumnSource): GPUBuffer {
    const { device } = this;
    const size = 4 * source.columns.reduce((words, column) => words + columnWords(column), 0);
    const limit = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    if (size > limit) {
      throw new DeviceError(
        `Data set '${source.name}' takes ${size} bytes; the device's limit maxStorageBufferBindingSize is ${limit}. Use take(n) for a smaller set.`,
      );
    }
    const buffer = device.createBuffer({ label: source.name, size, usage: BufferUsage.storage | BufferUsage.copyDst });
    for (const column of source.columns) writeWords(device, buffer, 4 * columnOffsetWords(column), columnBytes(column));
    return buffer;
  }
}

/** Whether subgroups can be used, and have four invocations. */
function hasQuads({ features, adapterInfo }: GPUDevice): boolean {
  const { subgroupMinSize, subgroupMaxSize } = (adapterInfo as GPUAdapterInfo | undefined) ?? {};
  return features.has('subgroups') && subgroupMinSize === QUAD && subgroupMaxSize === QUAD;
}

function columnBytes({ format, values }: ColumnSource['columns'][number]): Uint8Array | Float32Array | Int32Array {
  return format === 'labels' && !(values instanceof Int32Array) ? Int32Array.from(values) : values;
}

/** Writes bytes of any count; `writeBuffer` itself takes multiples of 4. */
function writeWords(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset: number,
  values: Uint8Array | Float32Array | Int32Array,
): void {
  const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  if (whole > 0) device.queue.writeBuffer(buffer, offset, bytes, 0, whole);
  if (whole < bytes.byteLength) {
    const tail = new Uint8Array(4);
    tail.set(bytes.subarray(whole));
    device.queue.writeBuffer(buffer, offset + whole, tail);
  }
}
