//! Signs and net amounts in foreign files.

use ledger::TransactionKind;
use rust_decimal::Decimal;

use crate::{
    AmountSign, Field,
    draft::{self, Draft, agree, product},
    model::Refusal,
    numbers::negated,
};

/// The habits of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Signs {
    /// Amounts are cash effects: what leaves the account is negative.
    pub(super) cash_effect: bool,
    /// Charges are written as deductions.
    pub(super) fees_negative: bool,
    /// Taxes are written as deductions.
    pub(super) taxes_negative: bool,
}

/// What amounts reveal about the signs of a file. They are a habit of the whole file: purchases with
/// negative amounts show that amounts are cash effects, charges that are never positive that charges
/// are written as deductions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SignEvidence {
    buys: Seen,
    withdrawals: Seen,
    fees: Seen,
    taxes: Seen,
}

/// Which signs were seen.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    positive: bool,
    negative: bool,
}

impl Seen {
    fn observe(&mut self, value: Option<Decimal>) {
        self.positive |= value.is_some_and(|value| value > Decimal::ZERO);
        self.negative |= value.is_some_and(|value| value < Decimal::ZERO);
    }

    fn never_positive(self) -> bool {
        self.negative && !self.positive
    }
}

impl SignEvidence {
    /// Looks at one record.
    pub(super) fn observe(
        &mut self,
        kind: Option<TransactionKind>,
        amount: impl Fn(Field) -> Option<Decimal>,
    ) {
        match kind {
            Some(TransactionKind::Buy) => self.buys.observe(amount(Field::Amount)),
            Some(TransactionKind::Withdrawal) => self.withdrawals.observe(amount(Field::Amount)),
            _ => {}
        }
        self.fees.observe(amount(Field::Fees));
        self.taxes.observe(amount(Field::Taxes));
    }

    pub(super) fn decide(self, prescribed: AmountSign) -> Signs {
        let has_buys = self.buys.positive || self.buys.negative;
        Signs {
            cash_effect: match prescribed {
                // Withdrawals are negative even in some files that state everything else by magnitude.
                AmountSign::Auto if has_buys => self.buys.negative,
                AmountSign::Auto => self.withdrawals.negative,
                AmountSign::CashEffect => true,
                AmountSign::Magnitude => false,
            },
            fees_negative: self.fees.never_positive(),
            taxes_negative: self.taxes.never_positive(),
        }
    }
}

impl Signs {
    /// Brings the signs of a foreign file to those of a row.
    pub(super) fn adopt(self, draft: &mut Draft) {
        if self.fees_negative {
            draft.fees = negated(draft.fees);
        }
        if self.taxes_negative {
            draft.taxes = negated(draft.taxes);
        }
        match draft.kind {
            TransactionKind::Buy
            | TransactionKind::Cover
            | TransactionKind::ReinvestedDividend
            | TransactionKind::Conversion => draft.amount = draft.amount.map(|value| value.abs()),
            TransactionKind::Sell
            | TransactionKind::Short
            | TransactionKind::TransferOut
            | TransactionKind::Exercise
            | TransactionKind::Assignment
            | TransactionKind::Expiry => {
                draft.amount = draft.amount.map(|value| value.abs());
                draft.quantity = draft.quantity.map(|value| value.abs());
            }
            TransactionKind::Withdrawal => {
                draft.amount = draft.amount.map(|value| value.abs());
                draft.quantity = draft.quantity.map(|value| value.abs());
            }
            TransactionKind::Fee | TransactionKind::Tax if self.cash_effect => {
                draft.amount = draft.amount.map(negated);
            }
            _ => {}
        }
    }
}

/// Many brokers state the amount that moved in cash. It is recognised where shares, price and
/// charges are given too.
pub(super) fn gross_from_net(draft: &mut Draft) -> Result<(), Refusal> {
    let (Some(quantity), Some(price), Some(amount)) = (draft.quantity, draft.price, draft.amount)
    else {
        return Ok(());
    };
    let charges = draft
        .fees
        .checked_add(draft.taxes)
        .ok_or_else(draft::too_large)?;
    let gross = product(draft.shares(quantity)?, price)?;
    let net = match draft.kind {
        TransactionKind::Buy | TransactionKind::Cover => gross.checked_add(charges),
        TransactionKind::Sell | TransactionKind::Short | TransactionKind::Dividend => {
            gross.checked_sub(charges)
        }
        _ => None,
    };
    let distance = |value: Decimal| value.checked_sub(amount).map(|gap| gap.abs());
    let nearer = net
        .and_then(distance)
        .zip(distance(gross))
        .is_some_and(|(net, gross)| net < gross);
    if let Some(net) = net.filter(|net| nearer && agree(*net, amount)) {
        // Rounding stays with the amount: only the charges are taken out of it.
        draft.amount = net
            .checked_sub(gross)
            .and_then(|part| amount.checked_sub(part));
    }
    Ok(())
}
