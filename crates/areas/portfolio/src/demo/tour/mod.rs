//! What the demo shows beyond the sample: two more portfolios in which something of everything
//! happened, also what does not add up, and plans for the whole. All of it is simulated and follows
//! from the day on which the demo first starts.
//!
//! | portfolio | shows |
//! |---|---|
//! | Side account | an imported statement: a put that was assigned, a short position, a reinvested dividend, a sale without a purchase, a price that is missing, cash below zero, a stated position that differs; a spin-off that was applied; an edited, a deleted and a back-dated booking; shares sent to Brokerage |
//! | Home | a house and its mortgage |

pub(super) mod plans;
mod statement;

use std::collections::HashMap;

use db::{UserId, UserTx};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use ledger::{CostBasis, Ratio, TransactionKind};
use market::{
    AssetClass, InstrumentId, SecurityKey,
    bars::DailyBar,
    corporate_actions::{NewCorporateAction, Terms},
    instruments::{self, Facts, NewInstrument},
};
use money::{Currency, QuoteUnit};
use rust_decimal::Decimal;
use web::App;

use super::{
    SIMULATED, Universe,
    service::{Error, daily_bar, load_sample},
};
use crate::{
    corporate_actions, imports,
    portfolios::{self, NewPortfolio, Portfolio, PortfolioId},
    reconciliation::{self, Stated, What},
    transactions::{self, TransactionBody, service::Instruments},
};

const SIDE_ACCOUNT: &str = "Side account";
const HOME: &str = "Home";
/// Whose part is spun off, and the part.
const PARENT: &str = "OTFP";
const CHILD: (&str, &str) = ("OATM", "Oatfield Mills");

/// What the tour is made of.
struct Stage<'a> {
    app: &'a App,
    user: UserId,
    today: Date,
    universe: &'a Universe,
    ids: HashMap<String, InstrumentId>,
}

impl Stage<'_> {
    fn day(&self, days_ago: i64) -> Date {
        self.today.saturating_sub(days_ago.days())
    }

    /// The last close of an instrument on or before a day.
    fn close(&self, symbol: &str, day: Date) -> Decimal {
        let instrument = self
            .universe
            .instruments
            .iter()
            .find(|i| i.symbol == symbol);
        instrument
            .and_then(|i| i.bars.iter().rev().find(|bar| bar.date <= day))
            .and_then(|bar| money::decimal_from_f64(bar.close))
            .map_or(Decimal::ONE, |close| close.round_dp(2))
    }

    fn instrument(&self, symbol: &str) -> Option<InstrumentId> {
        self.ids.get(symbol).copied()
    }
}

