// Elementary functions where WGSL promises too little: NaN, infinities and zero divisors, and results near zero.
//
// WGSL lets an implementation assume that NaN and infinities never occur, leaves a division by zero open, and bounds the error
// of log, tanh and pow in absolute terms only. So NaN is found by its bits, special results are made as bits and chosen
// between integers, and the functions are computed from products, sums and polynomials: within 1e-6 of the result on any
// adapter that keeps WGSL's bounds for + - * / (pow 1e-5, where the logarithm of the result is large). A kernel gets the functions that its ops name, and those that they call.
//
// Polynomials are minimax fits of the relative error (Lawson's iteration, in float64). 2ⁿ is applied in two factors, since n
// goes beyond the exponents of normal numbers. ln 2 is 0.693145752 + 1.42860677e-6: a product of the first part with a whole
// number of up to nine bits is exact (Cody and Waite, "Software manual for the elementary functions", 1980).

fn isNan(x: f32) -> bool {
  return (bitcast<i32>(x) & 0x7fffffff) > 0x7f800000;
}

// Whether neither is NaN.
fn comparable(a: f32, b: f32) -> bool {
  return max(bitcast<i32>(a) & 0x7fffffff, bitcast<i32>(b) & 0x7fffffff) <= 0x7f800000;
}

// y, but NaN where x is.
fn keepNan(y: f32, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<i32>(y), bitcast<i32>(x), isNan(x)));
}

// The greater of two; NaN if one is.
fn larger(a: f32, b: f32) -> f32 {
  let top = max(bitcast<i32>(a) & 0x7fffffff, bitcast<i32>(b) & 0x7fffffff);
  return bitcast<f32>(select(bitcast<i32>(max(a, b)), top, top > 0x7f800000));
}

// The lesser of two; NaN if one is.
fn smaller(a: f32, b: f32) -> f32 {
  let top = max(bitcast<i32>(a) & 0x7fffffff, bitcast<i32>(b) & 0x7fffffff);
  return bitcast<f32>(select(bitcast<i32>(min(a, b)), top, top > 0x7f800000));
}

// Whether `a` displaces the greatest so far; the first NaN displaces any number and stays.
fn displaces(a: f32, best: f32) -> bool {
  return (isNan(a) | (a > best)) & !isNan(best);
}

