/// The range of an axis with its round marks.
#[derive(Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
    /// Equal distances are equal ratios.
    is_log: bool,
}

impl Scale {
    /// A scale that holds all finite values, between round marks 1, 2 or 5 times a power of ten apart.
    pub(super) fn new(values: impl Iterator<Item = f64>, wanted: f64) -> Self {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
        if low > high {
            return Self {
                low: 0.0,
                high: 1.0,
                ticks: Vec::new(),
                is_log: false,
            };
        }
        let margin = if high > low {
            0.0
        } else {
            (high.abs() * 0.05).max(1.0)
        };
        let (low, high) = (low - margin, high + margin);
        let step = round_step((high - low) / wanted);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let count = (last - first) as usize;
        let ticks = (0..=count)
            .map(|index| (first + index as f64) * step)
            .collect();
        Self {
            low: first * step,
            high: last * step,
            ticks,
            is_log: false,
        }
    }

    /// A scale on which equal distances are equal ratios, with marks at 1, 2 and 5 times the powers of ten
    /// or, where the values lie close together, at even ones. What is not positive, such as the lower end of a
    /// wide band, has no place on it and is drawn at its low end.
    pub(super) fn log(values: impl Iterator<Item = f64>, wanted: f64) -> Self {
        let values: Vec<f64> = values
            .filter(|value| value.is_finite() && *value > 0.0)
            .collect();
        let even = Self::new(values.iter().copied(), wanted);
        let (low, high) = values
            .iter()
            .fold((f64::INFINITY, 0.0_f64), |(low, high), v| {
                (low.min(*v), high.max(*v))
            });
        if low >= high {
            return even;
        }
        let margin = (high / low).powf(0.04);
        let (low, high) = (low / margin, high * margin);
        let mut ticks: Vec<f64> = (-9..=15)
            .flat_map(|power| [1.0, 2.0, 5.0].map(|lead| lead * 10f64.powi(power)))
            .filter(|tick| (low..=high).contains(tick))
            .collect();
        if ticks.len() < 3 {
            ticks = even
                .ticks
                .into_iter()
                .filter(|tick| (low..=high).contains(tick))
                .collect();
        }
        Self {
            low,
            high,
            ticks,
            is_log: true,
        }
    }

    /// Where a value lies, 0 at the low end and 1 at the high one.
    pub(super) fn position(&self, value: f64) -> f64 {
        if self.is_log {
            return (value.max(self.low) / self.low).ln() / (self.high / self.low).ln();
        }
        (value - self.low) / (self.high - self.low)
    }

    /// Fractional digits that tell the marks apart.
    pub(super) fn digits(&self) -> u32 {
        let step = match self.ticks.as_slice() {
            [first, second, ..] => second - first,
            _ => 1.0,
        };
        (-step.log10().floor()).clamp(0.0, 8.0) as u32
    }
}

fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let lead = rough / power;
    let round = if lead <= 1.0 {
        1.0
    } else if lead <= 2.0 {
        2.0
    } else if lead <= 5.0 {
        5.0
    } else {
        10.0
    };
    round * power
}

/// At most `most` indices of `len`, evenly spaced, with the first and the last.
pub(super) fn spaced(len: usize, most: usize) -> Vec<usize> {
    if len <= most || most < 2 {
        return (0..len).collect();
    }
    (0..most)
        .map(|index| index * (len - 1) / (most - 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_hold_the_values() {
        let scale = Scale::new([1_230.0, 8_760.0, f64::NAN].into_iter(), 4.0);
        assert_eq!(
            scale.ticks,
            [0.0, 2_000.0, 4_000.0, 6_000.0, 8_000.0, 10_000.0]
        );
        assert_eq!((scale.low, scale.high, scale.digits()), (0.0, 10_000.0, 0));
        assert!((scale.position(5_000.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_flat_line_has_room_around_it_and_no_value_an_empty_scale() {
        let flat = Scale::new([100.0, 100.0].into_iter(), 4.0);
        assert!(flat.low < 100.0 && flat.high > 100.0, "{flat:?}");
        assert!(Scale::new([].into_iter(), 4.0).ticks.is_empty());
    }

    #[test]
    fn on_a_scale_of_ratios_doubling_is_the_same_distance_everywhere() {
        let scale = Scale::log([1.5, 80.0, f64::NAN].into_iter(), 4.0);
        assert_eq!(scale.ticks, [2.0, 5.0, 10.0, 20.0, 50.0]);
        let doubled = |from: f64| scale.position(2.0 * from) - scale.position(from);
        assert!((doubled(2.0) - doubled(40.0)).abs() < 1e-12);
        assert!(scale.position(1.5) > 0.0 && scale.position(80.0) < 1.0);
        let close = Scale::log([100.0, 112.0].into_iter(), 4.0);
        assert_eq!(
            close.ticks,
            [100.0, 105.0, 110.0],
            "even marks where values are close"
        );
        let below = Scale::log([-1.0, 1.5, 80.0].into_iter(), 4.0);
        assert_eq!(below, scale, "what is not positive does not bend it");
        assert!(
            below.position(-1.0).abs() < 1e-12,
            "it is drawn at the low end"
        );
    }

    #[test]
    fn small_steps_show_their_digits() {
        let scale = Scale::new([0.12, 0.31].into_iter(), 4.0);
        assert_eq!(scale.digits(), 2, "{scale:?}");
    }

    #[test]
    fn spaced_indices_keep_both_ends() {
        assert_eq!(spaced(3, 60), [0, 1, 2]);
        let chosen = spaced(2_191, 60);
        assert_eq!(
            (chosen.len(), chosen.first(), chosen.last()),
            (60, Some(&0), Some(&2_190))
        );
        assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
