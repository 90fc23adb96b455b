//! Finds the one number that makes the books add up: the root of a function that only rises.

/// Finds x in [low, high] where a rising function is zero. `function` gives its value and its slope; Newton's step is
/// taken when it stays inside the bracket, else the bracket is halved, so it always ends.
pub(super) fn rising_root(mut low: f64, mut high: f64, start: f64, function: impl Fn(f64) -> (f64, f64)) -> f64 {
    const STEPS_MAX: usize = 200;
    const TOLERANCE: f64 = 1e-14;
    let mut x = start;
    for _ in 0..STEPS_MAX {
        let (value, slope) = function(x);
        if value.abs() <= TOLERANCE {
            return x;
        }
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - x).abs() <= TOLERANCE * x.abs() || next <= low || next >= high {
            return next;
        }
        x = next;
    }
    x
}
