/**
 * The plugin that reads `.wgsl` files: parsed parts, stripped parts, and refusals.
 */
import { expect, test } from 'vitest';
import { readShader, wgsl } from '../shaders/wgsl-plugin.ts';
import { name, type Snippet } from '../src/graph/snippet.ts';
import { fillTemplate, specialize } from '../src/webgpu/wgsl/specialize.ts';
import double from './tools/double.wgsl';

const text = `
// Scales: y = act(x * factor). /* not open
override SIZE: u32 = 0x40u; // threads
override FACTOR = -2.5e1;
override FAST: bool = true;
override TWICE: u32 = SIZE * 2u;
const ZERO = 0;
/* block /* nested */ still */
struct Shape {
  rows: u32, // rows
}
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage> x: array<f32>;
var<workgroup> tile: array<f32, SIZE>;

// hook: the activation
// of each element
@must_use
fn act(v: f32) -> f32 {
  return v - -1.0;
}

// helper, not a hook
fn plain(p: ptr<function, f32>) -> f32 { return 1.0 / *p; }

@compute @workgroup_size(SIZE, 2)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.rows) { return; }

  y[id.x] = act(x[id.x] * FACTOR);
}
`;

test('a shader is read: overrides, declarations, hooks, functions, bindings, workgroup size', () => {
  const shader = readShader('scale', text);
  expect(shader).toMatchObject({
    name: 'scale',
    overrides: { SIZE: 64, FACTOR: -25, FAST: 1 },
    declarations: 'SIZE FACTOR FAST TWICE ZERO Shape y shape x tile act plain main'.split(' '),
    hooks: ['act'],
    workgroupSize: ['SIZE', 2],
    bindings: [
      { name: 'shape', group: 0, binding: 0, kind: 'uniform' },
      { name: 'x', group: 0, binding: 1, kind: 'read' },
      { name: 'y', group: 0, binding: 2, kind: 'read_write' },
    ],
  });
  expect(Object.keys(shader.functions)).toEqual(['act', 'plain', 'main']);
  expect(shader.functions.act).toBe('@must_use\nfn act(v: f32) -> f32 {\n  return v - -1.0;\n}');
  for (const body of Object.values(shader.functions)) expect(shader.code).toContain(body);
  expect(shader.code).not.toMatch(/\/\/|\/\*|\n\n|nested|still/);
});

test('places that differ from kernel to kernel are marked: own names, loops to write out', () => {
  const kernel = `
    const TM: u32 = 4u;
    fn twice(x: f32) -> f32 { return 2.0 * x; }
    // hook: all of element i
    fn finish(i: u32) {
      var sum = x.TM;
      // unroll
      for (var j = 0u; j < TM; j++) { sum += twice(f32(j)); }
      for (var k = 0u; k < TM; k++) { sum += 1.0; }
    }
    @compute @workgroup_size(1) fn main() { finish(0u); }`;
  const { templates, functions } = readShader('marked', kernel, true);
  expect(Object.keys(templates)).toEqual(['twice', 'finish']);
  const unrolled = fillTemplate(templates.finish ?? '', 'k0_', { TM: 2 });
  const copies = [0, 1].map((j) => `{sum+=k0_twice(f32(${j}u));}`).join('\n');
  expect(unrolled).toBe(`fn k0_finish(i:u32){var sum=x.TM;${copies}for(var k=0u;k<k0_TM;k++){sum+=1.0;}}`);
  expect(functions.finish).toContain('for(var j=0u;j<TM;j++){');
  const uneven = kernel.replace('j < TM', 'j != TM');
  expect(() => readShader('marked', uneven)).toThrow('does not count from 0u up to a constant');
});

test('a kernel with a hook or a constant that its file lacks is refused', () => {
  const shader = readShader(
    'some',
    '// hook: all\nfn finish() {}\nconst N: u32 = 1u;\n@compute @workgroup_size(1) fn main() { finish(); }',
  );
  const specialized =
    (constants: Record<string, number>, hooks: Record<string, Snippet>): (() => Snippet) =>
    () =>
      specialize(shader, { prefix: 'k0_', constants, hooks });
  const body = name('() {}');
  expect(specialized({ N: 2 }, { finish: body })().key).toBe('const k0_N: u32 = 2u;\nfn k0_finish() {}');
  expect(specialized({ M: 2 }, {})).toThrow("some.wgsl has no hook or constant 'M'");
  expect(specialized({}, { main: body })).toThrow("some.wgsl has no hook or constant 'main'");
});

test('a variable that is a hook leaves the place of its type free', () => {
  const { pieces } = readShader('memory', '// hook: any length\nvar<private> x: array<u32, 4>;\nconst ONE = 1;');
  expect(pieces).toEqual(['var<private> x:', 'x', ';\nconst ONE = 1;\n']);
});

test('a library of functions has no entry point', () => {
  const shader = readShader('library', 'fn one() -> f32 { return 1.0; }');
  expect(shader).toMatchObject({ declarations: ['one'], workgroupSize: [], bindings: [], hooks: [] });
});

test('minified code keeps the white space that tokens need, and reads the same', () => {
  const plain = readShader('scale', text);
  const minified = readShader('scale', text, true);
  expect(minified.functions.act).toBe('@must_use fn act(v:f32)->f32{return v- -1.0;}');
  expect(minified.functions.plain).toContain('return 1.0/ *p;');
  expect(minified.code.length).toBeLessThan(plain.code.length * 0.9);
  const again = readShader('scale', minified.code, true);
  expect(again).toEqual({ ...minified, hooks: [] });
});

test('a shader that is broken or no kernel of ours is named', () => {
  expect(() => readShader('torn', 'fn f( {')).toThrow(/^torn\.wgsl does not parse/);
  expect(() => readShader('image', '@group(0) @binding(0) var t: texture_2d<f32>;')).toThrow(/^image\.wgsl: t/);
});

test('an import of a .wgsl file is a ShaderSource whose code holds its functions', () => {
  expect(wgsl().name).toBe('inkling:wgsl');
  expect(double).toMatchObject({ name: 'double', hooks: ['scale'], overrides: { SIZE: 64 }, workgroupSize: ['SIZE'] });
  expect(double.code).toContain(double.functions.main);
  expect(double.code).toContain(double.functions.scale);
});
