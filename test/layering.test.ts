/**
 * Allowed imports between layers (docs/design.md), checked by reading the imports of every source, type imports included.
 */
import { expect, test } from 'vitest';
import { sourcesIn } from './tools/sources.ts';

const rooms = ['src/webgpu/lower', 'src/webgpu/schedule', 'src/webgpu/wgsl', 'src/webgpu/kernel'];

/** A layer is a folder or file of src/; what is not listed is forbidden, its own layer aside. */
const mayImport: Record<string, readonly string[]> = {
  'src/errors.ts': [],
  'src/checks.ts': ['src/errors.ts'],
  'src/print.ts': [],
  'src/next-task.ts': [],
  'src/graph': ['src/errors.ts', 'src/checks.ts', 'src/print.ts'],
  'src/ops': ['src/errors.ts', 'src/checks.ts', 'src/graph', 'shaders'],
  'src/optimizers': ['src/errors.ts', 'src/checks.ts', 'src/print.ts', 'src/graph', 'src/ops'],
  'src/data': ['src/errors.ts', 'src/checks.ts', 'src/print.ts', 'src/next-task.ts', 'src/formats', 'src/graph'],
  'src/compile': ['src/errors.ts', 'src/graph'],
  'src/cpu': ['src/errors.ts', 'src/next-task.ts', 'src/graph', 'src/compile'],
  'src/webgpu': [
    'src/errors.ts',
    'src/checks.ts',
    'src/graph',
    'src/compile',
    'src/webgpu/plan.ts',
    ...rooms,
    'src/webgpu/device',
  ],
  'src/webgpu/plan.ts': ['src/errors.ts', 'src/graph', 'src/compile'],
  'src/webgpu/lower': ['src/graph', 'src/compile'],
  'src/webgpu/schedule': ['src/graph', 'src/compile', 'src/webgpu/plan.ts', 'src/webgpu/lower'],
  'src/webgpu/wgsl': ['src/errors.ts', 'src/graph', 'src/compile', 'src/webgpu/plan.ts', 'src/webgpu/lower', 'shaders'],
  'src/webgpu/kernel': [
    'src/errors.ts',
    'src/graph',
    'src/compile',
    'src/webgpu/plan.ts',
    ...rooms.slice(0, 3),
    'shaders',
  ],
  'src/webgpu/device': [
    'src/errors.ts',
    'src/next-task.ts',
    'src/graph',
    'src/compile',
    'src/webgpu/plan.ts',
    'shaders',
  ],
  'src/formats': ['src/errors.ts', 'src/checks.ts', 'src/graph'],
  'src/session': [
    'src/errors.ts',
    'src/checks.ts',
    'src/print.ts',
    'src/graph',
    'src/formats',
    'src/compile',
    'src/cpu',
    'src/webgpu',
  ],
  'src/index.ts': ['src/errors.ts', 'src/graph', 'src/ops', 'src/optimizers', 'src/compile', 'src/session'],
  'src/layers': [
    'src/checks.ts',
    'src/print.ts',
    'src/graph/ndarray.ts',
    'src/index.ts',
    'src/data/check-preprocessing.ts',
    'src/data/numbers.ts',
    'src/data/index.ts',
    'src/data/input.ts',
    'src/data/picture.ts',
    'src/data/resample.ts',
    'src/formats',
    'src/session/run.ts',
  ],
  'src/node.ts': ['src/errors.ts', 'src/index.ts', 'src/data', 'src/webgpu/device'],
  // The pad puts its strokes in place without what tells ink from paper in photographs.
  'src/elements': [
    'src/checks.ts',
    'src/index.ts',
    'src/data/index.ts',
    'src/data/digit/fit.ts',
    'src/data/preprocessing.ts',
    'src/layers/index.ts',
  ],
};

