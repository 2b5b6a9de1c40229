use std::collections::BTreeMap;

use maud::{Markup, html};
use money::Currency;

use super::plot::observed_money;
use crate::{chrome::Chrome, components, format};

/// Width of the drawing by its height, as the style sheet has it on a desktop.
const ASPECT: f64 = 2.5;
/// The same for a drawing of so few tiles that they would be huge.
const ASPECT_OF_FEW: f64 = 6.0;
const FEW: usize = 5;
/// A change of this size has the strongest colour.
const STRONG: f64 = 0.06;
const STEPS: f64 = 3.0;

/// A tile of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeNode {
    /// What it is.
    pub label: String,
    /// What it stands with: a sector, a class.
    pub group: String,
    /// Its size; what is not positive has no tile, but a row in the table.
    pub value: f64,
    /// Change in the period as a ratio, which colours the tile.
    pub change: Option<f64>,
    /// Where it is explained.
    pub href: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Holdings as areas, grouped, coloured by change; every tile is a link. Values are in `currency`.
pub fn treemap(
    chrome: &Chrome,
    id: &str,
    title: &str,
    currency: Currency,
    nodes: &[TreeNode],
) -> Markup {
    let mut groups: BTreeMap<&str, Vec<&TreeNode>> = BTreeMap::new();
    for node in nodes
        .iter()
        .filter(|node| node.value.is_finite() && node.value > 0.0)
    {
        groups.entry(&node.group).or_default().push(node);
    }
    if groups.is_empty() {
        return html! {
            figure.chart id=(id) { p.chart-empty { "There is nothing to show yet." } }
        };
    }
    let size = |group: &Vec<&TreeNode>| group.iter().map(|node| node.value).sum::<f64>();
    let mut groups: Vec<(&str, Vec<&TreeNode>)> = groups.into_iter().collect();
    groups.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)));
    let sizes: Vec<f64> = groups.iter().map(|(_, group)| size(group)).collect();
    let total: f64 = sizes.iter().sum();
    let is_few = groups.iter().map(|(_, group)| group.len()).sum::<usize>() <= FEW;
    let whole = Area {
        x: 0.0,
        y: 0.0,
        width: if is_few { ASPECT_OF_FEW } else { ASPECT },
        height: 1.0,
    };
    html! {
        figure.chart.treemap-chart id=(id) aria-label=(title) {
            div.treemap.few[is_few] {
                @for ((name, mut group), area) in groups.into_iter().zip(squarify(&sizes, whole)) {
                    @let () = group.sort_by(|a, b| b.value.total_cmp(&a.value));
                    @let values: Vec<f64> = group.iter().map(|node| node.value).collect();
                    div.group style=(place(area, whole)) {
                        span.group-name { (name) }
                        @for (node, tile) in group.into_iter().zip(squarify(&values, area)) {
                            (tile_link(chrome, currency, node, (tile, area, whole), total))
                        }
                    }
                }
            }
            (table(chrome, title, currency, nodes, total))
        }
    }
}

fn tile_link(
    chrome: &Chrome,
    currency: Currency,
    node: &TreeNode,
    (tile, group, whole): (Area, Area, Area),
    total: f64,
) -> Markup {
    let centre = (tile.x + tile.width / 2.0) / whole.width;
    let side = if centre > 0.5 {
        "tip-left"
    } else {
        "tip-right"
    };
    html! {
        a.tile.(tint(node.change)).(side).tip-up[tile.y > 0.5] href=(node.href)
            aria-label=(spoken(chrome, node, total)) style=(place(tile, group)) {
            span.tile-text {
                strong { (node.label) }
                @if let Some(change) = node.change { " " span { (change_text(chrome, change)) } }
            }
            span.tip {
                strong { (node.label) }
                span { (observed_money(chrome, node.value, currency)) }
                span { (components::percent(chrome, node.value / total)) " of all" }
                @if let Some(change) = node.change {
                    span { (components::signed_percent(chrome, change)) }
                }
            }
        }
    }
}

fn table(
    chrome: &Chrome,
    title: &str,
    currency: Currency,
    nodes: &[TreeNode],
    total: f64,
) -> Markup {
    html! {
        details.chart-data {
            summary { "Show as table" }
            (components::table_scroll(title, html! {
                table.data {
                    caption.visually-hidden { (title) }
                    thead {
                        tr {
                            (components::th("Name"))
                            (components::th("Group"))
                            (components::th_num("Amount"))
                            (components::th_num("Share"))
                            (components::th_num("Change"))
                        }
                    }
                    tbody {
                        @for node in nodes {
                            tr {
                                th scope="row" { a href=(node.href) { (node.label) } }
                                td { (node.group) }
                                td.num { (observed_money(chrome, node.value, currency)) }
                                td.num { (components::percent(chrome, node.value / total)) }
                                td.num {
                                    @match node.change {
                                        Some(change) => (components::signed_percent(chrome, change)),
                                        None => (components::missing("change not known")),
                                    }
                                }
                            }
                        }
                    }
                }
            }))
        }
    }
}

