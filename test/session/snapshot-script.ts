/** Continues from the snapshots in a folder, in a process of its own. Run by snapshot.gpu.test.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSession } from '../../src/node.ts';
import { data, dropoutProgram, optimizers } from './snapshot-programs.ts';

const [, , backend, folder = ''] = process.argv;
const results: Record<string, number[]> = {};
for (const name of Object.keys(optimizers) as (keyof typeof optimizers)[]) {
  const { step, kept } = dropoutProgram(name);
  const session = await createSession({ backend: backend === 'cpu' ? 'cpu' : 'webgpu' });
  await session.restore(readFileSync(join(folder, `${name}.safetensors`)));
  const options = { steps: 500, batchSize: 7, data };
  for await (const { step: at } of session.train(step, options)) if (at < 501) throw new Error(`began at ${at}`);
  const values = await Promise.all(kept.map((variable) => session.get(variable)));
  results[name] = values.flatMap(({ data }) => [...new Uint32Array(data.buffer)]);
  session.dispose();
}
writeFileSync(join(folder, 'bits.json'), JSON.stringify(results));
