//! The form of a transaction. It holds the fields of every type, so that it works as it is; a script
//! hides those that the chosen type does not have.

use ledger::TransactionKind;
use maud::{Markup, html};
use web::{
    Chrome, FieldError,
    components::{self as ui, Field, FieldKind, NoticeKind},
};

use super::kind_label;
use crate::{portfolios::Portfolio, transactions::form::TransactionForm};

/// Where the form goes and what surrounds it.
#[derive(Clone, Copy)]
pub(super) struct Editor<'a> {
    pub(super) title: &'a str,
    pub(super) action: &'a str,
    pub(super) portfolios: &'a [Portfolio],
    pub(super) errors: &'a [FieldError],
}

impl Editor<'_> {
    /// A field that only some types have.
    fn of_kinds(
        &self,
        has_it: impl Fn(TransactionKind) -> bool,
        hint: Option<&str>,
        field: Field<'_>,
    ) -> Markup {
        let kinds = TransactionKind::ALL
            .into_iter()
            .filter(|kind| has_it(*kind));
        let words: Vec<&str> = kinds.map(TransactionKind::as_str).collect();
        let field = Field {
            hint,
            error: ui::error_of(self.errors, field.name),
            ..field
        };
        html! { div data-kinds=(words.join(" ")) { (ui::text_field(&field)) } }
    }
}

fn field<'f>(label: &'f str, name: &'f str, value: &'f str) -> Field<'f> {
    Field {
        label,
        name,
        value,
        ..Field::default()
    }
}

