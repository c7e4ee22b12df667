// Sine and cosine of any float32. A library of functions.
//
// WGSL bounds the error of sin and cos between -π and π only. Here an angle is reduced to an eighth of a turn by whole numbers
// (Payne and Hanek, "Radian reduction for trigonometric functions", 1983): the fraction of the angle is multiplied with those
// 96 bits of 2/π that do not only add full turns. So the error is within 1e-6 of the result for every angle, and nothing is
// left to the rounding of an adapter. Polynomials: Moshier, Cephes Mathematical Library, sinf.c.

// The high word of a product.
fn highWord(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let first = (a & 0xffffu) * (b >> 16u) + (low >> 16u);
  let second = (a >> 16u) * (b & 0xffffu) + (first & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (first >> 16u) + (second >> 16u);
}

// |x| as quarter turns, modulo 4, and the rest: from -2³¹ to 2³¹ - 1 in units of 2⁻³² quarter turns, and the next 32 bits.
fn quarterTurns(x: f32) -> vec3u {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let m = (bits & 0x007fffffu) | 0x00800000u;
  // 32 zeros, and the bits of 2/π. The least exponent is that of 0.5.
  var words = array<u32, 8>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);
  let at = clamp(bits >> 23u, 126u, 254u) - 120u;
  let word = at >> 5u;
  let shift = at & 31u;
  let w0 = (words[word] << shift) | ((words[word + 1u] >> 1u) >> (31u - shift));
  let w1 = (words[word + 1u] << shift) | ((words[word + 2u] >> 1u) >> (31u - shift));
  let w2 = (words[word + 2u] << shift) | ((words[word + 3u] >> 1u) >> (31u - shift));
  let low = highWord(m, w2) + m * w1;
  let carry = select(0u, 1u, low < m * w1);
  let high = highWord(m, w1) + m * w0 + carry;
  return vec3u((high + 0x20000000u) >> 30u, (high << 2u) | (low >> 30u), low << 2u);
}

// The angle of the rest in radians, from -π/4 to π/4.
fn restAngle(turns: vec3u) -> f32 {
  let isNegative = turns.y >= 0x80000000u;
  let high = select(turns.y, ~turns.y, isNegative);
  let low = select(turns.z, ~turns.z, isNegative);
  let zeros = min(countLeadingZeros(high), 31u);
  let top = (high << zeros) | ((low >> 1u) >> (31u - zeros));
  let size = f32(top) * bitcast<f32>((95u - zeros) << 23u) * 1.57079633;
  return select(size, -size, isNegative);
}

// The sine of |x| a quarter turn ahead or not, with the sign bit of `sign`.
fn sineAhead(x: f32, ahead: u32, sign: u32) -> f32 {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let isSmall = bits < 0x3f490fdbu; // π/4
  let turns = quarterTurns(x);
  let quarter = select(turns.x, 0u, isSmall) + ahead;
  let r = select(restAngle(turns), abs(x), isSmall);
  let z = r * r;
  let sine = fma(r * z, fma(fma(-0.000195152959, z, 0.00833216087), z, -0.166666546), r);
  let cosine = fma(z * z, fma(fma(0.0000244331571, z, -0.00138873163), z, 0.0416666457), fma(-0.5, z, 1.0));
  let y = select(bitcast<u32>(sine), bitcast<u32>(cosine), (quarter & 1u) == 1u);
  let turned = y ^ ((quarter & 2u) << 30u) ^ (sign & 0x80000000u);
  return bitcast<f32>(select(turned, 0x7fc00000u, bits >= 0x7f800000u));
}

fn sine(x: f32) -> f32 {
  return sineAhead(x, 0u, bitcast<u32>(x));
}

fn cosine(x: f32) -> f32 {
  return sineAhead(x, 1u, 0u);
}