fn divide(a: f32, b: f32) -> f32 {
  let magnitude = bitcast<u32>(a) & 0x7fffffffu;
  let infinity = ((bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u) | 0x7f800000u;
  let byZero = select(infinity, 0x7fc00000u, (magnitude == 0u) | (magnitude > 0x7f800000u));
  return bitcast<f32>(select(bitcast<u32>(a / b), byZero, (bitcast<u32>(b) & 0x7fffffffu) == 0u));
}

fn squareRoot(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let root = select(bitcast<i32>(sqrt(x)), 0x7fc00000, bits < 0);
  return bitcast<f32>(select(root, bits, ((bits & 0x7fffffff) == 0) | (bits >= 0x7f800000)));
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

// The parts of n · ln 2 are taken away one by one; were both written with the same n, a compiler might add up the constants
// (seen: Mesa's), and lose two digits.
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

// The exponent e and the mantissa m from 1/√2 to √2 of x > 0, which is m · 2ᵉ. A denormal number's bits count units of 2⁻¹⁴⁹.
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

// ln(1 + e) for e from 0 to 1: 2 artanh(d / 2) with d = 2 e / (2 + e), so that nothing is lost beside the 1.
fn logarithmOf1Plus(e: f32) -> f32 {
  let d = e / fma(0.5, e, 1.0);
  let z = 0.25 * d * d;
  let p = fma(fma(fma(0.140891669, z, 0.139803015), z, 0.200124551), z, 0.333331573);
  return fma(d * z, p, d);
}

fn softPlus(x: f32) -> f32 {
  return max(x, 0.0) + logarithmOf1Plus(exponential(-abs(x)));
}

fn logistic(x: f32) -> f32 {
  let e = exponential(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

fn hyperbolicTangent(x: f32) -> f32 {
  let z = x * x;
  var p = fma(-0.00571704389, z, 0.0206505862);
  p = fma(p, z, -0.0537434977);
  p = fma(p, z, 0.133314913);
  p = fma(p, z, -0.333332839);
  let y = 1.0 - 2.0 / (exponential(min(2.0 * abs(x), 40.0)) + 1.0);
  return keepNan(select(select(y, -y, x < 0.0), fma(x * z, p, x), abs(x) < 0.625), x);
}

// e^(x²) · erfc x for x >= 0, as t · Q(t) with t = 1 / (1 + 0.4 x).
fn scaledErfc(x: f32) -> f32 {
  let t = 1.0 / fma(0.4, x, 1.0);
  var q = fma(0.0412530635, t, -0.140319351);
  q = fma(q, t, 0.0839875174);
  q = fma(q, t, 0.087964085);
  q = fma(q, t, 0.0797566597);
  q = fma(q, t, 0.19339314);
  q = fma(q, t, 0.201887607);
  q = fma(q, t, 0.226443109);
  return t * fma(q, t, 0.225634231);
}

// e^(-x² · scale). The square is made in two parts: where it is large, its rounding would show.
fn gaussian(x: f32, scale: f32) -> f32 {
  let a = clamp(abs(x), 0.0, 15.0);
  let head = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  return keepNan(exponential(-scale * head * head) * exponential(-scale * (a - head) * (a + head)), x);
}

// erf x = 2/√π ∫₀ˣ e^(-t²) dt
fn errorFunction(x: f32) -> f32 {
  let z = x * x;
  var p = fma(-0.000653523596, z, 0.00508513043);
  p = fma(p, z, -0.0268208067);
  p = fma(p, z, 0.112831128);
  p = fma(p, z, -0.376126014);
  p = fma(p, z, 1.12837916);
  let y = 1.0 - gaussian(x, 1.0) * scaledErfc(min(abs(x), 15.0));
  return keepNan(select(select(y, -y, x < 0.0), x * p, abs(x) < 0.8), x);
}

// The normal distribution function, Φ(x) = ½ erfc(-x / √2).
fn normalDistribution(x: f32) -> f32 {
  let tail = 0.5 * gaussian(x, 0.5) * scaledErfc(min(abs(x), 15.0) * 0.707106781);
  return select(tail, 1.0 - tail, x > 0.0);
}

// |a|ᵇ = 2^(b · log₂|a|). The whole part of the exponent is split off exactly, with b in two parts.
fn powerOfMagnitude(a: f32, b: f32) -> f32 {
  let m = mantissaOf(abs(a));
  let e = f32(exponentOf(abs(a)));
  let y = select(b, clamp(b, -400.0, 400.0), e != 0.0);
  let head = bitcast<f32>(bitcast<u32>(y) & 0xfffff000u);
  let n = round(head * e);
  let rest = (head * e - n) + (y - head) * e + y * (twiceArtanh((m - 1.0) / (m + 1.0)) * 1.44269504);
  let whole = n + round(rest);
  let size = scaledExponential((rest - round(rest)) * 0.69314718, i32(clamp(whole, -160.0, 129.0)));
  return bitcast<f32>(select(bitcast<u32>(size), 0x7f800000u, whole > 128.0));
}

// |a| to a whole power of up to 16, by squaring: exact where the result is a whole number that float32 holds.
fn wholePower(a: f32, b: f32) -> f32 {
  let n = u32(min(abs(b), 16.0));
  var square = abs(a);
  var y = 1.0;
  for (var bit = 0u; bit < 5u; bit++) {
    y *= select(1.0, square, ((n >> bit) & 1u) == 1u);
    square *= square;
  }
  return y;
}

// aᵇ as IEEE 754 has it: a⁰ and 1ᵇ are 1 whatever the other is, and a negative number has whole powers only.
fn power(a: f32, b: f32) -> f32 {
  let negative = bitcast<u32>(a) >= 0x80000000u;
  let size = bitcast<u32>(a) & 0x7fffffffu;
  let exponent = bitcast<u32>(b) & 0x7fffffffu;
  let grows = (bitcast<u32>(b) < 0x80000000u) == (size > 0x3f800000u);
  let whole = (exponent >= 0x4b800000u) | (floor(b) == b);
  let odd = whole & (exponent < 0x4b800000u) & (fract(0.5 * b) != 0.0);
  let byWhole = wholePower(a, b);
  let near = whole & (exponent <= 0x41800000u) & (byWhole > 1e-37) & (byWhole < 1e37);
  var y = bitcast<u32>(select(powerOfMagnitude(a, b), select(1.0 / byWhole, byWhole, b > 0.0), near));
  let extreme = (size == 0u) | (size == 0x7f800000u) | (exponent == 0x7f800000u);
  y = select(y, select(0u, 0x7f800000u, grows), extreme);
  y = select(y, 0x3f800000u, size == 0x3f800000u);
  y = select(y, y | 0x80000000u, odd & negative);
  let open = negative & !whole & (size != 0u) & (size != 0x7f800000u);
  y = select(y, 0x7fc00000u, open | (size > 0x7f800000u) | (exponent > 0x7f800000u));
  return bitcast<f32>(select(y, 0x3f800000u, (exponent == 0u) | (bitcast<u32>(a) == 0x3f800000u)));
}
