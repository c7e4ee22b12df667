/**
 * Shows what differs between the WGSL modules that two commits emit, or a commit and the working tree:
 *   node test/tools/diff-modules.js HEAD~1 [HEAD] [--stat]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [before, after, ...others] = process.argv.slice(2).filter((word) => word !== '--stat');
if (before === undefined || others.length > 0)
  throw new Error('name a commit, or two: node test/tools/diff-modules.js HEAD~1 HEAD');

const folder = mkdtempSync(join(tmpdir(), 'inkling-modules-'));
try {
  const left = modulesOf(before, 'before');
  const right = after === undefined ? written(root, 'after') : modulesOf(after, 'after');
  const options = process.argv.includes('--stat') ? ['--stat=160'] : [];
  const { status } = spawnSync('git', ['--no-pager', 'diff', '--no-index', ...options, left, right], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status === 0) console.log('The modules are the same.');
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  execFileSync('git', ['worktree', 'prune'], { cwd: root });
}

/**
 * The modules of a commit, made by its own sources and tests with the packages that are installed here.
 * @param {string} commit
 * @param {string} name
 */
function modulesOf(commit, name) {
  const tree = join(folder, `${name}-tree`);
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', tree, commit], { cwd: root, stdio: 'inherit' });
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  return written(tree, name);
}

/**
 * @param {string} tree
 * @param {string} name
 */
function written(tree, name) {
  const script = [join(tree, 'test/tools/run.js'), join(tree, 'test/tools/write-modules.ts'), join(folder, name)];
  execFileSync(process.execPath, script, { cwd: tree, stdio: 'inherit' });
  return name;
}
