// eˣ - 1, exact near zero too. A library of functions that uses elementary.wgsl.

// Up to |x| = 0.35 by a polynomial, where the difference loses digits.
fn exponentialLess1(x: f32) -> f32 {
  var p = fma(0.00138368371, x, 0.00837482209);
  p = fma(p, x, 0.0416682261);
  p = fma(p, x, 0.166664201);
  p = fma(p, x, 0.499999921);
  let near = fma(x * x, p, x);
  let e = exponential(x);
  let isLarge = (bitcast<i32>(e) & 0x7fffffff) >= 0x4c000000; // 2²⁵, infinity, NaN
  let far = select(bitcast<i32>(e - 1.0), bitcast<i32>(e), isLarge);
  return bitcast<f32>(select(far, bitcast<i32>(near), (bitcast<i32>(x) & 0x7fffffff) < 0x3eb33333));
}
