// ln(1 + x), exact near zero too. A library of functions that uses elementary.wgsl.

// From 1/√2 to √2, ln(1 + x) is 2 artanh(x / (2 + x)), so adding 1 loses no digits.
fn logarithmOfSum(x: f32) -> f32 {
  let isLarge = (bitcast<i32>(x) & 0x7fffffff) >= 0x4c000000; // 2²⁵, infinity, NaN
  let sum = bitcast<f32>(select(bitcast<i32>(1.0 + x), bitcast<i32>(x), isLarge));
  let isNear = (bitcast<i32>(sum) > 0x3f3504f3) & (bitcast<i32>(sum) < 0x3fb504f3);
  let near = twiceArtanh(x / (2.0 + x));
  return bitcast<f32>(select(bitcast<i32>(logarithm(sum)), bitcast<i32>(near), isNear));
}
