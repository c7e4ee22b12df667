// The logistic function, in the form that overflows on neither side. A library of functions that stands beside
// elementary.wgsl.

fn logistic(x: f32) -> f32 {
  let e = exponential(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}
