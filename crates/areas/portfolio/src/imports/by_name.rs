//! Imports where portfolio, format and mapping are named.

use std::collections::HashMap;

use db::UserId;
use ledger::CostBasis;
use money::Currency;
use statements::{Format, Mapping};
use web::App;

use super::{
    Error, ImportId, ImportOutcome, Upload, preview,
    service::{self, import_file},
    store,
};
use crate::portfolios::{self, NewPortfolio, PortfolioId};

/// A file and where it goes, by name.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Name of the portfolio; one that does not exist is opened.
    pub portfolio: String,
    /// Currency of a portfolio that has to be opened; that of most rows unless given.
    pub currency: Option<Currency>,
    /// Name of the file, for the history.
    pub file_name: String,
    /// The file.
    pub content: Vec<u8>,
    /// `auto`, a format, or the name of a saved mapping.
    pub format: String,
}

/// Imports a file into the portfolio of a name. A file that cannot be read opens no portfolio.
pub async fn import_into_named(
    app: &App,
    user: UserId,
    wanted: Wanted,
) -> Result<ImportOutcome, Error> {
    let (format, mapping) = reading(app, user, &wanted.format).await?;
    let mut upload = Upload {
        portfolio_id: PortfolioId(uuid::Uuid::nil()),
        file_name: wanted.file_name,
        content: wanted.content,
        format,
        mapping,
    };
    service::recognise(app, user, &mut upload).await?;
    if upload.format.is_none() && upload.mapping.is_none() {
        return Err(Error::NeedsMapping);
    }
    let statement = preview::read(
        upload.content.clone(),
        upload.format,
        upload.mapping.clone(),
    )
    .await?;
    if statement.rows.is_empty() {
        // Nothing to store: no portfolio is opened and no batch is kept.
        let batch_id = ImportId(uuid::Uuid::now_v7());
        let rejected = statement.rejected;
        return Ok(ImportOutcome {
            imported: 0,
            duplicates: 0,
            rejected,
            batch_id,
        });
    }
    upload.portfolio_id =
        portfolio(app, user, &wanted.portfolio, wanted.currency, &statement).await?;
    import_file(app, user, upload).await
}

/// What `auto`, a format, or the name of a saved mapping stands for.
pub(super) async fn reading(
    app: &App,
    user: UserId,
    name: &str,
) -> Result<(Option<Format>, Option<Mapping>), Error> {
    if name == "auto" {
        return Ok((None, None));
    }
    // A CSV of any layout says nothing without a mapping, but a mapping may well be called “csv”.
    if let Some(format) = Format::parse(name).filter(|format| *format != Format::Csv) {
        return Ok((Some(format), None));
    }
    let mut tx = app.db.read(user).await?;
    let saved = store::list_mappings(&mut tx).await?;
    saved
        .into_iter()
        .find(|saved| saved.name.eq_ignore_ascii_case(name))
        .map(|saved| (Some(Format::Csv), Some(saved.mapping)))
        .ok_or_else(|| match Format::parse(name) {
            Some(_) => Error::UnnamedMapping,
            None => Error::UnknownFormat {
                name: name.to_owned(),
            },
        })
}

async fn portfolio(
    app: &App,
    user: UserId,
    name: &str,
    currency: Option<Currency>,
    statement: &statements::Statement,
) -> Result<PortfolioId, Error> {
    let mut tx = app.db.read(user).await?;
    match portfolios::store::require_by_name(&mut tx, name).await {
        Ok(known) => return Ok(known.id),
        Err(portfolios::Error::UnknownName { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let preferred = identity::preferences::get(&mut tx).await?.base_currency;
    drop(tx);
    let new = NewPortfolio {
        name: name.to_owned(),
        currency: currency
            .or_else(|| prevailing(statement))
            .unwrap_or(preferred),
        cost_basis: CostBasis::default(),
        // Ghostfolio knows no deposits: with cash tracking every purchase would look unpaid.
        tracks_cash: !matches!(
            statement.format,
            Format::GhostfolioCsv | Format::GhostfolioJson
        ),
        is_simulated: false,
    };
    let view = portfolios::open(app, user, &new).await?;
    tracing::info!(portfolio = view.name, currency = %view.currency, "opened a portfolio");
    Ok(view.id)
}

/// The currency of most rows; of two equally frequent ones the first by name.
fn prevailing(statement: &statements::Statement) -> Option<Currency> {
    let mut counts: HashMap<Currency, usize> = HashMap::new();
    for row in &statement.rows {
        *counts.entry(row.currency).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(currency, count)| (*count, std::cmp::Reverse(*currency)))
        .map(|(c, _)| c)
}
