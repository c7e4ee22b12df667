// Doubles every element: y[i] = 2 x[i]. The smallest kernel there is, to try an adapter and the plugin with.
override SIZE: u32 = 64u;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

// hook: what becomes of an element
fn scale(v: f32) -> f32 {
  return 2.0 * v;
}

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&x)) {
    y[id.x] = scale(x[id.x]);
  }
}
