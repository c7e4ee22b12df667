/** Writes every module that golden.test.ts has hashes of: `node test/tools/run.js test/tools/write-modules.ts FOLDER`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modulesOf, programs } from '../webgpu/modules.ts';

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('name a folder to write to');

/** A name as that of a file. */
const plain = (name: string): string => name.replace(/[^\w]+/g, '-');

for (const [program, build] of Object.entries(programs)) {
  const path = join(folder, plain(program));
  mkdirSync(path, { recursive: true });
  for (const [target, modules] of Object.entries(modulesOf(build))) {
    const text = modules.map(({ name, code }) => `// ${name}\n${code}`).join('\n');
    writeFileSync(join(path, `${plain(target)}.wgsl`), text);
  }
}
