//! Charts. Each is a figure that is complete without scripts: drawn on the server and followed by
//! its numbers in a table. The script replaces the drawing of the time charts by one that answers to
//! the pointer and the arrow keys; the chart of bars keeps its drawing, of which another reads out one bar.

mod bars;
mod donut;
mod plot;
mod price;
mod scale;
mod sparkline;
mod treemap;
mod value;

pub use bars::{BarMark, BarSeries, Candle, Drawing, Edges, Overlay, bar_chart};
pub use donut::{Slice, donut};
pub use price::{Mark, MarkKind, PriceSeries, price_chart};
pub use sparkline::sparkline;
pub use treemap::{TreeNode, treemap};
pub use value::{ValueSeries, value_chart};
