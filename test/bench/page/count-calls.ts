/** Counts a page's calls of WebGPU by any library: its prototypes are wrapped for a while. */

/** What is counted, by the names of WebGPU's methods. */
export const counted = [
  'dispatchWorkgroups',
  'submit',
  'beginComputePass',
  'createBindGroup',
  'writeBuffer',
  'createBuffer',
] as const;

export type Calls = Record<(typeof counted)[number], number>;

/** How often each was called while `work` went on. */
export async function countCalls(work: () => Promise<unknown>): Promise<Calls> {
  const calls = Object.fromEntries(counted.map((name) => [name, 0])) as Calls;
  const restore = [
    wrap(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => calls.dispatchWorkgroups++),
    wrap(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', () => calls.dispatchWorkgroups++),
    wrap(GPUQueue.prototype, 'submit', () => calls.submit++),
    wrap(GPUQueue.prototype, 'writeBuffer', () => calls.writeBuffer++),
    wrap(GPUCommandEncoder.prototype, 'beginComputePass', () => calls.beginComputePass++),
    wrap(GPUDevice.prototype, 'createBindGroup', () => calls.createBindGroup++),
    wrap(GPUDevice.prototype, 'createBuffer', () => calls.createBuffer++),
  ];
  try {
    await work();
  } finally {
    for (const undo of restore) undo();
  }
  return calls;
}

/** Has `note` called before a method; what is returned undoes it. */
function wrap<T extends object>(prototype: T, name: keyof T, note: () => void): () => void {
  const native = prototype[name];
  if (typeof native !== 'function') throw new Error(`WebGPU has no ${String(name)}`);
  const wrapped = function (this: unknown, ...parameters: unknown[]): unknown {
    note();
    return Reflect.apply(native, this, parameters);
  };
  Object.assign(prototype, { [name]: wrapped });
  return () => Object.assign(prototype, { [name]: native });
}
