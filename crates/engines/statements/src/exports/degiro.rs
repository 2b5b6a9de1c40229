//! DEGIRO's account statement and list of transactions, in the languages of its customers. Times
//! are those of the broker's clock, whose zone is not stated, so they fix no instant.

mod account;
mod description;
mod flows;
mod transactions;

use crate::{Format, Statement, dates::First, securities::Named};

use super::sheet::{Line, Sheet};

pub(crate) const LAYOUTS: &[&str] = &[
    "date|datum|data|fecha valuedate|valutadatum|datavalor|valuta|datedevaleur|fechavalor|dataval|\
     datavaluta isin \
     description|omschrijving|descrição|beschreibung|description|descripción|descrizione \
     change|mutatie|mudança|änderung|mouvements|variación|variazione|mutation \
     balance|saldo|solde orderid|iddaordem|iddeorden|idordre|idordine",
    "date|datum|data|fecha isin venue|uitvoeringsplaats|ausführungsort|lieudexécution|bolsade|\
     centrodeejecución|bolsadeexecução|borsadiesecuzione \
     quantity|aantal|anzahl|quantité|número|cantidad|quantidade|quantità \
     price|koers|kurs|cours|precio|preço|prezzo|preços \
     localvalue|lokalewaarde|wertinlokalwährung|montantdevise|valorlocal|controvalorelocale \
     total|totaal|gesamt|totaleur|totaaleur|gesamteur|montanttotal|totale",
];

const DATE: &str = "date datum data fecha";
const PRODUCT: &str = "product produkt produto produit producto prodotto";
const ORDER: &str = "orderid iddaordem iddeorden idordre idordine";

pub(crate) fn read(sheet: &Sheet) -> Statement {
    // The broker writes the day first everywhere.
    sheet.set_first(First::Day);
    let mut statement = Statement::new(Format::Degiro);
    if sheet.has(account::DESCRIPTION) && sheet.has(account::CHANGE) {
        account::read(sheet, &mut statement);
    } else {
        transactions::read(sheet, &mut statement);
    }
    statement
}

fn named<'l>(line: &Line<'l>) -> Named<'l> {
    Named {
        isin: line.text("isin"),
        name: line.text(PRODUCT),
        ..Named::default()
    }
}
