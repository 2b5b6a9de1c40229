use std::collections::BTreeMap;

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::portfolios::PortfolioId;

/// A portfolio at the close of a day, in its currency.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Snapshot {
    /// The portfolio.
    pub(super) portfolio_id: PortfolioId,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub(super) date: Date,
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(super) currency: Currency,
    /// Holdings and cash.
    #[schema(value_type = String)]
    pub(super) total_value: Decimal,
    /// Cash of all currencies.
    #[schema(value_type = String)]
    pub(super) cash_balance: Decimal,
    /// Deposits and transfers in less withdrawals and transfers out, since inception.
    #[schema(value_type = String)]
    pub(super) net_invested: Decimal,
    /// Value less what was invested.
    #[schema(value_type = String)]
    pub(super) total_gain: Decimal,
    /// The same over what was invested, 0.12 being 12 %; absent where nothing is.
    #[schema(value_type = Option<String>)]
    pub(super) total_gain_percent: Option<Decimal>,
    /// Change since the close before that is no deposit and no withdrawal.
    #[schema(value_type = String)]
    pub(super) day_change: Decimal,
    /// The same over the value of the close before and what came in; absent where that is nothing.
    #[schema(value_type = Option<String>)]
    pub(super) day_change_percent: Option<Decimal>,
    /// Instruments held.
    pub(super) holdings_count: i32,
    /// Value by asset class, cash included.
    #[schema(value_type = BTreeMap<String, String>)]
    pub(super) asset_allocation: BTreeMap<String, Decimal>,
}

/// The latest snapshot of a portfolio, as of the last refresh.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct SummaryView {
    /// The portfolio.
    pub(super) portfolio_id: PortfolioId,
    /// The day; absent before the first snapshot.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) date: Option<Date>,
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(super) currency: Currency,
    /// Instruments held.
    pub(super) number_of_holdings: i32,
    /// Holdings and cash.
    #[schema(value_type = String)]
    pub(super) portfolio_value: Decimal,
    /// Cash of all currencies.
    #[schema(value_type = String)]
    pub(super) cash_balance: Decimal,
    /// Deposits less withdrawals since inception.
    #[schema(value_type = String)]
    pub(super) invested_amount: Decimal,
    /// Value less what was invested.
    #[schema(value_type = String)]
    pub(super) total_gain_loss: Decimal,
    /// The same over what was invested, 0.12 being 12 %.
    #[schema(value_type = Option<String>)]
    pub(super) total_gain_loss_percent: Option<Decimal>,
    /// Change of the day that is no deposit and no withdrawal.
    #[schema(value_type = String)]
    pub(super) day_gain_loss: Decimal,
    /// The same over the value of the close before and what came in.
    #[schema(value_type = Option<String>)]
    pub(super) day_gain_loss_percent: Option<Decimal>,
    /// When the summary was refreshed.
    #[schema(value_type = String, format = DateTime)]
    pub(super) last_updated: jiff::Timestamp,
}

/// Which snapshots are wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SnapshotFilter {
    /// Only of this portfolio.
    #[param(value_type = Option<Uuid>)]
    pub(crate) portfolio_id: Option<PortfolioId>,
    /// From this day on.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) from: Option<Date>,
    /// Up to this day.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) to: Option<Date>,
}
