use jiff::{Timestamp, civil::Date};
use ledger::{LotChoice, OptionRight, Ratio, Settlement, TransactionKind};
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
    /// The instrument whose shares are received.
    pub target_id: Option<InstrumentId>,
    /// The part of the cost that goes with them, 0 to 1.
    pub cost_share: Option<Decimal>,
    /// When transferred shares were bought.
    pub acquired_on: Option<Date>,
    /// Ties the two sides of a transfer between portfolios together.
    pub transfer_id: Option<Uuid>,
    /// Lots out of which shares go first.
    pub lots: Vec<LotChoice>,
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
    /// `buy`, `sell`, `short`, `cover`, `dividend`, `reinvested_dividend`, `stock_dividend`,
    /// `return_of_capital`, `interest`, `deposit`, `withdrawal`, `conversion`, `transfer_in`,
    /// `transfer_out`, `fee`, `tax`, `split`, `spin_off`, `merger`, `symbol_change`, `exercise`,
    /// `assignment` or `expiry`.
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
    /// Symbol of the instrument; one that is not known yet is created. An option may be named by the
    /// symbol of the clearing house, such as `FB180921C00200000`, or by its terms.
    pub symbol: Option<String>,
    /// Symbol of what an option is about; with `right`, `strike` and `expires_on` it names the contract.
    pub underlying: Option<String>,
    /// `call` or `put`.
    #[schema(value_type = Option<String>)]
    pub right: Option<OptionRight>,
    /// Price of one share when the option is used.
    #[schema(value_type = Option<String>)]
    pub strike: Option<Decimal>,
    /// The option's last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub expires_on: Option<Date>,
    /// Shares of one contract; 100 unless given.
    #[schema(value_type = Option<String>)]
    pub multiplier: Option<Decimal>,
    /// Shares or contracts, for trades, transfers, stock and reinvested dividends and what happens
    /// to options; negative for a short position that is transferred.
    #[schema(value_type = Option<String>)]
    pub quantity: Option<Decimal>,
    /// Price of one share, for trades and reinvested dividends.
    #[schema(value_type = Option<String>)]
    pub price: Option<Decimal>,
    /// Gross amount; for trades quantity times price (times the multiplier of a contract) unless
    /// given; what the shares had cost for a transfer in.
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
    /// Currency of price, amount, fees and taxes; the portfolio's unless given. What is stated in
    /// pence (`GBX`, `GBp`), `ZAC` or `ILA` is kept in pounds, rand and shekels.
    pub currency: Option<String>,
    /// The currency whose balance changed, when the broker exchanged the cash.
    pub settlement_currency: Option<String>,
    /// Units of the settlement currency for one unit of `currency`.
    #[schema(value_type = Option<String>)]
    pub fx_rate: Option<Decimal>,
    /// New shares for old, for `split`, `spin_off` and `merger`, e.g. `4:1`.
    pub ratio: Option<String>,
    /// The instrument whose shares are received; or give `target_symbol`.
    #[schema(value_type = Option<Uuid>)]
    pub target_instrument_id: Option<InstrumentId>,
    /// Its symbol, for `spin_off`, `merger` and `symbol_change`; one that is not known is created.
    pub target_symbol: Option<String>,
    /// The part of the cost that goes with the shares received, 0 to 1, for `spin_off` and `merger`.
    #[schema(value_type = Option<String>)]
    pub cost_share: Option<Decimal>,
    /// When the shares were bought, for `transfer_in`.
    #[schema(value_type = Option<String>, format = Date)]
    pub acquired_on: Option<Date>,
    /// The own portfolio on the other side of a `transfer_in` or `transfer_out`, which is recorded
    /// there too; lots then keep their dates and cost. Given when it is created.
    pub other_portfolio_id: Option<PortfolioId>,
    /// Lots out of which a sale takes shares first, where the portfolio chooses specific lots.
    #[serde(default)]
    #[schema(value_type = Vec<LotChoiceView>)]
    pub lots: Vec<LotChoice>,
    /// Free text.
    pub note: Option<String>,
}

