/**
 * Finds a device for a session: the caller's, one of the caller's adapter, or the one that all other sessions share.
 */
import type { AdapterDescription } from '../../compile/backend.ts';
import { SharedDevice } from './shared-device.ts';

export interface DeviceOptions {
  readonly device?: GPUDevice | undefined;
  readonly adapter?: GPUAdapter | undefined;
  readonly powerPreference?: 'low-power' | 'high-performance' | undefined;
}

/** Limits that are requested beyond the defaults: the sizes of buffers. */
const WANTED_LIMITS = ['maxStorageBufferBindingSize', 'maxBufferSize'] as const;

/** Features that are requested where the adapter has them: the clock of profiles, the exchange of values between invocations. */
const WANTED_FEATURES = ['timestamp-query', 'subgroups'] as const;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/** The device of all sessions that bring none. */
let shared: Promise<SharedDevice> | undefined;
/** Devices of callers, which outlive their sessions. */
const ofCallers = new WeakMap<GPUDevice, SharedDevice>();

/** The source of WebGPU outside browsers; `inkling/node` sets Dawn's. */
let gpuSource: GpuSource | undefined;

type GpuSource = () => Promise<GPU | undefined>;

/** Sets the source of WebGPU outside browsers. Returns the one before. */
export function setGpuSource(source: GpuSource | undefined): GpuSource | undefined {
  const before = gpuSource;
  gpuSource = source;
  return before;
}

/** Takes a device for a session. @throws DeviceError with the reason why there is none. */
export async function takeDevice(options: DeviceOptions): Promise<SharedDevice> {
  if (options.device !== undefined) {
    const known =
      ofCallers.get(options.device) ??
      new SharedDevice(options.device, describe(options.device.adapterInfo), { owned: false, lingers: true });
    ofCallers.set(options.device, known);
    return known.take();
  }
  if (options.adapter !== undefined) return (await requestDevice(options.adapter, { lingers: false })).take();
  // The shared device may be released or lost during the wait: another attempt requests a new one. A device that is lost at once
  // ends it.
  for (let attempts = 1; ; attempts++) {
    const device = await (shared ?? openShared(options.powerPreference));
    if (device.fault === undefined || attempts === 3) return device.take();
  }
}

/** Closes the shared device, if there is one, as soon as no session uses it. */
export async function releaseSharedDevice(): Promise<void> {
  const device = await shared?.catch(() => undefined);
  device?.retire();
}

function openShared(powerPreference: 'low-power' | 'high-performance' | undefined): Promise<SharedDevice> {
  const opening = requestAdapter(powerPreference).then((adapter) => requestDevice(adapter, { lingers: true }));
  shared = opening;
  const forget = (): void => {
    if (shared === opening) shared = undefined;
  };
  opening.then((device) => {
    device.onLost.add(forget);
  }, forget);
  return opening;
}

async function requestAdapter(powerPreference: 'low-power' | 'high-performance' | undefined): Promise<GPUAdapter> {
  const gpu = (await gpuSource?.()) ?? (globalThis.navigator as Navigator | undefined)?.gpu;
  if (gpu === undefined) throw (await import('./no-device.ts')).noGpu();
  const adapter = await gpu.requestAdapter(powerPreference === undefined ? {} : { powerPreference });
  if (adapter === null) throw (await import('./no-device.ts')).noAdapter();
  return adapter;
}

async function requestDevice(adapter: GPUAdapter, { lingers }: { readonly lingers: boolean }): Promise<SharedDevice> {
  const requiredLimits = Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name));
  const attempt = (descriptor: GPUDeviceDescriptor): Promise<GPUDevice> => adapter.requestDevice(descriptor);
  try {
    const device = await attempt({ requiredLimits, requiredFeatures }).catch(() => attempt({}));
    return new SharedDevice(device, describe(adapter.info), { owned: true, lingers });
  } catch (cause) {
    throw (await import('./no-device.ts')).noDevice(cause);
  }
}

function describe(info: GPUAdapterInfo | undefined): AdapterDescription {
  const { vendor = '', architecture = '', description = '' } = info ?? {};
  const software = info?.isFallbackAdapter === true || SOFTWARE.test(`${vendor} ${architecture} ${description}`);
  return { vendor, architecture, description, class: software ? 'software' : 'gpu' };
}
