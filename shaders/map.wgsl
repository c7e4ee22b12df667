// Elementwise map: SIZE elements, one invocation per element; the expressions are generated into the hook.
//
// The file itself computes a typical map, a step of gradient descent: w ← w - rate · dw.

override SIZE: u32 = 8u;
override RATE: f32 = 0.01;

@group(0) @binding(0) var<storage, read> dw: array<f32>;
@group(0) @binding(1) var<storage, read_write> w: array<f32>;

// hook: all of element i
fn finish(i: u32) {
  w[i] = w[i] - RATE * dw[i];
}

fn run(id: u32) {
  if (id < SIZE) {
    finish(id);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  run(id.x);
}
