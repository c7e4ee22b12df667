/** Programs of a worker and of Node that compile against the packed package, without the types of a page. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const typeRoots = [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))];

/** Compiler options of each kind of program. */
export const kinds = {
  'in a worker': { lib: ['ES2022', 'WebWorker'], types: [] },
  'in Node': { lib: ['ES2023'], types: ['node'], typeRoots },
} as const;

/** Compiles a program in an app; returns the compiler's messages, '' if there are none. */
export function compile(app: string, program: string, options: object): string {
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    ...options,
  };
  writeFileSync(join(app, 'program.ts'), program);
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  return spawnSync(process.execPath, [tsc, '-p', app, '--pretty', 'false'], { encoding: 'utf8' }).stdout;
}
