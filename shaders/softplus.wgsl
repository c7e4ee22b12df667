// The smooth rectifier, in the form that neither overflows nor loses its tail. A library of functions that uses
// elementary.wgsl.

// ln(1 + e) for e from 0 to 1: 2 artanh(d / 2) with d = 2 e / (2 + e), so adding 1 loses no digits.
fn logarithmOf1Plus(e: f32) -> f32 {
  let d = e / fma(0.5, e, 1.0);
  let z = 0.25 * d * d;
  let p = fma(fma(fma(0.140891669, z, 0.139803015), z, 0.200124551), z, 0.333331573);
  return fma(d * z, p, d);
}

fn softPlus(x: f32) -> f32 {
  return max(x, 0.0) + logarithmOf1Plus(exponential(-abs(x)));
}
