//! The account statement: one line for each movement of cash, the newest first. Lines of one order
//! share its id.

use std::collections::HashMap;

use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    DecimalSeparator, Row, Statement, draft,
    model::Refusal,
    numbers::{Evidence, Style},
};

use super::{
    super::{
        sheet::{Line, Sheet, begin, nothing, take_all},
        sums::plus,
    },
    DATE, ORDER,
    description::{Words, unknown, verb, words_of},
    flows, named,
};

pub(super) const DESCRIPTION: &str =
    "description omschrijving descrição beschreibung descripción descrizione";
pub(super) const CHANGE: &str =
    "change mutatie mudança änderung mouvements variación variazione mutation";
pub(super) const BALANCE: &str = "balance saldo solde";
pub(super) const VALUE_DATE: &str =
    "valuedate valutadatum datavalor valuta datedevaleur fechavalor dataval datavaluta";

/// A line with what is known of it at once.
pub(super) struct Entry<'s> {
    pub(super) line: Line<'s>,
    pub(super) words: Words,
    pub(super) order: String,
    pub(super) change: Result<Option<(Decimal, Currency)>, Refusal>,
}

/// Lines of the file that belong to others, by their place.
pub(super) struct Account<'s> {
    pub(super) entries: Vec<Entry<'s>>,
    /// How the numbers in descriptions are written.
    pub(super) style: Style,
}

pub(super) fn read(sheet: &Sheet, statement: &mut Statement) {
    let account = Account::new(sheet);
    let mut taken = vec![false; account.entries.len()];
    flows::exchanges(&account, statement, &mut taken);
    flows::product_changes(&account, statement, &mut taken);
    dividends(&account, statement, &mut taken);
    trades(&account, statement, &mut taken);
    for (entry, taken) in account.entries.iter().zip(&taken) {
        if !taken {
            let outcome = entry.line.check_width().and_then(|()| flows::single(entry));
            take_all(statement, entry.line.number_in_file(), outcome);
        }
    }
    flows::balances(&account, statement);
    statement.rows.sort_by_key(|row| row.line);
    statement.rejected.sort_by_key(|rejection| rejection.line);
    statement.skipped.sort_by_key(|rejection| rejection.line);
}

impl<'s> Account<'s> {
    fn new(sheet: &'s Sheet) -> Self {
        let change = sheet.place(CHANGE);
        let balance = sheet.place(BALANCE);
        sheet.learn_numbers_at(
            [change, balance]
                .into_iter()
                .flatten()
                .map(|place| place + 1),
        );
        let mut evidence = Evidence::default();
        let mut entries: Vec<Entry<'s>> = Vec::new();
        for line in sheet.lines() {
            // Old exports break an order's id into the next line.
            let is_rest = line
                .only_text()
                .is_some_and(|(place, _)| Some(place) == sheet.place(ORDER));
            if is_rest {
                if let Some(Entry { order, .. }) = entries.last_mut() {
                    order.push_str(line.text(ORDER));
                }
                continue;
            }
            let description = line.text(DESCRIPTION);
            if let Some(found) = verb(description) {
                found.observe(&mut evidence);
            }
            entries.push(Entry {
                line,
                words: words_of(description),
                order: line.text(ORDER).to_owned(),
                change: change_of(&line),
            });
        }
        Self {
            entries,
            style: evidence.decide(DecimalSeparator::Auto),
        }
    }
}

fn change_of(line: &Line<'_>) -> Result<Option<(Decimal, Currency)>, Refusal> {
    let Some(value) = line.number_beside(CHANGE)? else {
        return Ok(None);
    };
    let (currency, factor) = draft::currency("change", line.text(CHANGE))?;
    Ok(Some((draft::product(value, factor)?, currency)))
}

/// A dividend and the tax that was withheld from it: same instrument, value date and currency.
fn dividends(account: &Account<'_>, statement: &mut Statement, taken: &mut [bool]) {
    let key = |entry: &Entry<'_>| {
        let change = entry.change.as_ref().ok()?.as_ref()?;
        let line = entry.line;
        Some((
            line.text("isin").to_owned(),
            line.text(VALUE_DATE).to_owned(),
            change.1,
        ))
    };
    let mut taxes: HashMap<(String, String, Currency), Vec<usize>> = HashMap::new();
    for (place, entry) in account.entries.iter().enumerate() {
        if entry.words == Words::DividendTax
            && let Some(key) = key(entry)
        {
            taxes.entry(key).or_default().push(place);
        }
    }
    for (place, entry) in account.entries.iter().enumerate() {
        if entry.words != Words::Dividend {
            continue;
        }
        let own = key(entry).and_then(|key| taxes.get_mut(&key)?.pop());
        let outcome = dividend(entry, own.and_then(|tax| account.entries.get(tax)));
        let is_booked = outcome.is_ok();
        take_all(statement, entry.line.number_in_file(), outcome);
        taken[place] = true;
        // The tax of a refused dividend is booked by itself.
        if let Some(tax) = own.filter(|_| is_booked) {
            taken[tax] = true;
        }
    }
}