/// Loads the sample and, on the first start, the tour. The portfolio [`HOME`] comes last, in one unit of
/// work with the plans and with what leaves the side account: a tour that was cut short has none, and is
/// told from its beginning.
pub async fn load_tour(app: &App, user: UserId) -> Result<(), Error> {
    let (universe, ids) = load_sample(app, user).await?;
    let today = app.clock.today(&TimeZone::UTC);
    let mut stage = Stage {
        app,
        user,
        today,
        universe: &universe,
        ids,
    };
    let mut tx = app.db.read(user).await?;
    let known = portfolios::store::list(&mut tx).await?;
    drop(tx);
    let find = |name: &str| known.iter().find(|p| p.name == name).map(|p| p.id);
    if find(HOME).is_some() || plans::are_made(app, user).await? {
        return Ok(());
    }
    let Some(account) = open_side_account(&stage, &known).await? else {
        return Ok(());
    };
    stage.ids.extend(spin_off(&stage).await?);
    import(&stage, account).await?;
    apply_spin_off(&stage, account).await?;
    correct(&stage, account).await?;
    let mut tx = app.db.write(user).await?;
    if let Some(brokerage) = find("Brokerage") {
        send_shares(&stage, &mut tx, account, brokerage).await?;
    }
    plans::furnish(&stage, &mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Opens the side account, in place of one that was cut short. A portfolio of that name that is the
/// person's own stays, and there is no tour.
async fn open_side_account(
    stage: &Stage<'_>,
    known: &[Portfolio],
) -> Result<Option<PortfolioId>, Error> {
    let mut tx = stage.app.db.write(stage.user).await?;
    match known.iter().find(|p| p.name == SIDE_ACCOUNT) {
        Some(own) if !own.is_simulated => return Ok(None),
        Some(cut_short) => portfolios::store::delete(&mut tx, cut_short.id).await?,
        None => {}
    }
    let id = open(&mut tx, stage.user, SIDE_ACCOUNT, Currency::USD, true).await?;
    tx.commit().await?;
    Ok(Some(id))
}

async fn open(
    tx: &mut UserTx,
    user: UserId,
    name: &str,
    currency: Currency,
    tracks_cash: bool,
) -> Result<PortfolioId, Error> {
    let new = NewPortfolio {
        name: name.to_owned(),
        currency,
        cost_basis: CostBasis::Fifo,
        tracks_cash,
        is_simulated: true,
    };
    Ok(portfolios::store::insert(tx, user, &new).await?.id)
}

/// Imports the statement as any other file, and keeps what it states as the result.
async fn import(stage: &Stage<'_>, account: PortfolioId) -> Result<(), Error> {
    let rows = statement::rows(stage);
    let keys = statement::keys(stage, &rows);
    let mut tx = stage
        .app
        .db
        .system("create the instruments of the tour")
        .await?;
    instruments::ensure_simulated(&mut tx, &keys).await?;
    tx.commit().await?;
    let upload = imports::Upload {
        portfolio_id: account,
        file_name: "side-account.csv".to_owned(),
        content: statements::write_bursar_csv(&rows).into_bytes(),
        format: Some(statements::Format::Bursar),
        mapping: None,
    };
    let outcome = imports::import_file(stage.app, stage.user, upload).await?;
    let stated = |what, quantity| Stated {
        portfolio_id: account,
        what,
        account: None,
        origin: statements::Format::Bursar.as_str().to_owned(),
        on: stage.day(1),
        quantity,
    };
    let Some(pharma) = stage.instrument(statement::REINVESTED) else {
        return Ok(());
    };
    let Some(import) = outcome.batch_id else {
        return Ok(());
    };
    // The broker counts a share more than the books.
    let stated = [stated(What::Position(pharma), statement::stated_quantity())];
    let mut tx = stage.app.db.write(stage.user).await?;
    reconciliation::store::insert(&mut tx, stage.user, import.0, &stated).await?;
    tx.commit().await?;
    Ok(())
}

/// A part of a company gets a listing of its own: a fifth of the parent's price. One that is listed
/// already, for another person or by a tour that was cut short, stays as it is.
async fn spin_off(stage: &Stage<'_>) -> Result<Option<(String, InstrumentId)>, Error> {
    let parent = stage
        .universe
        .instruments
        .iter()
        .find(|i| i.symbol == PARENT);
    let Some((parent, parent_id)) = parent.zip(stage.instrument(PARENT)) else {
        return Ok(None);
    };
    let ex_date = stage.day(45);
    let mut tx = stage.app.db.system("list the spin-off of the tour").await?;
    if let Some(known) = instruments::resolve(tx.conn(), &child()).await? {
        return Ok(Some((CHILD.0.to_owned(), known.id)));
    }
    let new = NewInstrument {
        symbol: CHILD.0.to_owned(),
        exchange: SIMULATED.to_owned(),
        name: CHILD.1.to_owned(),
        asset_class: AssetClass::parse(parent.asset_class).unwrap_or_default(),
        currency: Some(parent.currency),
        sector: parent.sector.map(str::to_owned),
        country: parent.country.map(str::to_owned),
        isin: None,
        is_simulated: true,
        quote_unit: QuoteUnit::Major,
        facts: Facts::default(),
    };
    let id = instruments::create(&mut tx, &new).await?.id;
    let fifth = |price: f64| (price * 20.0).round() / 100.0;
    let bars: Vec<(InstrumentId, DailyBar)> = parent
        .bars
        .iter()
        .filter(|bar| bar.date >= ex_date)
        .map(|bar| {
            let bar = daily_bar(bar);
            let child = DailyBar {
                open: fifth(bar.open),
                high: fifth(bar.high),
                low: fifth(bar.low),
                close: fifth(bar.close),
                ..bar
            };
            (id, child)
        })
        .collect();
    market::bars::insert_daily(&mut tx, SIMULATED, bars).await?;
    let action = NewCorporateAction {
        instrument_id: parent_id,
        terms: Terms {
            kind: TransactionKind::SpinOff,
            ex_date,
            pay_date: None,
            ratio: Some(Ratio {
                to: Decimal::ONE,
                from: Decimal::TEN,
            }),
            target_id: Some(id),
            cost_share: Some(Decimal::new(2, 2)),
            cash: None,
        },
        source: SIMULATED.to_owned(),
        note: String::new(),
    };
    market::corporate_actions::create(&mut tx, &action).await?;
    tx.commit().await?;
    Ok(Some((CHILD.0.to_owned(), id)))
}

fn child() -> SecurityKey {
    SecurityKey {
        symbol: CHILD.0.to_owned(),
        exchange: Some(SIMULATED.to_owned()),
        ..SecurityKey::default()
    }
}

/// Applies it where it is proposed in the side account; elsewhere it waits for a decision.
async fn apply_spin_off(stage: &Stage<'_>, account: PortfolioId) -> Result<(), Error> {
    corporate_actions::apply_all(stage.app, stage.user, stage.today, account).await?;
    Ok(())
}

/// A booking of nothing but an amount, or with an instrument to be filled in.
fn body(portfolio_id: PortfolioId, kind: TransactionKind, date: Date) -> TransactionBody {
    TransactionBody {
        portfolio_id,
        kind,
        date,
        executed_at: None,
        instrument_id: None,
        symbol: None,
        underlying: None,
        right: None,
        strike: None,
        expires_on: None,
        multiplier: None,
        quantity: None,
        price: None,
        amount: None,
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency: None,
        settlement_currency: None,
        fx_rate: None,
        ratio: None,
        target_instrument_id: None,
        target_symbol: None,
        cost_share: None,
        acquired_on: None,
        other_portfolio_id: None,
        lots: Vec::new(),
        note: None,
    }
}

/// A deposit that was forgotten and is recorded late, with a slip of the pen that is mended; a fee that
/// was recorded twice and is taken out.
async fn correct(stage: &Stage<'_>, account: PortfolioId) -> Result<(), Error> {
    let none = Instruments::default();
    let deposit = TransactionBody {
        amount: Some(Decimal::from(500)),
        note: Some("Forgotten transfer".to_owned()),
        ..body(account, TransactionKind::Deposit, stage.day(200))
    };
    let fee = TransactionBody {
        amount: Some(Decimal::from(12)),
        note: Some("Account fee, recorded twice".to_owned()),
        ..body(account, TransactionKind::Fee, stage.day(180))
    };
    let mut tx = stage.app.db.write(stage.user).await?;
    let recorded = transactions::service::record(&mut tx, stage.user, &deposit, none).await?;
    let twice = transactions::service::record(&mut tx, stage.user, &fee, none).await?;
    tx.commit().await?;
    let mended = TransactionBody {
        amount: Some(Decimal::from(750)),
        ..deposit
    };
    let mut tx = stage.app.db.write(stage.user).await?;
    transactions::service::change(&mut tx, recorded.id, &mended, none).await?;
    transactions::service::remove(&mut tx, twice.id).await?;
    tx.commit().await?;
    Ok(())
}

async fn send_shares(
    stage: &Stage<'_>,
    tx: &mut UserTx,
    from: PortfolioId,
    to: PortfolioId,
) -> Result<(), Error> {
    let instrument = stage.instrument(statement::REINVESTED);
    let sent = TransactionBody {
        quantity: Some(Decimal::TEN),
        other_portfolio_id: Some(to),
        instrument_id: instrument,
        note: Some("Moved to one broker".to_owned()),
        ..body(from, TransactionKind::TransferOut, stage.day(55))
    };
    let instruments = Instruments {
        instrument,
        target: None,
    };
    transactions::service::record(tx, stage.user, &sent, instruments).await?;
    Ok(())
}
