// The hyperbolic tangent: near zero by a polynomial, where the quotient of exponentials and WGSL's tanh lose digits. A library
// of functions that uses elementary.wgsl.

fn hyperbolicTangent(x: f32) -> f32 {
  let z = x * x;
  var p = fma(-0.00571704389, z, 0.0206505862);
  p = fma(p, z, -0.0537434977);
  p = fma(p, z, 0.133314913);
  p = fma(p, z, -0.333332839);
  let y = 1.0 - 2.0 / (exponential(min(2.0 * abs(x), 40.0)) + 1.0);
  return keepNan(select(select(y, -y, x < 0.0), fma(x * z, p, x), abs(x) < 0.625), x);
}
