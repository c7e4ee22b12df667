/**
 * Tries the package as a user gets it: packed, installed into an app for each bundler, built, and run in a browser.
 * README's first program has to print its accuracy. `npm run test:apps` prints a table, and fails if one of its rows does.
 */
import { execFileSync, execSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlers, vites, withDevServer, type Bundler } from './bundlers.ts';
import { accuracyIn, startBrowser, withFiles } from './page.ts';
import { compile, kinds } from './types.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The apps' folder, outside of the repository: esbuild and webpack would follow the paths in its tsconfig.json to the sources. */
const apps = mkdtempSync(join(tmpdir(), 'inkling-apps-'));
const [, program = ''] =
  /^## Call the engine$[^]*?```ts\n([^]*?)```/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];

/** Programs that do not load MNIST. */
const others = {
  'engine and layers': `
    import { createSession, placeholder, reduceSum } from 'inkling';
    import { createClassifier, dense, sequential } from 'inkling/layers';
    console.log(createSession, reduceSum(placeholder('x', [null, 2])), createClassifier, sequential({ input: [2], classes: 2, layers: [dense({ units: 2 })] }));`,
  'other data': `import { Dataset, loadIdx } from 'inkling/data'; console.log(Dataset.from, loadIdx);`,
};

const browser = await startBrowser();
const rows: { readonly app: string; readonly check: string; readonly result: string; readonly passed: boolean }[] = [];

async function check(app: string, name: string, work: () => Promise<string> | string): Promise<void> {
  const row = await Promise.resolve()
    .then(work)
    .then(
      (result) => ({ app, check: name, result, passed: true }),
      (error: unknown) => ({
        app,
        check: name,
        result: error instanceof Error ? error.message : String(error),
        passed: false,
      }),
    );
  rows.push(row);
  console.log(`${row.passed ? 'passed' : 'FAILED'}  ${app.padEnd(10)}  ${name.padEnd(40)}  ${row.result}`);
}

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Installs the packed package once; returns the function that makes an app with a copy. */
function install(): (name: string, main: string) => string {
  const template = join(apps, 'template');
  mkdirSync(template, { recursive: true });
  const npm = (cwd: string, command: string): string => execSync(`npm ${command}`, { cwd, encoding: 'utf8' });
  const tarball =
    npm(root, `pack --silent --pack-destination ${JSON.stringify(apps)}`)
      .trim()
      .split('\n')
      .at(-1) ?? '';
  writeFileSync(join(template, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  npm(template, `install --silent --no-audit --no-fund ${JSON.stringify(join(apps, tarball))}`);
  return (name, main) => {
    const app = join(apps, name.replace(/\W+/g, '-').toLowerCase());
    cpSync(template, app, { recursive: true });
    writeFileSync(join(app, 'main.js'), main);
    writeFileSync(join(app, 'index.html'), pageWith('/main.js'));
    return app;
  };
}

const pageWith = (script: string): string =>
  `<!doctype html><link rel="icon" href="data:," /><script type="module" src="${script}"></script>`;

/** Builds an app, with its page beside the script if the bundler writes none. */
async function build({ build, output }: Bundler, app: string): Promise<string> {
  await build(app);
  const folder = join(app, output);
  if (!existsSync(join(folder, 'index.html'))) writeFileSync(join(folder, 'index.html'), pageWith('/main.js'));
  return folder;
}

const accuracyOf = (folder: string): Promise<number | string> => withFiles(folder, (url) => accuracyIn(browser, url));

function right(accuracy: number | string): string {
  demand(typeof accuracy === 'number', String(accuracy));
  demand(accuracy > 0.905 && accuracy < 0.93, `The accuracy is ${accuracy}.`);
  return `${(100 * accuracy).toFixed(2)} %`;
}

/** Follows the remedy in the error of a program whose data were not copied. */
async function followRemedy(bundler: Bundler, app: string, error: string): Promise<string> {
  const [, copy, call] = /`(cp [^`]+)`.*`(loadMnist\([^`]+\))`/.exec(error) ?? [];
  demand(copy !== undefined && call !== undefined, `The error has no remedy: ${error}`);
  execSync(copy, { cwd: app });
  writeFileSync(join(app, 'main.js'), program.replace('loadMnist()', call));
  return right(await accuracyOf(await build(bundler, app)));
}

const dataIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.includes('ubyte') || file.endsWith('.gz'),
  );

demand(program.includes('loadMnist()'), "README's first program does not call loadMnist().");
const makeApp = install();

for (const [name, version] of Object.entries(vites)) {
  await check(`Vite ${version}`, 'in development', async () =>
    right(await withDevServer(name, makeApp(`${name} dev`, program), (url) => accuracyIn(browser, url))),
  );
}
for (const bundler of bundlers) {
  const app = makeApp(bundler.name, program);
  let error = '';
  await check(bundler.name, bundler.copies ? 'built' : 'built: an error with its remedy', async () => {
    const accuracy = await accuracyOf(await build(bundler, app));
    if (bundler.copies) return right(accuracy);
    error = String(accuracy);
    demand(/^DataError: .*-ubyte\.gz was not found/.test(error), error);
    return error;
  });
  if (!bundler.copies) await check(bundler.name, 'built, with the remedy', () => followRemedy(bundler, app, error));
  for (const [name, other] of Object.entries(others)) {
    if (bundler.copiesUnused && name === 'other data') continue; // README.md says so.
    await check(bundler.name, `no data for a program of ${name}`, async () => {
      const data = dataIn(await build(bundler, makeApp(`${bundler.name} ${name}`, other)));
      demand(data.length === 0, `It has ${data.join(', ')}.`);
      return 'none';
    });
  }
}
const plain = makeApp('plain', program);
for (const [kind, options] of Object.entries(kinds)) {
  await check('TypeScript', `types ${kind}, without the DOM library`, () => {
    const messages = compile(plain, program, options);
    demand(messages === '', messages);
    return 'compiles';
  });
}
await check('Node', 'inkling/mnist/* is exported', () => {
  const code = `console.log(import.meta.resolve('inkling/mnist/t10k-labels-idx1-ubyte.gz'))`;
  const url = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: plain,
    encoding: 'utf8',
  }).trim();
  demand(existsSync(new URL(url)), `There is no file at ${url}.`);
  return 'found';
});

await browser.close();
rmSync(apps, { recursive: true });
const failed = rows.filter(({ passed }) => !passed);
console.log(`\n${rows.length - failed.length} of ${rows.length} passed`);
process.exitCode = failed.length > 0 ? 1 : 0;
