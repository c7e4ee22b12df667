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
  /** Set where it compares `….op.name`. */
  readonly comparesOpNames: boolean;
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
  let [hasPatterns, comparesOpNames] = [false, false];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const isOpName = (node: ts.Node): boolean =>
    ts.isPropertyAccessExpression(node) && node.name.text === 'name' && /\bop$/.test(node.expression.getText(file));
  const collect = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) identifiers.add(node.text);
    hasPatterns ||= ts.isRegularExpressionLiteral(node);
    comparesOpNames ||=
      ts.isBinaryExpression(node) &&
      [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken].includes(
        node.operatorToken.kind,
      ) &&
      (isOpName(node.left) || isOpName(node.right));
    ts.forEachChild(node, collect);
  };
  collect(file);
  return { path, imports: imports.map((name) => resolveImport(path, name)), identifiers, hasPatterns, comparesOpNames };
}

const resolveImport = (from: string, name: string): string =>
  name.startsWith('.') ? posix.join(posix.dirname(from), name) : name;
