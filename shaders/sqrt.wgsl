// The square root, with its special values: of a number below zero NaN; zero, infinity and NaN as they are. A library of
// functions that stands beside elementary.wgsl.

fn squareRoot(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let root = select(bitcast<i32>(sqrt(x)), 0x7fc00000, bits < 0);
  return bitcast<f32>(select(root, bits, ((bits & 0x7fffffff) == 0) | (bits >= 0x7f800000)));
}
