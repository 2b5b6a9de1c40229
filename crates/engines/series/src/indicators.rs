//! Averages and oscillators over closes. Each value belongs to the bar in its place and is made of that
//! bar and of those before it alone, so a chart that is cut off at any day shows what was known then.
//! Where there are not bars enough yet there is no value. Closes are finite; lengths are counted in bars,
//! and a length of 0 has no values at all. Seeds and smoothing are those of TA-Lib.

/// Simple moving average: the mean of the last *n* closes, from the *n*-th on.
pub fn sma(closes: &[f64], n: usize) -> Vec<Option<f64>> {
    windowed(closes, n, mean)
}

/// Exponential moving average: *e* ← *e* + 2 / (*n* + 1) · (*c* − *e*), which begins with the mean of the
/// first *n* closes at the *n*-th of them.
pub fn ema(closes: &[f64], n: usize) -> Vec<Option<f64>> {
    let weight = 2.0 / (n as f64 + 1.0);
    let first = closes.get(..n).filter(|first| !first.is_empty()).map(mean);
    let mut average = first;
    let mut place = 0;
    closes
        .iter()
        .map(|close| {
            place += 1;
            if place > n {
                average = average.map(|now| now + weight * (close - now));
            }
            average.filter(|_| place >= n)
        })
        .collect()
}

/// Around a mean, as far as the closes stray from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The mean less the distance.
    pub lower: f64,
    /// The mean of the closes.
    pub middle: f64,
    /// The mean and the distance.
    pub upper: f64,
}

/// Bollinger bands: the mean of the last *n* closes, and `width` standard deviations of these *n* (of the
/// whole population, divided by *n*) below and above it. The usual ones are 20 and 2.
pub fn bollinger(closes: &[f64], n: usize, width: f64) -> Vec<Option<Band>> {
    windowed(closes, n, |window| {
        let middle = mean(window);
        let squares = window.iter().map(|close| (close - middle).powi(2));
        let deviation = (squares.sum::<f64>() / window.len() as f64).sqrt();
        Band {
            lower: middle - width * deviation,
            middle,
            upper: middle + width * deviation,
        }
    })
}

/// Relative strength index after Wilder, from 0 to 100: 100 · *g* / (*g* + *l*), where *g* and *l* are the
/// smoothed rises and falls from close to close, both at least 0. They begin with the means of the first
/// *n* changes, at the close after them, and go on by *g* ← ((*n* − 1) · *g* + rise) / *n*. Where nothing
/// has moved, neither side is stronger: 50.
pub fn rsi(closes: &[f64], n: usize) -> Vec<Option<f64>> {
    let mut values = vec![None; closes.len()];
    let changes: Vec<f64> = closes
        .iter()
        .zip(closes.iter().skip(1))
        .map(|(a, b)| b - a)
        .collect();
    let Some(first) = changes.get(..n).filter(|first| !first.is_empty()) else {
        return values;
    };
    let size = n as f64;
    let mut rise = first.iter().map(|change| change.max(0.0)).sum::<f64>() / size;
    let mut fall = first.iter().map(|change| (-change).max(0.0)).sum::<f64>() / size;
    let mut places = values.iter_mut().skip(n);
    if let Some(value) = places.next() {
        *value = Some(strength(rise, fall));
    }
    for (value, change) in places.zip(changes.iter().skip(n)) {
        rise = (rise * (size - 1.0) + change.max(0.0)) / size;
        fall = (fall * (size - 1.0) + (-change).max(0.0)) / size;
        *value = Some(strength(rise, fall));
    }
    values
}

fn strength(rise: f64, fall: f64) -> f64 {
    let both = rise + fall;
    if both > 0.0 {
        // In this order rounding cannot lead beyond 100.
        100.0 * (rise / both)
    } else {
        50.0
    }
}

fn windowed<T: Clone>(closes: &[f64], n: usize, figure: impl Fn(&[f64]) -> T) -> Vec<Option<T>> {
    if n == 0 || n > closes.len() {
        return vec![None; closes.len()];
    }
    // Each window is added up anew: a running sum would carry its rounding through the years.
    let known = closes.windows(n).map(|window| Some(figure(window)));
    std::iter::repeat_n(None, n - 1).chain(known).collect()
}

fn mean(window: &[f64]) -> f64 {
    window.iter().sum::<f64>() / window.len().max(1) as f64
}
