/// Prices of a span of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ohlc {
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// What was traded, where it is known.
    pub volume: Option<f64>,
}

/// Which points of a line to draw so that at most `count` of them look like all: largest triangle three
/// buckets (Steinarsson, 2013). The first and the last point stay; the others are cut into `count` − 2
/// buckets of (nearly) equal size, and of each the point that makes the largest triangle with the one
/// chosen before and the mean of the next bucket is taken. Indices in their order; all of them where
/// there are not more than `count`, or where `count` is below three. Coordinates are (x, y), x rising.
pub fn lttb(points: &[(f64, f64)], count: usize) -> Vec<usize> {
    if count < 3 || points.len() <= count {
        return (0..points.len()).collect();
    }
    let inner = points.len() - 2;
    let buckets = count - 2;
    // Bucket k spans these places; the last point is a bucket of its own.
    let start = |bucket: usize| 1 + bucket * inner / buckets;
    let mut chosen = Vec::with_capacity(count);
    chosen.push(0);
    let mut last = points.first().copied().unwrap_or_default();
    for bucket in 0..buckets {
        let here = start(bucket)..start(bucket + 1);
        let next = if bucket + 1 == buckets {
            points.len() - 1..points.len()
        } else {
            start(bucket + 1)..start(bucket + 2)
        };
        let target = mean(points.get(next).unwrap_or_default());
        let mut best = (here.start, f64::NEG_INFINITY);
        for (place, point) in here.clone().zip(points.get(here).unwrap_or_default()) {
            let area = ((last.0 - target.0) * (point.1 - last.1)
                - (last.0 - point.0) * (target.1 - last.1))
                .abs();
            if area > best.1 {
                best = (place, area);
            }
        }
        chosen.push(best.0);
        last = points.get(best.0).copied().unwrap_or(last);
    }
    chosen.push(points.len() - 1);
    chosen
}

fn mean(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len().max(1) as f64;
    let sum = points
        .iter()
        .fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    (sum.0 / count, sum.1 / count)
}

/// Puts neighbouring bars [`together`] until there are at most `count`, one for each pixel column. Of each new bar its
/// prices and the places of its first and last bar. Nothing but the extremes' exact time is lost: the
/// highest and the lowest price of the whole stay.
pub fn merge(bars: &[Ohlc], count: usize) -> Vec<(Ohlc, usize, usize)> {
    let size = bars.len().div_ceil(count.max(1)).max(1);
    let ends: Vec<usize> = (0..bars.len())
        .step_by(size)
        .map(|first| (first + size).min(bars.len()) - 1)
        .collect();
    merge_at(bars, &ends)
}

/// Puts neighbouring bars together so that each group ends at one of these places, which rise; what comes
/// after the last of them is left out. Of each new bar the same as of [`merge`].
pub fn merge_at(bars: &[Ohlc], ends: &[usize]) -> Vec<(Ohlc, usize, usize)> {
    let mut first = 0;
    let mut merged = Vec::with_capacity(ends.len());
    for &last in ends {
        if let Some(prices) = bars.get(first..=last).and_then(together) {
            merged.push((prices, first, last));
        }
        first = last + 1;
    }
    merged
}

/// One bar out of neighbouring ones, in their order: the first open, the extremes, the last close, and the sum of
/// what is known to have been traded, in the unit of the bars; what is unknown counts as nothing unless all of it
/// is. `None` of no bars.
pub fn together(bars: &[Ohlc]) -> Option<Ohlc> {
    let (first, others) = bars.split_first()?;
    Some(others.iter().fold(*first, |merged, bar| Ohlc {
        open: merged.open,
        high: merged.high.max(bar.high),
        low: merged.low.min(bar.low),
        close: bar.close,
        volume: match (merged.volume, bar.volume) {
            (Some(sum), Some(volume)) => Some(sum + volume),
            (one, other) => one.or(other),
        },
    }))
}
