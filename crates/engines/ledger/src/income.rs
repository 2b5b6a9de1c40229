//! What came in without a sale: dividends, interest, capital given back.

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    AssetIndex, Entry, Event, Side, TransactionKind, conversion::Figures, fixed::Both,
    replay::Replay,
};

/// One payment, as it was booked. Gross dividends of all payments of an instrument add up to
/// [`crate::Position::dividends_base`], interest to [`crate::Books::interest_base`].
///
/// A tax that is booked on an instrument as a transaction of its own is a payment of nothing with a
/// tax: brokers state withheld tax either way. Figures into which no rate leads are zero, and the
/// finding `missing_rate` says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Income {
    /// The transaction.
    pub entry: Uuid,
    /// `dividend`, `reinvested_dividend`, `stock_dividend`, `interest`, `return_of_capital` or `tax`.
    pub kind: TransactionKind,
    /// Who paid; `None` for interest.
    pub asset: Option<AssetIndex>,
    /// When.
    pub date: Date,
    /// Shares held less shares owed before it was booked; zero for interest.
    pub quantity: Decimal,
    /// The currency of the payment.
    pub currency: Currency,
    /// Gross, in the currency of the payment.
    pub amount: Decimal,
    /// Fees, in the currency of the payment.
    pub fees: Decimal,
    /// Taxes withheld, in the currency of the payment.
    pub taxes: Decimal,
    /// Gross in the instrument's currency; in the base currency for interest.
    pub amount_asset: Decimal,
    /// Gross in the base currency.
    pub amount_base: Decimal,
    /// Fees in the base currency.
    pub fees_base: Decimal,
    /// Taxes withheld in the base currency.
    pub taxes_base: Decimal,
}

impl Income {
    /// What arrived, in cash or shares, in the base currency: gross less fees and taxes.
    pub fn net_base(&self) -> Decimal {
        self.amount_base - self.fees_base - self.taxes_base
    }
}

/// Whether an event pays, and whether its gross amount is stated after charges.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payment {
    Gross,
    /// The shares bought; the dividend was this with the charges.
    Net,
    TaxAlone,
}

fn payment(event: &Event) -> Option<Payment> {
    match event {
        Event::Dividend { .. } | Event::Interest { .. } | Event::ReturnOfCapital { .. } => {
            Some(Payment::Gross)
        }
        // Without a value the shares are no income but a split.
        Event::StockDividend { amount, .. } if !amount.is_zero() => Some(Payment::Gross),
        Event::ReinvestedDividend { .. } => Some(Payment::Net),
        Event::Tax { asset: Some(_), .. } => Some(Payment::TaxAlone),
        _ => None,
    }
}

impl Replay<'_> {
    /// Notes a payment, before it changes anything.
    pub(crate) fn note_income(&mut self, entry: &Entry, figures: &Figures) {
        let Some(payment) = payment(&entry.event) else {
            return;
        };
        let asset = entry.event.asset();
        let holding = asset
            .and_then(|asset| self.holdings.get(asset.0 as usize))
            .and_then(Option::as_ref);
        let quantity = holding.map_or(Decimal::ZERO, |holding| {
            let held = holding.lots(Side::Long).quantity();
            (held - holding.lots(Side::Short).quantity()).decimal()
        });
        let (mut gross, mut taxes) = (figures.gross, figures.taxes);
        let (mut amount, mut taxes_paid) = (stated_amount(&entry.event), entry.taxes);
        match payment {
            Payment::Gross => {}
            Payment::Net => {
                gross += figures.fees + figures.taxes;
                amount += entry.fees + entry.taxes;
            }
            Payment::TaxAlone => {
                taxes += gross;
                taxes_paid += amount;
                gross = Both::default();
                amount = Decimal::ZERO;
            }
        }
        self.books.income.push(Income {
            entry: entry.id,
            kind: entry.event.kind(),
            asset,
            date: entry.date,
            quantity,
            currency: entry.currency,
            amount,
            fees: entry.fees,
            taxes: taxes_paid,
            amount_asset: gross.asset.decimal(),
            amount_base: gross.base.decimal(),
            fees_base: figures.fees.base.decimal(),
            taxes_base: taxes.base.decimal(),
        });
    }
}

fn stated_amount(event: &Event) -> Decimal {
    match *event {
        Event::Dividend { amount, .. }
        | Event::Interest { amount }
        | Event::ReturnOfCapital { amount, .. }
        | Event::StockDividend { amount, .. }
        | Event::ReinvestedDividend { amount, .. }
        | Event::Tax { amount, .. } => amount,
        _ => Decimal::ZERO,
    }
}
