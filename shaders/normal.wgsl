// The error function and the normal distribution function, exact to the last digits of their tails. A library of functions
// that uses elementary.wgsl.

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

// e^(-x² · scale). The square is computed in two parts, since the rounding of a large square would be visible.
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
