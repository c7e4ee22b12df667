/** Vite plugin for a build of one file: modules that load when they are used stand in it like all others. */
import type { Plugin } from 'vite';

/**
 * Makes dynamic imports static. In one file they load nothing later; the bundler would put each module they reach, and all
 * that these modules import, in a function that runs on first use, with a call of it wherever one imports another.
 */
export const inlineImports = (): Plugin => ({
  name: 'inkling:inline-imports',
  apply: 'build',
  // After TypeScript's types are gone: `import('./a.ts').A` may be a type.
  transform: {
    filter: { id: /\/src\/.*\.ts$/, code: 'import(' },
    handler: (code) => ({ code: withStaticImports(code), map: null }),
  },
});

/** The module with its own files' dynamic imports static, on the first line, so that no line moves. */
export function withStaticImports(code: string): string {
  const files: string[] = [];
  const body = code.replace(/(?<![.\w$])import\(\s*(['"]\.{1,2}\/[^'"]+['"])\s*\)/g, (_, file: string) => {
    if (!files.includes(file)) files.push(file);
    return `Promise.resolve(inlined${files.indexOf(file)})`;
  });
  return files.map((file, i) => `import * as inlined${i} from ${file}; `).join('') + body;
}
