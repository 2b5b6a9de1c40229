use jiff::{Timestamp, civil::Date};
use ledger::{AssetIndex, Entry, Event, Ratio, Settlement, TransactionKind};
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::FieldError;

use crate::portfolios::PortfolioId;

/// Amounts, prices and quantities stay below it: the columns hold twelve digits before the point.
const MAX_VALUE: Decimal = Decimal::from_parts(3_567_587_327, 232, 0, false, 0);
/// Exchange rates stay below it: their column holds ten digits before the point, and ten after it.
const MAX_RATE: Decimal = Decimal::from_parts(1_410_065_408, 2, 0, false, 0);
const RATE_DIGITS: u32 = 10;

/// Names a transaction of one person.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct TransactionId(pub Uuid);

/// A transaction that is acceptable by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub kind: TransactionKind,
    pub date: Date,
    pub executed_at: Option<Timestamp>,
    pub instrument_id: Option<InstrumentId>,
    pub quantity: Option<Decimal>,
    pub price: Option<Decimal>,
    pub amount: Decimal,
    pub fees: Decimal,
    pub taxes: Decimal,
    pub currency: Currency,
    pub settlement: Option<Settlement>,
    pub ratio: Option<Ratio>,
    pub note: Option<String>,
    /// The broker's account, where its file has several.
    pub account: Option<String>,
    /// The broker's own id.
    pub external_id: Option<String>,
}

/// A transaction as stored.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub id: TransactionId,
    pub portfolio_id: PortfolioId,
    pub draft: Draft,
    pub import_id: Option<Uuid>,
    pub version: i32,
}

/// What a client sends to record or change a transaction.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransactionBody {
    /// The portfolio it belongs to.
    pub portfolio_id: PortfolioId,
    /// `buy`, `sell`, `dividend`, `interest`, `deposit`, `withdrawal`, `fee`, `tax` or `split`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "buy")]
    pub kind: TransactionKind,
    /// Trade date in the calendar of the market.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The exact moment, where known; orders transactions of one day.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub executed_at: Option<Timestamp>,
    /// The instrument; or give `symbol`.
    #[schema(value_type = Option<Uuid>)]
    pub instrument_id: Option<InstrumentId>,
    /// Symbol of the instrument; one that is not known yet is created.
    pub symbol: Option<String>,
    /// Shares, for `buy` and `sell`.
    #[schema(value_type = Option<String>)]
    pub quantity: Option<Decimal>,
    /// Price of one share, for `buy` and `sell`.
    #[schema(value_type = Option<String>)]
    pub price: Option<Decimal>,
    /// Gross amount; for `buy` and `sell` quantity times price unless given.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Decimal>,
    /// Charges, part of the cost of a purchase and deducted from the proceeds of a sale.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub fees: Decimal,
    /// Taxes.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub taxes: Decimal,
    /// Currency of price, amount, fees and taxes; the portfolio's unless given.
    pub currency: Option<String>,
    /// The currency whose balance changed, when the broker exchanged the cash.
    pub settlement_currency: Option<String>,
    /// Units of the settlement currency for one unit of `currency`.
    #[schema(value_type = Option<String>)]
    pub fx_rate: Option<Decimal>,
    /// New shares for old, for `split`, e.g. `4:1`.
    pub ratio: Option<String>,
    /// Free text.
    pub note: Option<String>,
}

