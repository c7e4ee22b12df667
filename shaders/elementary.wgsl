// Elementary functions with exact special cases: NaN, infinities, zero divisors, and results near zero.
//
// WGSL lets an implementation assume that NaN and infinities never occur, leaves a division by zero undefined, and bounds the
// error of log, tanh and pow in absolute terms only. So NaN is detected by its bits, special results are selected as integers,
// and the functions are computed from products, sums and polynomials: within 1e-6 of the result on any adapter that respects
// WGSL's bounds for + - * /. A kernel gets the functions that its ops name, and the functions that these call.
// Functions of a single op are in files of their own: power, sqrt, normal, tanh, sigmoid, softplus.
//
// Polynomials are minimax fits of the relative error (Lawson's iteration, in float64). 2ⁿ is applied in two factors, since n
// exceeds the exponents of normal numbers. ln 2 is 0.693145752 + 1.42860677e-6: a product of the first part and a whole
// number of up to nine bits is exact (Cody and Waite, "Software manual for the elementary functions", 1980).

fn isNan(x: f32) -> bool {
  return (bitcast<i32>(x) & 0x7fffffff) > 0x7f800000;
}

// true if neither is NaN.
fn comparable(a: f32, b: f32) -> bool {
  return max(bitcast<i32>(a) & 0x7fffffff, bitcast<i32>(b) & 0x7fffffff) <= 0x7f800000;
}

// y, but NaN where x is.
fn keepNan(y: f32, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<i32>(y), bitcast<i32>(x), isNan(x)));
}

// The greater of two; NaN if either is.
fn larger(a: f32, b: f32) -> f32 {
  let top = max(bitcast<i32>(a) & 0x7fffffff, bitcast<i32>(b) & 0x7fffffff);
  return bitcast<f32>(select(bitcast<i32>(max(a, b)), top, top > 0x7f800000));
}

// The lesser of two; NaN if either is.
fn smaller(a: f32, b: f32) -> f32 {
  let top = max(bitcast<i32>(a) & 0x7fffffff, bitcast<i32>(b) & 0x7fffffff);
  return bitcast<f32>(select(bitcast<i32>(min(a, b)), top, top > 0x7f800000));
}

// true if `a` replaces the greatest so far; the first NaN replaces any number and stays.
fn displaces(a: f32, best: f32) -> bool {
  return (isNan(a) | (a > best)) & !isNan(best);
}

fn divide(a: f32, b: f32) -> f32 {
  let magnitude = bitcast<u32>(a) & 0x7fffffffu;
  let infinity = ((bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u) | 0x7f800000u;
  let byZero = select(infinity, 0x7fc00000u, (magnitude == 0u) | (magnitude > 0x7f800000u));
  return bitcast<f32>(select(bitcast<u32>(a / b), byZero, (bitcast<u32>(b) & 0x7fffffffu) == 0u));
}

// eʳ · 2ⁿ for |r| up to ln 2 / 2.
fn scaledExponential(r: f32, n: i32) -> f32 {
  var p = fma(0.00138368371, r, 0.00837482209);
  p = fma(p, r, 0.0416682261);
  p = fma(p, r, 0.166664201);
  p = fma(p, r, 0.499999921);
  p = fma(p, r, 1.0);
  p = fma(p, r, 1.0);
  let half = n >> 1u;
  return p * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((n - half + 127) << 23u);
}

// Subtracts the parts of n · ln 2 one by one. With the same n for both, a compiler may add the constants (seen: Mesa's) and lose
// two digits.
fn exponential(x: f32) -> f32 {
  let t = clamp(x, -104.0, 89.0);
  let n = round(t * 1.44269504);
  let whole = i32(n);
  let y = scaledExponential(fma(f32(whole), -1.42860677e-6, fma(n, -0.693145752, t)), whole);
  return keepNan(bitcast<f32>(select(bitcast<i32>(y), 0x7f800000, x > 88.7228394)), x);
}

// (2 artanh s) for |s| up to 0.1716, where (1 + s) / (1 - s) goes from 1/√2 to √2.
fn twiceArtanh(s: f32) -> f32 {
  let z = s * s;
  return 2.0 * fma(s * z, fma(fma(0.149628897, z, 0.199873951), z, 0.33333408), s);
}

// The exponent e and the mantissa m, from 1/√2 to √2, of x = m · 2ᵉ > 0. The bits of a denormal number count units of 2⁻¹⁴⁹.
fn exponentOf(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  let denormal = bits < 0x00800000;
  let normal = select(bits, bitcast<i32>(f32(bits)), denormal);
  return ((normal - 0x3f3504f3) >> 23u) - select(0, 149, denormal);
}

fn mantissaOf(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let normal = select(bits, bitcast<i32>(f32(bits)), bits < 0x00800000);
  return bitcast<f32>(normal - (((normal - 0x3f3504f3) >> 23u) << 23u));
}

fn logarithm(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let m = mantissaOf(x);
  let e = f32(exponentOf(x));
  let y = fma(e, 0.693145752, fma(e, 1.42860677e-6, twiceArtanh((m - 1.0) / (m + 1.0))));
  let positive = select(bitcast<i32>(y), bits, bits >= 0x7f800000);
  let ofZero = -8388608; // the bits of -∞
  return bitcast<f32>(select(select(positive, 0x7fc00000, bits < 0), ofZero, (bits & 0x7fffffff) == 0));
}