fn dividend(entry: &Entry<'_>, tax: Option<&Entry<'_>>) -> Result<Vec<Row>, Refusal> {
    let line = &entry.line;
    line.check_width()?;
    let (amount, currency) = flows::needed_change(entry)?;
    let mut draft = begin(
        line,
        line.moment(DATE)?,
        TransactionKind::Dividend,
        currency,
    );
    draft.security = named(line).security();
    draft.amount = Some(amount);
    if let Some(tax) = tax {
        draft.taxes = -flows::needed_change(tax)?.0;
    }
    Ok(vec![draft.check()?])
}

/// A trade and the fees of its order. A fee in another currency than the trade's stays a booking of
/// its own, since the cash left another balance.
fn trades(account: &Account<'_>, statement: &mut Statement, taken: &mut [bool]) {
    let mut fees: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, entry) in account.entries.iter().enumerate() {
        if matches!(entry.words, Words::Fee | Words::Tax) && !entry.order.is_empty() {
            fees.entry(&entry.order).or_default().push(place);
        }
    }
    for (place, entry) in account.entries.iter().enumerate() {
        if entry.words != Words::Trade || taken[place] {
            continue;
        }
        taken[place] = true;
        let charges = fees.remove(&*entry.order).unwrap_or_default();
        let of_order: Vec<&Entry<'_>> = charges
            .iter()
            .filter_map(|place| account.entries.get(*place))
            .filter(|charge| is_in_currency_of(charge, entry))
            .collect();
        let outcome = trade(entry, &of_order, account.style);
        if outcome.is_ok() {
            for place in &charges {
                taken[*place] = account
                    .entries
                    .get(*place)
                    .is_some_and(|charge| is_in_currency_of(charge, entry));
            }
        }
        take_all(statement, entry.line.number_in_file(), outcome);
    }
}

fn is_in_currency_of(charge: &Entry<'_>, trade: &Entry<'_>) -> bool {
    let currency = |entry: &Entry<'_>| Some(entry.change.as_ref().ok()?.as_ref()?.1);
    currency(charge).is_some_and(|found| Some(found) == currency(trade))
}

fn trade(entry: &Entry<'_>, charges: &[&Entry<'_>], style: Style) -> Result<Vec<Row>, Refusal> {
    let line = &entry.line;
    line.check_width()?;
    let words = verb(line.text(DESCRIPTION)).ok_or_else(|| unknown(line.text(DESCRIPTION)))?;
    let change = entry.change.clone()?;
    let deal = words.deal(style, change.map(|(amount, _)| amount))?;
    let is_free = deal.price.is_zero();
    let kind = match (words.buys, is_free) {
        (true, true) => TransactionKind::StockDividend,
        (true, false) => TransactionKind::Buy,
        (false, true) => TransactionKind::TransferOut,
        (false, false) => TransactionKind::Sell,
    };
    let currency = change.map_or(deal.currency, |(_, currency)| currency);
    if currency != deal.currency {
        return Err(super::super::sheet::not_supported(format!(
            "the price is in {} and the cash in {currency}: enter the trade by hand",
            deal.currency
        )));
    }
    let mut draft = begin(line, line.moment(DATE)?, kind, currency);
    draft.security = named(line).security();
    draft.quantity = Some(deal.quantity);
    draft.price = Some(deal.price).filter(|_| !is_free);
    // Conversions of money market funds state no cash beside them.
    draft.amount = change
        .map(|(amount, _)| amount.abs())
        .filter(|amount| !amount.is_zero());
    draft.note = crate::securities::filled(words.occasion);
    for charge in charges {
        let paid = -flows::needed_change(charge)?.0;
        let column = match charge.words {
            Words::Tax => &mut draft.taxes,
            _ => &mut draft.fees,
        };
        *column = plus(*column, paid)?;
    }
    Ok(vec![draft.check()?])
}

/// A line that repeats or announces what others book.
pub(super) fn internal() -> Refusal {
    nothing("the money moved between the broker and its own bank, or was only reserved")
}
