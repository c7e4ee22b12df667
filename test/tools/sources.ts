/**
 * The sources for the gates: their files, imports and identifiers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import ts from 'typescript';
import { root } from '../../vite.config.ts';

/** A TypeScript file; paths are relative to the repository and use `/`. */
export interface SourceFile {
  readonly path: string;
  /** What it imports, `import type`, `export from` and `import()` included: a path in the repository, or a package. */
  readonly imports: readonly string[];
  readonly identifiers: ReadonlySet<string>;
  /** Set where it has a regular expression. */
  readonly hasPatterns: boolean;
}

export function sourcesIn(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((entry) => `${folder}/${entry.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .sort()
    .map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
  const identifiers = new Set<string>();
  let hasPatterns = false;
  const collect = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) identifiers.add(node.text);
    hasPatterns ||= ts.isRegularExpressionLiteral(node);
    ts.forEachChild(node, collect);
  };
  collect(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return { path, imports: imports.map((name) => resolveImport(path, name)), identifiers, hasPatterns };
}

const resolveImport = (from: string, name: string): string =>
  name.startsWith('.') ? posix.join(posix.dirname(from), name) : name;
