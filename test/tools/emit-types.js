/**
 * Emits the published declarations. Sources import each other as `./x.ts`, and tsc leaves that in a `.d.ts`:
 * here it becomes `./x.js`, which every resolution of TypeScript understands. Declarations that are written by hand come along.
 *   node test/tools/emit-types.js dist/types
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const domNames = 'dom-names.d.ts';
const isEntry = /^src\/(?:\w+\/index|index|node)\.d\.ts$/;
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/**
 * Throws with tsc's messages if the sources do not compile.
 * @param {string} folder
 */
export function emitTypes(folder) {
  rmSync(folder, { recursive: true, force: true });
  const parameters = [tsc, '-p', 'tsconfig.types.json', '--noEmitOnError', '--outDir', resolve(folder)];
  const { status } = spawnSync(process.execPath, parameters, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('no types: the sources do not compile, see above');
  copyFileSync(join(root, 'src', domNames), join(folder, 'src', domNames));
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.d.ts')) continue;
    const file = join(folder, entry);
    const text = readFileSync(file, 'utf8').replace(
      /(\b(?:from|import)[ (]*['"]\.{1,2}\/[^'"]*)\.ts(?=['"])/g,
      '$1.js',
    );
    const names = relative(dirname(file), join(folder, 'src', domNames)).replaceAll('\\', '/');
    const reference = isEntry.test(entry.replaceAll('\\', '/')) ? `/// <reference path="${names}" />\n` : '';
    writeFileSync(file, reference + text);
  }
}

const [, script, folder] = process.argv;
if (script === fileURLToPath(import.meta.url)) emitTypes(folder ?? join(root, 'dist/types'));
