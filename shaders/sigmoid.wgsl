// The logistic function, in the form that never overflows. A library of functions that uses elementary.wgsl.

fn logistic(x: f32) -> f32 {
  let e = exponential(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}
