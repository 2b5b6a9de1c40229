//! What follows from the transactions.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AssetIndex, Event, Exchange, Finding, Income, Ratio, TransactionKind, finding};

/// How the cost of sold shares is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostBasis {
    /// First in, first out: the oldest shares.
    #[default]
    Fifo,
    /// Last in, first out: the newest shares.
    Lifo,
    /// Highest in, first out: the shares that cost most (of a short position: that brought most) in
    /// the instrument's currency; of equals the oldest.
    Hifo,
    /// Every share costs the average of all shares held before the sale.
    Average,
    /// The lots that [`crate::Entry::lots`] names, and the oldest for what it leaves open.
    SpecificLot,
}

impl CostBasis {
    /// Every method, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::Fifo,
        Self::Lifo,
        Self::Hifo,
        Self::Average,
        Self::SpecificLot,
    ];

    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Lifo => "lifo",
            Self::Hifo => "hifo",
            Self::Average => "average",
            Self::SpecificLot => "specific_lot",
        }
    }
}

impl FromStr for CostBasis {
    type Err = UnknownCostBasis;

    fn from_str(word: &str) -> Result<Self, UnknownCostBasis> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == word)
            .ok_or(UnknownCostBasis)
    }
}

/// A word that names no cost basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCostBasis;

/// What a portfolio has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The currency in which gains and totals are stated.
    pub base: Currency,
    /// How the cost of sold shares is chosen.
    pub cost_basis: CostBasis,
    /// With `false` no cash balance is kept: every purchase is a contribution and every sale,
    /// dividend or interest a withdrawal.
    pub tracks_cash: bool,
}

impl Rules {
    /// Where no cash is tracked, money that comes from outside or goes there moves nothing.
    pub(crate) fn ignore(&self, event: &Event) -> bool {
        !self.tracks_cash && matches!(event, Event::Deposit { .. } | Event::Withdrawal { .. })
    }
}

/// Shares bought together and still held (or part of them).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The purchase.
    pub entry: Uuid,
    /// Trade date of the purchase.
    pub acquired_on: Date,
    /// Shares left, after splits; negative for a short position.
    pub quantity: Decimal,
    /// Cost of these shares with fees and taxes of the purchase, in the asset's currency. Of a short
    /// position what it brought, net of charges, as a negative number.
    pub cost: Decimal,
    /// The same at the rate of the purchase date, in the base currency.
    pub cost_base: Decimal,
}

/// On which side a position was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Shares were held.
    Long,
    /// Shares were owed.
    Short,
}

/// What one transaction took out of one lot: a sale, a cover, an expiry, the cash of a merger, or a
/// return of capital that exceeds the cost (then without shares, against the cost that there was).
///
/// Its gain is proceeds less cost. Of a short position the proceeds came first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realization {
    /// The transaction that closed it.
    pub entry: Uuid,
    /// Its type.
    pub kind: TransactionKind,
    /// Which side was closed.
    pub side: Side,
    /// The transaction that opened it; `None` with average cost.
    pub lot: Option<Uuid>,
    /// The instrument.
    pub asset: AssetIndex,
    /// When the position was opened; `None` with average cost.
    pub acquired_on: Option<Date>,
    /// When it was closed.
    pub sold_on: Date,
    /// Shares sold out of this lot.
    pub quantity: Decimal,
    /// Proceeds net of the fees and taxes of the sale, in the asset's currency.
    pub proceeds: Decimal,
    /// Cost of the shares sold, in the asset's currency.
    pub cost: Decimal,
    /// Proceeds in the base currency at the rate of the sale date.
    pub proceeds_base: Decimal,
    /// Cost in the base currency at the rate of the purchase date.
    pub cost_base: Decimal,
    /// Fees and taxes of both transactions within proceeds and cost, base currency.
    pub charges_base: Decimal,
}

impl Realization {
    /// Proceeds less cost, base currency.
    pub fn gain_base(&self) -> Decimal {
        self.proceeds_base - self.cost_base
    }

    /// The part of the gain that the exchange rate made: cost at the rate of the sale less cost at
    /// the rate of the purchase (of a short position, the same with the proceeds). Zero where
    /// nothing was paid that would tell the rate.
    pub fn currency_gain_base(&self) -> Decimal {
        let (closing, closing_base, opening, opening_base) = match self.side {
            Side::Long => (self.proceeds, self.proceeds_base, self.cost, self.cost_base),
            Side::Short => (self.cost, self.cost_base, self.proceeds, self.proceeds_base),
        };
        let at_closing = closing_base
            .checked_div(closing)
            .and_then(|rate| opening.checked_mul(rate));
        let change = at_closing
            .and_then(|moved| moved.checked_sub(opening_base))
            .unwrap_or_default();
        match self.side {
            Side::Long => change,
            Side::Short => -change,
        }
    }
}

