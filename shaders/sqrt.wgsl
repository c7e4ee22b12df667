// The square root with its special values: NaN below zero; zero, infinity and NaN unchanged. A library of functions that uses
// elementary.wgsl.

fn squareRoot(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let root = select(bitcast<i32>(sqrt(x)), 0x7fc00000, bits < 0);
  return bitcast<f32>(select(root, bits, ((bits & 0x7fffffff) == 0) | (bits >= 0x7f800000)));
}
