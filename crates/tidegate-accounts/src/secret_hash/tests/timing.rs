//! How long a guess takes, measured (after dudect: Reparaz, Balasch and Verbauwhede, 2017).

use std::{hint::black_box, time::Instant};

use super::*;

/// Guesses of each kind in one measurement.
const GUESSES: usize = 4_000;

/// Measurements; the least of them counts, for what else the machine does makes single ones worse and none better.
const MEASUREMENTS: usize = 5;

/// Welch's t past which the two kinds differ for certain. In a comparison that ends at the first wrong byte it is in the
/// hundreds; here it is a few at most.
const T_MAX: f64 = 10.0;

const TOKEN: &str = "tg_pat_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";

/// One that is right but for its end, or wrong from its beginning.
fn guess(is_near: bool, number: usize) -> String {
    let end = format!("{number:06}");
    let begin = &TOKEN[..TOKEN.len() - end.len()];
    // The same letters from the other end. Both are made each time, so that memory looks alike.
    let wrong: String = begin.chars().rev().collect();
    let begin = if is_near { begin } else { &wrong };
    format!("{begin}{end}")
}

#[expect(clippy::disallowed_methods, reason = "how long a guess takes is measured")]
fn took_ns(work: impl FnOnce() -> bool) -> f64 {
    let begun = Instant::now();
    black_box(work());
    begun.elapsed().as_nanos() as f64
}

/// Mean and variance of the mean of all but the slowest tenth, in which somebody else had the processor.
fn cropped(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_unstable_by(f64::total_cmp);
    times.truncate(times.len() * 9 / 10);
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, variance / count)
}

/// Welch's t between near guesses and others, in turns and in no order that the machine could learn.
fn t_of(check: impl Fn(&str) -> bool) -> f64 {
    let mut times = [Vec::new(), Vec::new()];
    let mut state = 0x9e37_79b9_u32;
    for number in 0..2 * GUESSES {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let is_near = state.is_multiple_of(2);
        let guess = guess(is_near, number % 1_000_000);
        times[usize::from(is_near)].push(took_ns(|| check(&guess)));
    }
    let [far, near] = times.map(cropped);
    (near.0 - far.0).abs() / (near.1 + far.1).sqrt()
}

fn least_t(check: impl Fn(&str) -> bool) -> f64 {
    (0..MEASUREMENTS).map(|_| t_of(&check)).fold(f64::INFINITY, f64::min)
}

// fault 65
#[test]
fn a_guess_that_is_right_but_for_its_end_takes_no_other_time() {
    let hasher = Hasher::new(&[1; 32]);
    let kept = hasher.hash(TOKEN).to_text();
    let t = least_t(|guess| hasher.hash(guess).is_text(&kept));
    println!("t {t:.2}");
    assert!(t < T_MAX, "t {t:.2}");
}

// fault 65: that the measurement would see it.
#[test]
fn a_comparison_that_ends_at_the_first_wrong_letter_is_seen() {
    let t = least_t(|guess| {
        let mut same = guess
            .bytes()
            .zip(TOKEN.bytes())
            .take_while(|(guess, token)| black_box(guess == token));
        same.by_ref().count() == TOKEN.len()
    });
    println!("t {t:.2}");
    assert!(t > T_MAX, "t {t:.2}");
}
