/**
 * Finds a device for a session: the caller's, one of the caller's adapter, or the one that all other sessions share.
 */
import { DeviceError } from '../../errors.ts';
import type { AdapterDescription } from '../../compile/backend.ts';
import { SharedDevice } from './shared-device.ts';

export interface DeviceOptions {
  readonly device?: GPUDevice | undefined;
  readonly adapter?: GPUAdapter | undefined;
  readonly powerPreference?: GPUPowerPreference | undefined;
}

/** Limits worth asking for beyond the defaults: how much fits at once. */
const WANTED_LIMITS = ['maxStorageBufferBindingSize', 'maxBufferSize'] as const;

/** Features worth asking for: a clock, to profile by, and values swapped between invocations. */
const WANTED_FEATURES = ['timestamp-query', 'subgroups'] as const;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/** The device that sessions without one of their own share. */
let shared: Promise<SharedDevice> | undefined;
/** Kept as long as their devices, however many sessions come and go. */
const ofCallers = new WeakMap<GPUDevice, SharedDevice>();

/** Where to find `navigator.gpu`; `inkling/node` puts Dawn's here. */
let gpuSource: (() => Promise<GPU | undefined>) | undefined;

/** Sets where WebGPU comes from outside browsers. */
export function setGpuSource(source: () => Promise<GPU | undefined>): void {
  gpuSource = source;
}

/** A device for one more session. @throws DeviceError that says why there is none. */
export async function takeDevice(options: DeviceOptions): Promise<SharedDevice> {
  if (options.device !== undefined) {
    const known =
      ofCallers.get(options.device) ?? new SharedDevice(options.device, describe(options.device.adapterInfo), false);
    ofCallers.set(options.device, known);
    return known.take();
  }
  if (options.adapter !== undefined) return (await requestDevice(options.adapter)).take();
  // Its last session may let go of it, or it may be lost, while we wait; a device lost at birth is not asked for forever.
  for (let attempts = 1; ; attempts++) {
    const device = await (shared ?? openShared(options.powerPreference));
    if (device.fault === undefined || attempts === 3) return device.take();
  }
}

function openShared(powerPreference: GPUPowerPreference | undefined): Promise<SharedDevice> {
  const opening = requestAdapter(powerPreference).then(requestDevice);
  shared = opening;
  const forget = (): void => {
    if (shared === opening) shared = undefined;
  };
  opening.then((device) => {
    device.whenGone.add(forget);
  }, forget);
  return opening;
}

async function requestAdapter(powerPreference: GPUPowerPreference | undefined): Promise<GPUAdapter> {
  const gpu = (await gpuSource?.()) ?? (globalThis.navigator as Navigator | undefined)?.gpu;
  if (gpu === undefined) {
    const insecure = (globalThis.isSecureContext as boolean | undefined) === false;
    throw new DeviceError(
      insecure
        ? 'WebGPU needs a secure page: serve it over https or from localhost.'
        : "There is no WebGPU here: use a browser that has it (Chrome or Edge 113, Safari 26, Firefox 141), in Node import 'inkling/node' with the package webgpu installed. backend: 'cpu' works without.",
    );
  }
  const adapter = await gpu.requestAdapter(powerPreference === undefined ? {} : { powerPreference });
  if (adapter === null) {
    throw new DeviceError(
      "WebGPU found no adapter: the GPU or its driver is blocked or missing (see chrome://gpu; in Node, VK_ICD_FILENAMES names the Vulkan driver). backend: 'cpu' works without.",
    );
  }
  return adapter;
}

async function requestDevice(adapter: GPUAdapter): Promise<SharedDevice> {
  const requiredLimits = Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name));
  const attempt = (descriptor: GPUDeviceDescriptor): Promise<GPUDevice> => adapter.requestDevice(descriptor);
  try {
    const device = await attempt({ requiredLimits, requiredFeatures }).catch(() => attempt({}));
    return new SharedDevice(device, describe(adapter.info), true);
  } catch (cause) {
    throw new DeviceError(
      "The adapter gave no device: each gives one. Request another adapter, or reload the page. backend: 'cpu' works without.",
      { cause },
    );
  }
}

function describe(info: GPUAdapterInfo | undefined): AdapterDescription {
  const { vendor = '', architecture = '', description = '' } = info ?? {};
  const software = info?.isFallbackAdapter === true || SOFTWARE.test(`${vendor} ${architecture} ${description}`);
  return { vendor, architecture, description, class: software ? 'software' : 'gpu' };
}