/// All that is known of one instrument in one portfolio; kept when everything has been sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The instrument.
    pub asset: AssetIndex,
    /// Shares held less shares owed; the sum of the lots.
    pub quantity: Decimal,
    /// Open lots, oldest first. With average cost every purchase stays a lot, but all lots carry the
    /// same cost per share.
    pub lots: Vec<Lot>,
    /// Cost of the open lots, asset currency.
    pub cost: Decimal,
    /// Cost of the open lots, base currency.
    pub cost_base: Decimal,
    /// Proceeds less cost of everything sold, base currency; net of fees.
    pub realized_base: Decimal,
    /// The same in the asset's currency.
    pub realized: Decimal,
    /// Gross dividends, base currency at the rate of each payment.
    pub dividends_base: Decimal,
    /// Gross dividends, asset currency.
    pub dividends: Decimal,
    /// Fees of purchases and sales and charges booked on the instrument, base currency.
    pub fees_base: Decimal,
    /// Taxes of purchases, sales and dividends and those booked on the instrument, base currency.
    pub taxes_base: Decimal,
    /// Date of the first entry.
    pub first_on: Date,
}

impl Position {
    /// Cost of one share held, with fees and taxes, in the asset's currency; `None` without shares.
    pub fn average_cost(&self) -> Option<Decimal> {
        self.cost.checked_div(self.quantity)
    }
}

/// Money that crossed the border of the portfolio: positive came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Day of the crossing.
    pub date: Date,
    /// Base currency, at the rate of that day.
    pub amount_base: Decimal,
}

/// Shares that crossed the border of the portfolio without being paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Day of the crossing.
    pub date: Date,
    /// The instrument.
    pub asset: AssetIndex,
    /// Shares: positive came in, negative for a short position or for what went out.
    pub quantity: Decimal,
    /// What they had cost, base currency, with the sign of the quantity.
    pub cost_base: Decimal,
    /// What ties the two sides together.
    pub link: Option<Uuid>,
}

/// The books after the last entry, with what is needed to value every day before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// One per instrument ever touched, by [`AssetIndex`].
    pub positions: BTreeMap<AssetIndex, Position>,
    /// Balance per currency; empty when the portfolio does not track cash.
    pub cash: BTreeMap<Currency, Decimal>,
    /// Sales in the order in which they happened.
    pub realizations: Vec<Realization>,
    /// Dividends, interest and returned capital in the order in which they were paid.
    pub income: Vec<Income>,
    /// External flows by day, in order; several a day are possible.
    pub flows: Vec<Flow>,
    /// Transfers of shares in the order in which they happened; what they were worth on their day
    /// is a flow as well, but takes a price.
    pub transfers: Vec<Transfer>,
    /// Shares that became shares of another instrument, in the order in which they did: with
    /// [`Books::transfers`] and [`crate::postings`] all that went into and out of an instrument or a
    /// cash balance.
    pub exchanges: Vec<Exchange>,
    /// Shares held from a day on (until the next step), per instrument, one step a day at most.
    pub quantity_steps: BTreeMap<AssetIndex, Vec<(Date, Decimal)>>,
    /// Cost of the open lots in the base currency, on the same days as
    /// [`Books::quantity_steps`]; values an instrument that has no price yet.
    pub cost_steps: BTreeMap<AssetIndex, Vec<(Date, Decimal)>>,
    /// Splits that changed a position, in order; they tell how an older price relates to a quantity.
    pub splits: BTreeMap<AssetIndex, Vec<(Date, Ratio)>>,
    /// Cash balance from a day on, per currency, one step a day at most.
    pub cash_steps: BTreeMap<Currency, Vec<(Date, Decimal)>>,
    /// Interest, base currency.
    pub interest_base: Decimal,
    /// Fees that belong to no instrument, base currency.
    pub account_fees_base: Decimal,
    /// Taxes that belong to no instrument, base currency.
    pub account_taxes_base: Decimal,
    /// What does not add up, with the place and the remedy.
    pub findings: Vec<Finding>,
}

impl Books {
    /// The entries that are not booked; a finding tells why.
    pub(crate) fn refused(&self) -> BTreeSet<Uuid> {
        let refusals = self
            .findings
            .iter()
            .filter(|finding| finding::is_refusal(finding));
        refusals.filter_map(|finding| finding.transaction).collect()
    }
}
