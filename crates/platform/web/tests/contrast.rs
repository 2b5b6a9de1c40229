//! The palette of the style sheet, measured as WCAG 2.2 does: text stands out from what is behind it
//! by 4.5 to 1, signs and lines by 3 to 1, in both colour schemes.
#![cfg(test)]

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../assets/css/tokens.css");
const TEXT: f64 = 4.5;
const SIGN: f64 = 3.0;

const LOOK: &str = include_str!("../assets/css/look.css");

type Rgb = [u8; 3];
type Palette = BTreeMap<&'static str, [Rgb; 2]>;

/// Every `--name: light-dark(#…, #…)` of the style sheet.
fn palette() -> Palette {
    pairs(TOKENS)
}

/// The palettes that a person can choose: that of the style sheet with the colours of gain and loss
/// replaced.
fn palettes() -> Vec<(&'static str, Palette)> {
    let blocks = LOOK.split("[data-signs=\"").skip(1);
    let chosen = blocks.map(|block| {
        let (name, rest) = block.split_once('"').expect("a name");
        let (inside, _) = rest.split_once('}').expect("an end");
        let mut palette = palette();
        let replaced = pairs(inside);
        assert_eq!(replaced.len(), 10, "{name}: {:?}", replaced.keys());
        palette.extend(replaced);
        (name, palette)
    });
    std::iter::once(("standard", palette()))
        .chain(chosen)
        .collect()
}

fn pairs(sheet: &'static str) -> Palette {
    sheet
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": light-dark(#"))
        .map(|(name, rest)| {
            let (light, dark) = rest
                .trim_end_matches(");")
                .split_once(", #")
                .unwrap_or((rest, ""));
            (name, [rgb(light), rgb(dark)])
        })
        .collect()
}

fn rgb(hex: &str) -> Rgb {
    assert_eq!(hex.len(), 6, "{hex}");
    let number = u32::from_str_radix(hex, 16).unwrap_or_else(|_| panic!("#{hex} is no colour"));
    [16, 8, 0].map(|shift| (number >> shift) as u8)
}

/// Relative luminance, WCAG 2.2.
fn luminance(colour: Rgb) -> f64 {
    let [r, g, b] = colour.map(|channel| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Names of the pairs that stand out less than wanted, in any of the palettes.
fn too_weak(front: &[&str], back: &[&str], wanted: f64) -> Vec<String> {
    let mut weak = Vec::new();
    for (name, palette) in palettes() {
        for (f, b) in front.iter().flat_map(|f| back.iter().map(move |b| (f, b))) {
            for (index, scheme) in ["light", "dark"].into_iter().enumerate() {
                let ratio = contrast(palette[f][index], palette[b][index]);
                if ratio < wanted {
                    weak.push(format!("{name}: {f} on {b} in {scheme}: {ratio:.2}"));
                }
            }
        }
    }
    weak
}

#[test]
fn black_on_white_is_twenty_one_to_one() {
    assert!((contrast([0, 0, 0], [255, 255, 255]) - 21.0).abs() < 1e-9);
    assert!((contrast([119, 119, 119], [255, 255, 255]) - 4.48).abs() < 0.01);
}

#[test]
fn text_can_be_read_on_every_surface() {
    let texts = ["ink", "muted", "accent", "gain", "loss", "warn", "danger"];
    let none: Vec<String> = Vec::new();
    assert_eq!(
        too_weak(&texts, &["paper", "surface", "sunken"], TEXT),
        none
    );
    assert_eq!(
        too_weak(&["on-accent"], &["accent", "danger-fill"], TEXT),
        none
    );
    assert_eq!(too_weak(&["ink"], &["raised"], TEXT), none);
    assert_eq!(too_weak(&["ink", "accent"], &["accent-soft"], TEXT), none);
    assert_eq!(too_weak(&["ink", "gain"], &["gain-soft"], TEXT), none);
    assert_eq!(too_weak(&["ink", "good"], &["good-soft"], TEXT), none);
    assert_eq!(too_weak(&["ink", "loss"], &["loss-soft"], TEXT), none);
    assert_eq!(too_weak(&["ink", "danger"], &["bad-soft"], TEXT), none);
    assert_eq!(too_weak(&["ink", "warn"], &["warn-soft"], TEXT), none);
}

#[test]
fn text_can_be_read_on_every_tile() {
    let palette = palette();
    let tints: Vec<&str> = palette
        .keys()
        .copied()
        .filter(|name| name.starts_with("tint-"))
        .collect();
    assert_eq!(tints.len(), 8, "{tints:?}");
    assert_eq!(too_weak(&["ink"], &tints, TEXT), Vec::<String>::new());
}

#[test]
fn controls_lines_and_slices_stand_out() {
    let palette = palette();
    let mut signs: Vec<&str> = palette
        .keys()
        .copied()
        .filter(|name| name.starts_with("series-") || name.starts_with("line-"))
        .collect();
    assert_eq!(signs.len(), 15, "{signs:?}");
    signs.push("control");
    assert_eq!(too_weak(&signs, &["surface"], SIGN), Vec::<String>::new());
    assert_eq!(
        too_weak(&["control", "accent"], &["paper", "sunken"], SIGN),
        Vec::<String>::new()
    );
}

/// Gain and loss in the eyes of the two common kinds of colour blindness. Simulation by the matrices
/// of Viénot, Brettel and Mollon (1999) on linear light.
#[test]
fn gain_and_loss_stay_apart_for_colour_blind_eyes() {
    const DEUTAN: [[f64; 3]; 3] = [
        [0.292_75, 0.707_25, 0.0],
        [0.292_75, 0.707_25, 0.0],
        [-0.022_34, 0.022_34, 1.0],
    ];
    const PROTAN: [[f64; 3]; 3] = [
        [0.112_38, 0.887_62, 0.0],
        [0.112_38, 0.887_62, 0.0],
        [0.004_01, -0.004_01, 1.0],
    ];
    let linear = |colour: Rgb| colour.map(|c| (f64::from(c) / 255.0).powf(2.2));
    let seen = |eye: [[f64; 3]; 3], colour: Rgb| {
        let c = linear(colour);
        eye.map(|row| {
            let light: f64 = row
                .iter()
                .zip(c)
                .map(|(weight, channel)| weight * channel)
                .sum();
            light.clamp(0.0, 1.0).powf(1.0 / 2.2) * 255.0
        })
    };
    // Red and green are far apart for those alone who choose them.
    let meant = ["standard", "colour_blind"];
    let palettes = palettes()
        .into_iter()
        .filter(|(name, _)| meant.contains(name));
    let schemes = [("light", 0), ("dark", 1)];
    for ((chosen, palette), (scheme, index)) in
        palettes.flat_map(|palette| schemes.map(|scheme| (palette.clone(), scheme)))
    {
        for (name, eye) in [("deuteranope", DEUTAN), ("protanope", PROTAN)] {
            let gain = seen(eye, palette["gain"][index]);
            let loss = seen(eye, palette["loss"][index]);
            let squares: f64 = gain.iter().zip(loss).map(|(a, b)| (a - b) * (a - b)).sum();
            let apart = squares.sqrt();
            assert!(
                apart > 60.0,
                "{chosen}, {scheme}, {name}: {apart:.0} of 441, {gain:.0?} {loss:.0?}"
            );
        }
    }
}
