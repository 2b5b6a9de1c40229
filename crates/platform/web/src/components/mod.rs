//! What pages are made of. Every function returns escaped markup; texts given as `&str` may come
//! from anywhere.
//!
//! Classes for markup written by hand: `stack` (blocks below each other), `form` (a form of readable
//! width), `fields` (fields side by side), `filters` (a form in one line above a list), `actions` (a
//! row of buttons), `facts` (a `dl` of `div`s with `dt` and `dd`), `prose`, `hint`, `lead`, `event`; in tables `data`, `num`, `closed` (a row that is
//! past), `wide-only` (a cell that phones leave out).

mod chart;
mod feedback;
mod figures;
mod forms;
mod layout;
mod live;
mod marks;
mod navigation;
mod table;

pub use chart::{
    BarMark, BarSeries, Candle, Drawing, Edges, Mark, MarkKind, Overlay, PriceSeries, Slice,
    TreeNode, ValueSeries, bar_chart, donut, price_chart, sparkline, treemap, value_chart,
};
pub use feedback::{
    Check, CheckState, Confirm, NoticeKind, check_strip, confirm_page, empty_state, notice,
};
pub use figures::{
    amount, date, day_of, instant, missing, percent, price, quantity, signed_amount, signed_percent,
};
pub use forms::{
    Field, FieldKind, checkbox, csrf_field, error_of, file_field, form_errors, select_field,
    submit, submit_danger, submit_quiet, text_area, text_field,
};
pub use layout::{
    card, card_with, definition, grid, icon, main_aside, page_head, page_head_with, stat, stats,
};
pub use live::{LiveField, live, live_state};
pub use marks::{badge, simulated_mark, stale_mark};
pub use navigation::{
    breadcrumb, choice_links, link_button, pagination, period_selector, stepper, tabs,
};
pub use table::{Column, DataTable, Visibility, data_table, table_scroll, td, td_num, th, th_num};

#[cfg(test)]
mod tests;
