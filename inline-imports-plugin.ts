/** Vite plugin for a build of one file: modules that load when they are used stand in it like all others. */
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Files beside the one that is built: the modules, by their paths, that each exports. */
export type Beside = Readonly<Record<string, readonly string[]>>;

/**
 * Makes dynamic imports static, but for those of modules that have a file of their own `beside`. In one file they load nothing
 * later; the bundler would put each module they reach, and all that these modules import, in a function that runs on first use,
 * with a call of it wherever one imports another.
 */
export const inlineImports = (beside: Beside = {}): Plugin => ({
  name: 'inkling:inline-imports',
  apply: 'build',
  resolveId: (id) => (Object.keys(beside).some((file) => id === `./${file}`) ? { id, external: true } : undefined),
  // After TypeScript's types are gone: `import('./a.ts').A` may be a type.
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
 * The module with its own files' dynamic imports static, on the first line, so that no line moves.
 *
 * @param besideOf - The name of the file that an imported module has of its own, if any.
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
