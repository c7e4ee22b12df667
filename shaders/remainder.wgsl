// The remainder of a division, with the sign of the divisor: a - b · floor(a / b), without the rounding error of the quotient.
// A library of functions.

// The remainder of whole numbers. As in WGSL, it is 0 where the divisor is.
fn wholeRemainder(a: i32, b: i32) -> i32 {
  let r = a % b;
  return select(r, r + b, (r != 0) & ((r ^ b) < 0));
}

// Divides the fractions as whole numbers, eight binary digits at a time, so the remainder is exact. A denormal divisor counts as
// 0, as it does for implementations that flush it.
fn floatRemainder(a: f32, b: f32) -> f32 {
  let x = bitcast<u32>(a) & 0x7fffffffu;
  let y = bitcast<u32>(b) & 0x7fffffffu;
  let scale = max(y >> 23u, 1u);
  let divisor = (y & 0x007fffffu) | 0x00800000u;
  var r = (x & 0x007fffffu) | select(0u, 0x00800000u, x >= 0x00800000u);
  var digits = i32(max(x >> 23u, 1u)) - i32(scale);
  if (digits >= 0) { r %= divisor; }
  while (digits > 0) {
    let some = min(digits, 8);
    r = (r << u32(some)) % divisor;
    digits -= some;
  }
  let up = select(min(countLeadingZeros(r) - 8u, scale - 1u), scale - 1u, r == 0u);
  let size = select((r << up) + ((scale - up - 1u) << 23u), x, digits < 0);
  let signed = size | (bitcast<u32>(a) & 0x80000000u);
  let other = ((bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u) != 0u;
  let sum = select(bitcast<u32>(bitcast<f32>(signed) + b), bitcast<u32>(b), y == 0x7f800000u);
  let result = select(select(signed, sum, other), bitcast<u32>(b) & 0x80000000u, size == 0u);
  return bitcast<f32>(select(result, 0x7fc00000u, (x >= 0x7f800000u) | (y > 0x7f800000u) | (y < 0x00800000u)));
}
