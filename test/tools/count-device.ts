/**
 * A GPUDevice that counts calls, for use as a session's own `device`.
 */

/** Calls so far; `live` counts buffers made and not destroyed. */
export interface Counts {
  buffers: number;
  live: number;
  bindGroups: number;
  pipelines: number;
  writes: number;
  submits: number;
  dispatches: number;
  /** Copies from buffer to buffer. */
  copies: number;
  maps: number;
}

/** `device`, counted: everything else about it stays as it is. */
export function countDevice(device: GPUDevice): { readonly device: GPUDevice; readonly counts: Counts } {
  const counts: Counts = {
    buffers: 0,
    live: 0,
    bindGroups: 0,
    pipelines: 0,
    writes: 0,
    submits: 0,
    dispatches: 0,
    copies: 0,
    maps: 0,
  };
  const queue = before(device.queue, {
    writeBuffer: () => counts.writes++,
    submit: () => counts.submits++,
  });
  const counted = before(device, {
    createBindGroup: () => counts.bindGroups++,
    createComputePipeline: () => counts.pipelines++,
    createComputePipelineAsync: () => counts.pipelines++,
  });
  const proxy = new Proxy(counted, {
    get(target, name, receiver) {
      if (name === 'queue') return queue;
      if (name === 'createBuffer') return (descriptor: GPUBufferDescriptor) => countBuffer(device, descriptor, counts);
      if (name === 'createCommandEncoder') return () => countEncoder(device.createCommandEncoder(), counts);
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { device: proxy, counts };
}

/** What happened between two looks at the counts. */
export function since(before: Counts, now: Counts): Counts {
  return Object.fromEntries(
    Object.entries(now).map(([name, count]) => [name, count - before[name as keyof Counts]]),
  ) as unknown as Counts;
}

/** A view of a native object that notes calls of some methods; methods run on the object itself. */
function before<T extends object>(native: T, notes: Readonly<Record<string, () => void>>): T {
  return new Proxy(native, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (typeof name === 'string') notes[name]?.();
        return Reflect.apply(value, target, args);
      };
    },
  });
}

function countBuffer(device: GPUDevice, descriptor: GPUBufferDescriptor, counts: Counts): GPUBuffer {
  const buffer = device.createBuffer(descriptor);
  const destroy = buffer.destroy.bind(buffer);
  const map = buffer.mapAsync.bind(buffer);
  let live = true;
  buffer.mapAsync = (...args) => {
    counts.maps++;
    return map(...args);
  };
  counts.buffers++;
  counts.live++;
  buffer.destroy = () => {
    if (live) counts.live--;
    live = false;
    destroy();
  };
  return buffer;
}

function countEncoder(encoder: GPUCommandEncoder, counts: Counts): GPUCommandEncoder {
  const begin = encoder.beginComputePass.bind(encoder);
  const copy = encoder.copyBufferToBuffer.bind(encoder) as (...args: unknown[]) => undefined;
  encoder.copyBufferToBuffer = (...args: unknown[]) => {
    counts.copies++;
    return copy(...args);
  };
  encoder.beginComputePass = (...args) => {
    const pass = begin(...args);
    const dispatch = pass.dispatchWorkgroups.bind(pass);
    pass.dispatchWorkgroups = (...sizes) => {
      counts.dispatches++;
      dispatch(...sizes);
    };
    return pass;
  };
  return encoder;
}