/// The name of a tile for those who cannot see it: what is written on it and its share, but not its
/// amount, which may be hidden.
fn spoken(chrome: &Chrome, node: &TreeNode, total: f64) -> String {
    let share = format::percent(&chrome.formats, node.value / total, 1);
    match node.change {
        Some(change) => format!(
            "{} {}, {share} of all",
            node.label,
            change_text(chrome, change)
        ),
        None => format!("{}, {share} of all, change not known", node.label),
    }
}

fn change_text(chrome: &Chrome, change: f64) -> String {
    let plus = if change > 0.0 { "+" } else { "" };
    format!("{plus}{}", format::percent(&chrome.formats, change, 1))
}

/// Three depths of gain and of loss, and none.
fn tint(change: Option<f64>) -> String {
    match change.filter(|change| change.is_finite()) {
        None => "tint-unknown".to_owned(),
        Some(change) => {
            let step = (change.abs() / STRONG * STEPS).round().min(STEPS);
            let word = if change < 0.0 { "loss" } else { "gain" };
            if step < 1.0 {
                "tint-flat".to_owned()
            } else {
                format!("tint-{word}-{step}")
            }
        }
    }
}

fn place(area: Area, within: Area) -> String {
    format!(
        "left:{:.3}%;top:{:.3}%;width:{:.3}%;height:{:.3}%",
        (area.x - within.x) / within.width * 100.0,
        (area.y - within.y) / within.height * 100.0,
        area.width / within.width * 100.0,
        area.height / within.height * 100.0,
    )
}

/// Divides an area in proportion to `values` (positive, descending) so that the parts are near to
/// squares. After Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000): a row along the shorter
/// side takes further parts as long as its worst aspect ratio does not grow.
fn squarify(values: &[f64], area: Area) -> Vec<Area> {
    let total: f64 = values.iter().sum();
    let unit = area.width * area.height / total;
    let mut areas = Vec::with_capacity(values.len());
    let mut free = area;
    let mut rest = values;
    while !rest.is_empty() {
        let side = free.width.min(free.height);
        let mut taken = 1;
        while taken < rest.len()
            && worst(rest, taken + 1, unit, side) <= worst(rest, taken, unit, side)
        {
            taken += 1;
        }
        let (row, after) = rest.split_at(taken);
        let (cells, left) = lay_row(row, unit, free);
        areas.extend(cells);
        (free, rest) = (left, after);
    }
    areas
}

/// The worst aspect ratio in a row of the first `count` values along `side`.
fn worst(values: &[f64], count: usize, unit: f64, side: f64) -> f64 {
    let row = values.get(..count).unwrap_or(values);
    let sum: f64 = row.iter().sum::<f64>() * unit;
    row.iter()
        .map(|value| {
            let ratio = side * side * value * unit / (sum * sum);
            ratio.max(1.0 / ratio)
        })
        .fold(0.0, f64::max)
}

/// The cells of a row along the shorter side, and the area that is left.
fn lay_row(row: &[f64], unit: f64, free: Area) -> (Vec<Area>, Area) {
    let sum: f64 = row.iter().sum::<f64>() * unit;
    let is_wide = free.width >= free.height;
    let side = if is_wide { free.height } else { free.width };
    let depth = sum / side;
    let mut offset = 0.0;
    let cells = row
        .iter()
        .map(|value| {
            let length = value * unit / depth;
            let cell = if is_wide {
                Area {
                    x: free.x,
                    y: free.y + offset,
                    width: depth,
                    height: length,
                }
            } else {
                Area {
                    x: free.x + offset,
                    y: free.y,
                    width: length,
                    height: depth,
                }
            };
            offset += length;
            cell
        })
        .collect();
    let left = if is_wide {
        Area {
            x: free.x + depth,
            width: (free.width - depth).max(0.0),
            ..free
        }
    } else {
        Area {
            y: free.y + depth,
            height: (free.height - depth).max(0.0),
            ..free
        }
    };
    (cells, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the paper: 6 by 4, areas 6, 6, 4, 3, 2, 2, 1.
    #[test]
    fn the_example_of_the_paper_comes_out() {
        let values = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let whole = Area {
            x: 0.0,
            y: 0.0,
            width: 6.0,
            height: 4.0,
        };
        let areas = squarify(&values, whole);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        for (value, area) in values.iter().zip(&areas) {
            assert!(near(area.width * area.height, *value), "{area:?}");
            assert!(area.x + area.width <= 6.0 + 1e-9 && area.y + area.height <= 4.0 + 1e-9);
        }
        // The first two stand in one column three wide; the next two in a row above the rest.
        assert!(
            near(areas[0].width, 3.0) && near(areas[1].width, 3.0),
            "{areas:?}"
        );
        assert!(
            near(areas[2].height, 7.0 / 3.0) && near(areas[3].height, 7.0 / 3.0),
            "{areas:?}"
        );
    }

    #[test]
    fn tints_grow_with_the_change_and_name_what_is_unknown() {
        assert_eq!(tint(Some(0.001)), "tint-flat");
        assert_eq!(tint(Some(0.012)), "tint-gain-1");
        assert_eq!(tint(Some(-0.5)), "tint-loss-3");
        assert_eq!(tint(None), "tint-unknown");
        assert_eq!(tint(Some(f64::NAN)), "tint-unknown");
    }
}
