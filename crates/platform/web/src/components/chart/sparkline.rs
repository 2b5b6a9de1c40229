use maud::{Markup, html};

use super::scale::spaced;

const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 24.0;
/// Room for the stroke and the dot at the end.
const MARGIN: f64 = 2.5;
const MOST_POINTS: usize = 48;

/// A course in the height of a line of text, without axes; its figures stand beside it in the row.
pub fn sparkline(values: &[f64]) -> Markup {
    let values: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    let (Some(first), Some(last)) = (values.first(), values.last()) else {
        return html! {};
    };
    let class = if last > first {
        "gain"
    } else if last < first {
        "loss"
    } else {
        "flat"
    };
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let place = |index: usize, value: f64| {
        let x = index as f64 / (values.len() - 1).max(1) as f64;
        let y = if high > low {
            (value - low) / (high - low)
        } else {
            0.5
        };
        (
            MARGIN + x * (WIDTH - 2.0 * MARGIN),
            HEIGHT - MARGIN - y * (HEIGHT - 2.0 * MARGIN),
        )
    };
    let points: Vec<String> = spaced(values.len(), MOST_POINTS)
        .into_iter()
        .filter_map(|index| values.get(index).map(|value| place(index, *value)))
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let (end_x, end_y) = place(values.len() - 1, *last);
    html! {
        svg.sparkline.(class) aria-hidden="true" viewBox="0 0 96 24" width="96" height="24" {
            polyline points=(points.join(" ")) {}
            circle cx=(format!("{end_x:.1}")) cy=(format!("{end_y:.1}")) r="1.8" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_follows_the_ends() {
        assert!(
            sparkline(&[1.0, 0.5, 2.0])
                .into_string()
                .contains("sparkline gain")
        );
        assert!(
            sparkline(&[2.0, f64::NAN, 1.0])
                .into_string()
                .contains("sparkline loss")
        );
        assert!(sparkline(&[2.0]).into_string().contains("sparkline flat"));
        assert_eq!(sparkline(&[f64::NAN]).into_string(), "");
    }

    #[test]
    fn a_long_course_is_thinned() {
        let values: Vec<f64> = (0..2_000).map(f64::from).collect();
        let drawn = sparkline(&values).into_string();
        assert_eq!(drawn.matches(',').count(), MOST_POINTS);
    }
}