/// A transaction on the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TransactionView {
    /// Names the transaction.
    pub id: TransactionId,
    /// The portfolio it belongs to.
    pub portfolio_id: PortfolioId,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: TransactionKind,
    /// Trade date.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The exact moment, where known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub executed_at: Option<Timestamp>,
    /// The instrument.
    #[schema(value_type = Option<Uuid>)]
    pub instrument_id: Option<InstrumentId>,
    /// Its symbol.
    pub symbol: Option<String>,
    /// Its name.
    pub instrument_name: Option<String>,
    /// Shares.
    #[schema(value_type = Option<String>)]
    pub quantity: Option<Decimal>,
    /// Price of one share.
    #[schema(value_type = Option<String>)]
    pub price: Option<Decimal>,
    /// Gross amount.
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// Charges.
    #[schema(value_type = String)]
    pub fees: Decimal,
    /// Taxes.
    #[schema(value_type = String)]
    pub taxes: Decimal,
    /// Currency of price, amount, fees and taxes.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// The currency whose balance changed, when it is another one.
    #[schema(value_type = Option<String>)]
    pub settlement_currency: Option<Currency>,
    /// The broker's rate.
    #[schema(value_type = Option<String>)]
    pub fx_rate: Option<Decimal>,
    /// New shares for old.
    pub ratio: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// The broker's account, where its file had several.
    pub account: Option<String>,
    /// The broker's own id.
    pub external_id: Option<String>,
    /// The import that brought it.
    pub import_id: Option<Uuid>,
    /// Grows with every edit; the `ETag`.
    pub version: i32,
}

impl Draft {
    /// Whether the type concerns an instrument by necessity.
    pub fn needs_instrument(kind: TransactionKind) -> bool {
        use TransactionKind::{Buy, Dividend, Sell, Split};
        matches!(kind, Buy | Sell | Dividend | Split)
    }

    /// Net change of the cash balance, in the transaction's currency.
    pub fn cash_effect(&self) -> Decimal {
        use TransactionKind::{
            Buy, Deposit, Dividend, Fee, Interest, Sell, Split, Tax, Withdrawal,
        };
        let charges = self.fees + self.taxes;
        match self.kind {
            Buy | Withdrawal | Fee | Tax => -self.amount - charges,
            Sell | Dividend | Interest | Deposit => self.amount - charges,
            Split => Decimal::ZERO,
        }
    }

    /// The draft with its numbers as the database keeps them, so that what is checked is what is
    /// stored.
    #[must_use]
    pub fn rounded(mut self) -> Self {
        let stored = money::round_to_store;
        self.quantity = self.quantity.map(stored);
        self.price = self.price.map(stored);
        self.amount = stored(self.amount);
        self.fees = stored(self.fees);
        self.taxes = stored(self.taxes);
        if let Some(settlement) = &mut self.settlement {
            settlement.fx_rate = settlement.fx_rate.round_dp(RATE_DIGITS);
        }
        if let Some(ratio) = &mut self.ratio {
            *ratio = Ratio {
                to: stored(ratio.to),
                from: stored(ratio.from),
            };
        }
        self
    }

