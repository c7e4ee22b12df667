/** Vite plugin for a build of one file: makes dynamic imports static. */
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Separate files of the build, each with the paths of the modules that it exports. */
export type Beside = Readonly<Record<string, readonly string[]>>;

/**
 * Makes dynamic imports static, except imports of modules in separate files (`beside`). In one file they would load nothing
 * later, and the bundler would wrap each imported module and its dependencies in a function that runs on first use.
 */
export const inlineImports = (beside: Beside = {}): Plugin => ({
  name: 'inkling:inline-imports',
  apply: 'build',
  resolveId: (id) => (Object.keys(beside).some((file) => id === `./${file}`) ? { id, external: true } : undefined),
  // Runs after TypeScript's types are removed: `import('./a.ts').A` may be a type.
  transform: {
    filter: { id: /\/src\/.*\.ts$/, code: 'import(' },
    handler(code, id) {
      const besideOf = (file: string): string | undefined =>
        Object.keys(beside).find((name) => beside[name]?.includes(resolve(dirname(id), file)));
      return { code: withStaticImports(code, besideOf), map: null };
    },
  },
});

/**
 * The module with static imports instead of dynamic ones of relative paths, on the first line, so no line moves.
 *
 * @param besideOf - The name of the separate file of an imported module, if it has one.
 */
export function withStaticImports(
  code: string,
  besideOf: (file: string) => string | undefined = () => undefined,
): string {
  const files: string[] = [];
  const body = code.replace(
    /(?<![.\w$])import\(\s*(['"])(\.{1,2}\/[^'"]+)\1\s*\)/g,
    (_, quote: string, file: string) => {
      const beside = besideOf(file);
      if (beside !== undefined) return `import('./${beside}')`;
      const name = quote + file + quote;
      if (!files.includes(name)) files.push(name);
      return `Promise.resolve(inlined${files.indexOf(name)})`;
    },
  );
  return files.map((file, i) => `import * as inlined${i} from ${file}; `).join('') + body;
}
