/**
 * The reasons why there is no device, for people. Loaded where they are needed.
 */
import { DeviceError } from '../../errors.ts';

export function noGpu(): DeviceError {
  const insecure = (globalThis.isSecureContext as boolean | undefined) === false;
  return new DeviceError(
    insecure
      ? 'WebGPU needs a secure page: serve it over https or from localhost.'
      : "There is no WebGPU here: use a browser that has it (Chrome or Edge 113, Safari 26, Firefox 141), in Node import 'inkling/node' with the package webgpu installed. backend: 'cpu' works without.",
  );
}

export function noAdapter(): DeviceError {
  return new DeviceError(
    "WebGPU found no adapter: the GPU or its driver is blocked or missing (see chrome://gpu; in Node, VK_ICD_FILENAMES names the Vulkan driver). backend: 'cpu' works without.",
  );
}

export function noDevice(cause: unknown): DeviceError {
  return new DeviceError(
    "requestDevice failed: an adapter yields one device. Request another adapter, or reload the page. backend: 'cpu' works without.",
    { cause },
  );
}
