// Reductions by row: R rows of C elements each, one invocation per row.
//
// Reductions (sums, maxima, arg max) and the elementwise work around them are generated into one hook, with one pass over the
// row for each reduction that depends on another. The file itself computes a typical use, softmax:
// y[r, c] = exp(x[r, c] - max_c x) / Σ_c exp(x[r, c] - max_c x), which is stable for logits of any size.

override R: u32 = 8u;
override C: u32 = 10u;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

// hook: all of row r
fn finishRow(r: u32) {
  var largest = x[r * C];
  for (var c = 1u; c < C; c++) {
    largest = max(largest, x[r * C + c]);
  }
  var sum = 0.0;
  for (var c = 0u; c < C; c++) {
    sum += exp(x[r * C + c] - largest);
  }
  for (var c = 0u; c < C; c++) {
    y[r * C + c] = exp(x[r * C + c] - largest) / sum;
  }
}

fn run(id: u32) {
  if (id < R) {
    finishRow(id);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  run(id.x);
}
