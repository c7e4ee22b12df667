/**
 * A device of the page's own: Inkling works on the `GPUDevice` on which the page draws or computes, and leaves it as it was.
 *   npm run examples
 */
import { add, createSession, gradientDescent, mul, placeholder, reduceMean, square, sub, variable } from 'inkling';

const show = (line: string): void => document.querySelector('pre')?.append(line, '\n');

const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;
if (!adapter) throw new Error('This page needs WebGPU.');
const device = await adapter.requestDevice();

// A line through points: y = 3x − 1.
const x = placeholder('x', [null]);
const y = placeholder('y', [null]);
const slope = variable('slope', 0);
const intercept = variable('intercept', 0);
const loss = reduceMean(square(sub(add(mul(x, slope), intercept), y)));
const step = gradientDescent(0.5).minimize(loss);
const xs = Array.from({ length: 64 }, (_, i) => i / 64);
const feeds = { x: xs, y: xs.map((x) => 3 * x - 1) };

const session = await createSession({ device });
for (let i = 0; i < 200; i++) await session.run(step, feeds);
show(`slope ${String(await session.get(slope))}, intercept ${String(await session.get(intercept))}`);
session.dispose();

// The device is still the page's, for passes of its own: Inkling neither destroys nor replaces it.
device.queue.submit([device.createCommandEncoder().finish()]);
await device.queue.onSubmittedWorkDone();
show('The device works on.');
