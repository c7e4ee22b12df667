// Powers. A library of functions that uses elementary.wgsl.
//
// WGSL's pow takes positive bases only. Errors are within 1e-6 of the result, and 1e-5 where its logarithm is large.

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

// aᵇ as in IEEE 754: a⁰ and 1ᵇ are 1 for any a and b, and a negative number has whole powers only.
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