    /// Checks everything that can be judged without looking at other transactions.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        if Self::needs_instrument(self.kind) && self.instrument_id.is_none() {
            let detail = format!("A {} needs an instrument.", self.kind.as_str());
            errors.push(refusal("symbol", "missing_field", detail));
        }
        self.check_amounts(&mut errors);
        self.check_size(&mut errors);
        self.check_ratio_and_rate(&mut errors);
        if self.note.as_ref().is_some_and(|note| note.contains('\0')) {
            let detail = "The note must not contain the character NUL.";
            errors.push(refusal("note", "invalid_text", detail));
        }
        if self.date.year() < 1900 {
            errors.push(refusal(
                "date",
                "too_early",
                "The date must not be before 1900.",
            ));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// What the type says about signs.
    fn check_amounts(&self, errors: &mut Vec<FieldError>) {
        use TransactionKind::{Buy, Deposit, Sell, Withdrawal};
        let kind = self.kind.as_str();
        let is_trade = matches!(self.kind, Buy | Sell);
        if is_trade
            && self
                .quantity
                .is_none_or(|quantity| quantity <= Decimal::ZERO)
        {
            let detail = "The quantity must be above zero.";
            errors.push(refusal("quantity", "not_positive", detail));
        }
        if is_trade && self.price.is_none_or(|price| price < Decimal::ZERO) {
            errors.push(refusal(
                "price",
                "negative",
                "The price must not be negative.",
            ));
        }
        if is_trade && self.amount < Decimal::ZERO {
            let detail = format!("The amount of a {kind} must not be negative.");
            errors.push(refusal("amount", "negative", detail));
        }
        if matches!(self.kind, Deposit | Withdrawal) && self.amount <= Decimal::ZERO {
            let detail = format!("The amount of a {kind} must be above zero.");
            errors.push(refusal("amount", "not_positive", detail));
        }
    }

    /// What the columns hold.
    fn check_size(&self, errors: &mut Vec<FieldError>) {
        let numbers = [
            ("quantity", self.quantity),
            ("price", self.price),
            ("amount", Some(self.amount)),
            ("fees", Some(self.fees)),
            ("taxes", Some(self.taxes)),
        ];
        for (pointer, number) in numbers {
            if number.is_some_and(|number| number.abs() >= MAX_VALUE) {
                let detail = format!("The {pointer} must be below {MAX_VALUE}.");
                errors.push(refusal(pointer, "too_large", detail));
            }
        }
    }

    fn check_ratio_and_rate(&self, errors: &mut Vec<FieldError>) {
        let is_within = |part: Decimal| part > Decimal::ZERO && part < MAX_VALUE;
        let has_ratio = self
            .ratio
            .is_some_and(|r| is_within(r.to) && is_within(r.from));
        if (self.kind == TransactionKind::Split) != has_ratio {
            let detail = "A split, and only a split, has a ratio such as 4:1.";
            errors.push(refusal("ratio", "invalid_ratio", detail));
        }
        let rate = self.settlement.map(|settlement| settlement.fx_rate);
        if rate.is_some_and(|rate| rate <= Decimal::ZERO || rate >= MAX_RATE) {
            let detail = format!("The exchange rate must be above zero and below {MAX_RATE}.");
            errors.push(refusal("fx_rate", "out_of_range", detail));
        }
    }
}

fn refusal(pointer: &str, code: &str, detail: impl Into<String>) -> FieldError {
    FieldError {
        pointer: pointer.into(),
        code: code.into(),
        detail: detail.into(),
    }
}

impl Transaction {
    /// The transaction in the words of the ledger.
    pub fn entry(&self, asset: Option<AssetIndex>) -> Option<Entry> {
        use TransactionKind::{
            Buy, Deposit, Dividend, Fee, Interest, Sell, Split, Tax, Withdrawal,
        };
        let draft = &self.draft;
        let amount = draft.amount;
        let event = match draft.kind {
            Buy => Event::Buy {
                asset: asset?,
                quantity: draft.quantity?,
                amount,
            },
            Sell => Event::Sell {
                asset: asset?,
                quantity: draft.quantity?,
                amount,
            },
            Dividend => Event::Dividend {
                asset: asset?,
                amount,
            },
            Split => Event::Split {
                asset: asset?,
                ratio: draft.ratio?,
            },
            Interest => Event::Interest { amount },
            Deposit => Event::Deposit { amount },
            Withdrawal => Event::Withdrawal { amount },
            Fee => Event::Fee { asset, amount },
            Tax => Event::Tax { asset, amount },
        };
        Some(Entry {
            id: self.id.0,
            date: draft.date,
            executed_at: draft.executed_at,
            event,
            fees: draft.fees,
            taxes: draft.taxes,
            currency: draft.currency,
            settlement: draft.settlement,
        })
    }
}

/// Reads a ratio such as `4:1`, `1:10` or `3/2`.
pub(crate) fn parse_ratio(text: &str) -> Option<Ratio> {
    let (to, from) = text.split_once([':', '/'])?;
    let ratio = Ratio {
        to: to.trim().parse().ok()?,
        from: from.trim().parse().ok()?,
    };
    (ratio.to > Decimal::ZERO && ratio.from > Decimal::ZERO).then_some(ratio)
}

/// Writes [`parse_ratio`]'s form.
pub(crate) fn ratio_text(ratio: Ratio) -> String {
    format!("{}:{}", ratio.to.normalize(), ratio.from.normalize())
}