fn decimal(field: Field<'_>) -> Field<'_> {
    Field {
        kind: FieldKind::Decimal,
        ..field
    }
}

pub(super) fn editor(chrome: &Chrome, place: Editor<'_>, form: &TransactionForm) -> Markup {
    let title = place.title;
    web::page(
        chrome,
        title,
        html! {
            (ui::breadcrumb(&[("Transactions", "/portfolio/transactions")], title))
            (ui::page_head(title, html! {}))
            form.card method="post" action=(place.action) {
                (ui::csrf_field(chrome))
                input type="hidden" name="version" value=(form.version);
                (ui::form_errors(place.errors))
                div.fields { (what(place, form)) (how_much(place, form)) }
                @if chrome.risk_warnings { (risk_warning()) }
                (contract(place, form))
                (others(place, form))
                details open[!form.settlement_currency.is_empty()] {
                    summary { "The broker exchanged the cash" }
                    div.fields { (settlement(place, form)) }
                }
                div.actions { (ui::submit("Save")) (ui::link_button("Cancel", "/portfolio/transactions", false)) }
            }
        },
    )
}

fn what(place: Editor<'_>, form: &TransactionForm) -> Markup {
    let ids: Vec<String> = place
        .portfolios
        .iter()
        .map(|p| p.id.0.to_string())
        .collect();
    let portfolios: Vec<(&str, &str)> = ids
        .iter()
        .zip(place.portfolios)
        .map(|(id, p)| (id.as_str(), p.name.as_str()))
        .collect();
    let kinds = TransactionKind::ALL.map(|kind| (kind.as_str(), kind_label(kind)));
    let required = |label, name, value, kind| Field {
        kind,
        required: true,
        error: ui::error_of(place.errors, name),
        ..field(label, name, value)
    };
    html! {
        (ui::select_field(&required("Portfolio", "portfolio_id", &form.portfolio_id, FieldKind::Text), &portfolios))
        div data-kind-choice { (ui::select_field(&required("Type", "type", &form.kind, FieldKind::Text), &kinds)) }
        (ui::text_field(&required("Date", "date", &form.date, FieldKind::Date)))
        (place.of_kinds(
            |kind| kind.needs_asset() || matches!(kind, TransactionKind::Fee | TransactionKind::Tax),
            Some("A new symbol becomes an instrument."),
            field("Symbol", "symbol", &form.symbol),
        ))
    }
}

fn how_much(place: Editor<'_>, form: &TransactionForm) -> Markup {
    use TransactionKind as Kind;
    let states_amount = |kind: Kind| {
        kind.cash_direction() != 0
            || matches!(
                kind,
                Kind::StockDividend | Kind::ReinvestedDividend | Kind::TransferIn
            )
    };
    html! {
        (place.of_kinds(Kind::states_quantity, Some("Shares, or contracts of an option."), decimal(field("Quantity", "quantity", &form.quantity))))
        (place.of_kinds(|kind| kind.is_trade() || kind == Kind::ReinvestedDividend, None, decimal(field("Price per share", "price", &form.price))))
        (place.of_kinds(states_amount, Some("Gross. For a trade it is quantity times price; for a transfer in, what the shares had cost."), decimal(field("Amount", "amount", &form.amount))))
        (place.of_kinds(|_| true, Some("Part of the cost of a purchase."), decimal(field("Fees", "fees", &form.fees))))
        (place.of_kinds(|_| true, None, decimal(field("Taxes", "taxes", &form.taxes))))
        (place.of_kinds(|_| true, Some("The portfolio's currency unless given. GBX states pence."), field("Currency", "currency", &form.currency)))
        (place.of_kinds(|kind| matches!(kind, Kind::Split | Kind::SpinOff | Kind::Merger), Some("New shares for old, such as 4:1."), field("Ratio", "ratio", &form.ratio)))
        (place.of_kinds(|_| true, None, field("Note", "note", &form.note)))
    }
}

/// What short positions and options can cost, for those who want to be told.
fn risk_warning() -> Markup {
    use TransactionKind as Kind;
    let words = [
        Kind::Buy,
        Kind::Sell,
        Kind::Short,
        Kind::Cover,
        Kind::Assignment,
    ]
    .map(Kind::as_str);
    html! {
        div data-kinds=(words.join(" ")) {
            (ui::notice(NoticeKind::Warning, html! {
                p {
                    strong { "Short positions and options. " }
                    "A share that is sold short can cost more than it brought, without limit. An option that \
                     is held can expire worthless, and one that is written can cost a multiple of its price."
                }
            }))
        }
    }
}

/// The terms of an option, for who has no symbol of it.
fn contract(place: Editor<'_>, form: &TransactionForm) -> Markup {
    use TransactionKind as Kind;
    let can_be_option = |kind: &Kind| {
        kind.is_trade()
            || matches!(
                kind,
                Kind::Exercise
                    | Kind::Assignment
                    | Kind::Expiry
                    | Kind::TransferIn
                    | Kind::TransferOut
            )
    };
    let words: Vec<&str> = Kind::ALL
        .into_iter()
        .filter(can_be_option)
        .map(Kind::as_str)
        .collect();
    let typed = [
        &form.underlying,
        &form.right,
        &form.strike,
        &form.expires_on,
    ];
    let is_open = typed.iter().any(|text| !text.is_empty())
        || matches!(form.kind.as_str(), "exercise" | "assignment" | "expiry");
    let text = |label, name, value, hint| Field {
        hint,
        error: ui::error_of(place.errors, name),
        ..field(label, name, value)
    };
    let last_day = Field {
        kind: FieldKind::Date,
        ..text("Last day", "expires_on", &form.expires_on, None)
    };
    let rights = [("", "Not an option"), ("call", "Call"), ("put", "Put")];
    html! {
        details data-kinds=(words.join(" ")) open[is_open] {
            summary { "An option" }
            p.hint {
                "Write its symbol above, such as FB180921C00200000, or state its terms here. Buy and sell \
                 open and close an option that is held; short writes one, and cover buys it back."
            }
            div.fields {
                (ui::text_field(&text("Underlying", "underlying", &form.underlying, Some("Symbol of the share that it is about."))))
                (ui::select_field(&text("Right", "right", &form.right, None), &rights))
                (ui::text_field(&decimal(text("Strike", "strike", &form.strike, Some("Price of one share when it is used.")))))
                (ui::text_field(&last_day))
                (ui::text_field(&decimal(text("Shares per contract", "multiplier", &form.multiplier, Some("100 unless given.")))))
            }
        }
    }
}

/// What only events that reach beyond one instrument or portfolio have.
fn others(place: Editor<'_>, form: &TransactionForm) -> Markup {
    use TransactionKind as Kind;
    let is_transfer = |kind: Kind| matches!(kind, Kind::TransferIn | Kind::TransferOut);
    let kinds = Kind::ALL
        .into_iter()
        .filter(|kind| kind.has_target() || is_transfer(*kind) || *kind == Kind::Sell);
    let words: Vec<&str> = kinds.map(Kind::as_str).collect();
    let is_open =
        words.contains(&form.kind.as_str()) && form.kind != "sell" || !form.lots.is_empty();
    let ids: Vec<String> = place
        .portfolios
        .iter()
        .map(|p| p.id.0.to_string())
        .collect();
    let mut portfolios = vec![("", "Outside")];
    portfolios.extend(
        ids.iter()
            .zip(place.portfolios)
            .map(|(id, p)| (id.as_str(), p.name.as_str())),
    );
    let day = Field {
        kind: FieldKind::Date,
        ..field("Bought on", "acquired_on", &form.acquired_on)
    };
    let other = Field {
        hint: Some("Shares that move between two of your portfolios keep their dates and cost."),
        error: ui::error_of(place.errors, "other_portfolio_id"),
        ..field("Other side", "other_portfolio_id", &form.other_portfolio_id)
    };
    html! {
        details data-kinds=(words.join(" ")) open[is_open] {
            summary { "Transfers, spin-offs, mergers, chosen lots" }
            div.fields {
                (place.of_kinds(Kind::has_target, Some("The instrument whose shares are received."), field("Becomes", "target_symbol", &form.target_symbol)))
                (place.of_kinds(|kind| matches!(kind, Kind::SpinOff | Kind::Merger), Some("The part of the cost that goes with the new shares, 0 to 1."), decimal(field("Cost share", "cost_share", &form.cost_share))))
                div data-kinds="transfer_in transfer_out" { (ui::select_field(&other, &portfolios)) }
                (place.of_kinds(|kind| kind == Kind::TransferIn, Some("For shares from outside, with their cost as the amount."), day))
                (place.of_kinds(|kind| kind == Kind::Sell, Some("Which lots go first, where the portfolio chooses specific lots: the id of each purchase and how many of its shares, with semicolons between. The page of the holding fills it in."), field("Lots", "lots", &form.lots)))
            }
        }
    }
}

fn settlement(place: Editor<'_>, form: &TransactionForm) -> Markup {
    html! {
        (place.of_kinds(|_| true, Some("The balance that changed; for a conversion, the currency received."), field("Settlement currency", "settlement_currency", &form.settlement_currency)))
        (place.of_kinds(|_| true, Some("Units of it for one unit of the transaction's currency."), decimal(field("Exchange rate", "fx_rate", &form.fx_rate))))
    }
}