/** Packages, and the layers that may import them. */
const mayUse: Record<string, readonly string[]> = {
  fflate: ['src/data'],
  lit: ['src/elements'],
  sharp: ['src/node.ts'],
  webgpu: ['src/node.ts'],
  'node:*': ['src/node.ts'],
};

const namesGpuTypes = ['src/webgpu', 'src/session/create-session.ts', 'src/node.ts'];

const sources = sourcesIn('src');
const isUnder = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const layerOf = (path: string): string | undefined =>
  Object.keys(mayImport)
    .filter((layer) => isUnder(path, layer))
    .sort((a, b) => b.length - a.length)[0];
const isLocal = (name: string): boolean => isUnder(name, 'src') || isUnder(name, 'shaders');
const packageOf = (name: string): string => (name.startsWith('node:') ? 'node:*' : (name.split('/')[0] ?? name));

test('every source has a layer, and imports from its own and those it may', () => {
  expect(sources.filter(({ path }) => layerOf(path) === undefined)).toEqual([]);
  const violations = sources.flatMap(({ path, imports }) => {
    const layer = layerOf(path) ?? '';
    const allowed = mayImport[layer] ?? [];
    const isAllowed = (name: string): boolean =>
      isLocal(name)
        ? [layer, ...allowed].includes(layerOf(name) ?? '') ||
          allowed.some((entry) => entry === name || (entry === 'shaders' && isUnder(name, entry)))
        : (mayUse[packageOf(name)] ?? []).includes(layer);
    return imports.filter((name) => !isAllowed(name)).map((name) => `${path} imports ${name}`);
  });
  expect(violations).toEqual([]);
});

test('only the WebGPU backend and the session that is handed a device name GPU types', () => {
  const naming = sources.filter(({ identifiers }) => [...identifiers].some((name) => /^GPU[A-Z]/.test(name)));
  expect(naming.map(({ path }) => path).filter((path) => !namesGpuTypes.some((layer) => isUnder(path, layer)))).toEqual(
    [],
  );
});

test('only the device takes the text out of finished WGSL, and the compiler finds nothing out from text', () => {
  const printer = 'src/graph/snippet.ts';
  const reading = sources.filter(({ path, identifiers }) => path !== printer && identifiers.has('wgslText'));
  expect(reading.map(({ path }) => path)).toEqual(['src/webgpu/device/shared-device.ts']);
  const searches = ['RegExp', 'match', 'matchAll', 'replace', 'replaceAll', 'search', 'exec', 'test'];
  const compiler = sources.filter(
    ({ path }) => isUnder(path, printer) || (isUnder(path, 'src/webgpu') && !isUnder(path, 'src/webgpu/device')),
  );
  expect(compiler.length).toBeGreaterThan(20);
  const searching = compiler.filter(
    ({ identifiers, hasPatterns }) => hasPatterns || searches.some((name) => identifiers.has(name)),
  );
  expect(searching.map(({ path }) => path)).toEqual([]);
});

test('ops are compared by identity, never by name', () => {
  expect(sources.filter(({ comparesOpNames }) => comparesOpNames).map(({ path }) => path)).toEqual([]);
});

test('nothing counts on globals that Node lacks', () => {
  const globals = ['GPUBufferUsage', 'GPUMapMode', 'GPUShaderStage', 'GPUTextureUsage', 'GPUColorWrite'];
  expect(sources.filter(({ identifiers }) => globals.some((name) => identifiers.has(name)))).toEqual([]);
});

test('there are no import cycles', () => {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports]));
  const cycles: string[] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (finished.has(path) || trail.includes(path)) return;
    for (const next of importsOf.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const { path } of sources) visit(path, []);
  expect(cycles).toEqual([]);
});

test.each(['demo', 'examples'])('%s/ imports the package as a stranger would', (folder) => {
  const reaching = sourcesIn(folder).flatMap(({ path, imports }) =>
    imports.filter((name) => isLocal(name) || name.startsWith('..')).map((name) => `${path} imports ${name}`),
  );
  expect(reaching).toEqual([]);
});