/// Shares of the lot that a transaction opened.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes what the ledger's own type looks like on the wire"
)]
pub(super) struct LotChoiceView {
    /// The transaction that opened the lot.
    lot: Uuid,
    /// Shares out of it.
    #[schema(value_type = String)]
    quantity: Decimal,
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
    /// The instrument whose shares are received.
    #[schema(value_type = Option<Uuid>)]
    pub target_instrument_id: Option<InstrumentId>,
    /// Its symbol.
    pub target_symbol: Option<String>,
    /// The part of the cost that goes with the shares received.
    #[schema(value_type = Option<String>)]
    pub cost_share: Option<Decimal>,
    /// When transferred shares were bought.
    #[schema(value_type = Option<String>, format = Date)]
    pub acquired_on: Option<Date>,
    /// Ties the two sides of a transfer between portfolios together.
    pub transfer_id: Option<Uuid>,
    /// Lots out of which shares go first.
    #[schema(value_type = Vec<LotChoiceView>)]
    pub lots: Vec<LotChoice>,
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
    /// Net change of the cash balance, in the transaction's currency; what an exercise or assignment
    /// pays depends on the option.
    pub fn cash_effect(&self) -> Decimal {
        if self.kind == TransactionKind::ReinvestedDividend {
            return Decimal::ZERO;
        }
        self.amount * Decimal::from(self.kind.cash_direction()) - self.fees - self.taxes
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
        self.cost_share = self.cost_share.map(|share| share.round_dp(RATE_DIGITS));
        for chosen in &mut self.lots {
            chosen.quantity = stored(chosen.quantity);
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
        if self.kind.needs_asset() && self.instrument_id.is_none() {
            let detail = format!("A {} needs an instrument.", self.word());
            errors.push(refusal("symbol", "missing_field", detail));
        }
        self.check_amounts(&mut errors);
        self.check_size(&mut errors);
        self.check_ratio_and_rate(&mut errors);
        self.check_target(&mut errors);
        self.check_lots(&mut errors);
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

    /// The type in words, as in "a return of capital".
    fn word(&self) -> String {
        self.kind.as_str().replace('_', " ")
    }

    /// What the type says about signs.
    fn check_amounts(&self, errors: &mut Vec<FieldError>) {
        use TransactionKind::{
            Conversion, Deposit, Merger, ReinvestedDividend, StockDividend, TransferIn,
            TransferOut, Withdrawal,
        };
        let word = self.word();
        let is_trade = self.kind.is_trade() || self.kind == ReinvestedDividend;
        let moves_either_way = matches!(self.kind, TransferIn | TransferOut);
        let is_wrong = |quantity: Decimal| {
            quantity.is_zero() || (quantity.is_sign_negative() && !moves_either_way)
        };
        if self.kind.states_quantity() && self.quantity.is_none_or(is_wrong) {
            let detail = if moves_either_way {
                "The quantity must not be zero."
            } else {
                "The quantity must be above zero."
            };
            errors.push(refusal("quantity", "not_positive", detail));
        }
        if is_trade && self.price.is_none_or(|price| price < Decimal::ZERO) {
            errors.push(refusal(
                "price",
                "negative",
                "The price must not be negative.",
            ));
        }
        let has_no_sign = matches!(self.kind, Merger | StockDividend | TransferIn);
        if (is_trade || has_no_sign) && self.amount < Decimal::ZERO {
            let detail = format!("The amount of a {word} must not be negative.");
            errors.push(refusal("amount", "negative", detail));
        }
        let is_cash = matches!(self.kind, Deposit | Withdrawal | Conversion);
        if is_cash && self.amount <= Decimal::ZERO {
            let detail = format!("The amount of a {word} must be above zero.");
            errors.push(refusal("amount", "not_positive", detail));
        }
    }

    fn check_target(&self, errors: &mut Vec<FieldError>) {
        let pays_cash = self.kind == TransactionKind::Merger && self.amount > Decimal::ZERO;
        if self.kind.has_target() && self.target_id.is_none() && !pays_cash {
            let detail = format!(
                "A {} needs the instrument whose shares are received.",
                self.word()
            );
            errors.push(refusal("target_symbol", "missing_field", detail));
        }
        if self.kind.has_target() && self.target_id == self.instrument_id {
            let detail = "The instrument received must be another one.";
            errors.push(refusal("target_symbol", "same_instrument", detail));
        }
        if !self.kind.has_target() && self.target_id.is_some() {
            let detail =
                "Only a spin-off, a merger or a symbol change receives another instrument.";
            errors.push(refusal("target_symbol", "not_expected", detail));
        }
        let share = self.cost_share;
        if share.is_some_and(|share| !(Decimal::ZERO..=Decimal::ONE).contains(&share)) {
            let detail = "The cost share must be from 0 to 1.";
            errors.push(refusal("cost_share", "out_of_range", detail));
        }
    }

    fn check_lots(&self, errors: &mut Vec<FieldError>) {
        let mut chosen = Decimal::ZERO;
        for lot in &self.lots {
            if lot.quantity <= Decimal::ZERO || lot.quantity >= MAX_VALUE {
                let detail = "Each chosen lot needs a quantity above zero.";
                errors.push(refusal("lots", "not_positive", detail));
                return;
            }
            chosen += lot.quantity;
        }
        if chosen > self.quantity.unwrap_or_default().abs() {
            let detail =
                format!("The chosen lots give {chosen} shares, which is more than the quantity.");
            errors.push(refusal("lots", "too_many", detail));
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
        use TransactionKind::{Conversion, Merger, SpinOff, Split};
        let is_within = |part: Decimal| part > Decimal::ZERO && part < MAX_VALUE;
        let has_ratio = self
            .ratio
            .is_some_and(|r| is_within(r.to) && is_within(r.from));
        let needs_ratio = matches!(self.kind, Split | SpinOff)
            || (self.kind == Merger && self.target_id.is_some());
        if needs_ratio != has_ratio {
            let detail = "A split, a spin-off and a merger for shares, and only these, have a ratio such as 4:1.";
            errors.push(refusal("ratio", "invalid_ratio", detail));
        }
        if self.kind == Conversion && self.settlement.is_none() {
            let detail = "A conversion needs the currency received and its rate.";
            errors.push(refusal("settlement_currency", "missing_field", detail));
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
