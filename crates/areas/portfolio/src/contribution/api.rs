use std::collections::BTreeMap;

use axum::{
    Extension,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use identity::Viewer;
use jiff::civil::Date;
use market::InstrumentId;
use money::Currency;
use performance::{ContributionError, Detail, Parts, Period, PeriodError};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Problem, ProblemBody, Query};

use super::model::{By, Contributions, Row};
use crate::{
    dashboard::api::unknown_period,
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::{Valuation, Valuations},
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Which contributions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ContributionQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// `1d`, `wtd`, `mtd`, `ytd`, `1w`, `1m`, `3m`, `1y`, `3y`, `5y` or `all`, a year such as `2024`, or
    /// two days such as `2024-01-01..2024-03-31`; one year unless given.
    period: Option<String>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// Contributions to the change in value. Amounts are exact decimal strings, in `currency`; each list
/// sums to `change` less `unexplained`. Ratios are numbers, 0.12 being 12 %.
#[derive(Debug, Serialize, ToSchema)]
struct ContributionView {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    currency: Currency,
    /// Whether what brokers state differs from the books, and nobody accepted it.
    is_unreconciled: bool,
    /// The period as it was asked for.
    period: String,
    /// Its first day; absent where nothing is on record in it.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Its last day.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Value at the close before the first day.
    #[schema(value_type = String)]
    start: Decimal,
    /// Value at the close of the last day.
    #[schema(value_type = String)]
    end: Decimal,
    /// What was paid or transferred in less what was taken out.
    #[schema(value_type = String)]
    net_flow: Decimal,
    /// `end - start - net_flow`.
    #[schema(value_type = String)]
    change: Decimal,
    /// `change` over the average capital of the period.
    share: Option<f64>,
    /// The sum of the contributions.
    parts: PartsView,
    /// `change` less the sum: zero unless something does not add up.
    #[schema(value_type = String)]
    unexplained: Decimal,
    /// By instrument, and cash by currency; largest first, like the others.
    holdings: Vec<RowView>,
    /// By asset class, cash being one.
    asset_classes: Vec<RowView>,
    /// By the currency in which something is quoted.
    currencies: Vec<RowView>,
    /// By portfolio.
    portfolios: Vec<RowView>,
    /// Why a figure is absent.
    not_available: BTreeMap<&'static str, String>,
}

/// What makes up a contribution: `total = price + currency + income - fees`.
#[derive(Debug, Default, Serialize, ToSchema)]
struct PartsView {
    /// The contribution.
    #[schema(value_type = String)]
    total: Decimal,
    /// From prices.
    #[schema(value_type = String)]
    price: Decimal,
    /// From exchange rates.
    #[schema(value_type = String)]
    currency: Decimal,
    /// Dividends and interest.
    #[schema(value_type = String)]
    income: Decimal,
    /// Fees and taxes; positive.
    #[schema(value_type = String)]
    fees: Decimal,
}

/// What one of them added.
#[derive(Debug, Serialize, ToSchema)]
struct RowView {
    /// Symbol, asset class, currency or name of the portfolio.
    label: String,
    /// Of a holding: its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    /// Of a holding that is an instrument.
    #[schema(value_type = Option<uuid::Uuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    instrument_id: Option<InstrumentId>,
    /// Of a holding.
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_class: Option<&'static str>,
    /// Of a holding: the currency in which it is quoted or kept.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    /// The contribution.
    parts: PartsView,
    /// Its total over the average capital of all.
    share: Option<f64>,
    /// `false` when bookings lack an exchange rate and count as nothing.
    is_complete: bool,
}

impl From<Parts> for PartsView {
    fn from(parts: Parts) -> Self {
        Self {
            total: parts.total.normalize(),
            price: parts.price.normalize(),
            currency: parts.currency.normalize(),
            income: parts.income.normalize(),
            fees: parts.fees.normalize(),
        }
    }
}

impl From<Row> for RowView {
    fn from(row: Row) -> Self {
        Self {
            label: row.label,
            name: row.name,
            instrument_id: row.instrument,
            asset_class: row.asset_class,
            currency: row.currency,
            parts: row.parts.into(),
            share: row.share,
            is_complete: row.is_rated,
        }
    }
}

impl ContributionView {
    fn new(valuation: &Valuation, period: Period) -> Result<Self, ContributionError> {
        let Some(days) = valuation.days(period) else {
            return Ok(Self::nothing(valuation, period));
        };
        let found = Contributions::new(valuation, days, Detail::Currencies)?;
        let rows = |by| -> Result<Vec<RowView>, ContributionError> {
            let rows = found.rows(valuation, by)?;
            Ok(rows.into_iter().map(RowView::from).collect())
        };
        let lacks_share = found.lacks_share().map(|reason| ("share", reason));
        Ok(Self {
            from: Some(days.from),
            to: Some(days.to),
            start: found.start.normalize(),
            end: found.end.normalize(),
            net_flow: found.net_flow.normalize(),
            change: found.attribution.change.normalize(),
            share: found.share(),
            parts: found.attribution.sum.into(),
            unexplained: found.attribution.unexplained.normalize(),
            holdings: rows(By::Holding)?,
            asset_classes: rows(By::AssetClass)?,
            currencies: rows(By::Currency)?,
            portfolios: rows(By::Portfolio)?,
            not_available: lacks_share.into_iter().collect(),
            ..Self::nothing(valuation, period)
        })
    }

    fn nothing(valuation: &Valuation, period: Period) -> Self {
        let reason = "there are no transactions in this period".to_owned();
        Self {
            currency: valuation.base,
            is_unreconciled: valuation.is_unreconciled(),
            period: period.to_string(),
            from: None,
            to: None,
            start: Decimal::ZERO,
            end: Decimal::ZERO,
            net_flow: Decimal::ZERO,
            change: Decimal::ZERO,
            share: None,
            parts: PartsView::default(),
            unexplained: Decimal::ZERO,
            holdings: Vec::new(),
            asset_classes: Vec::new(),
            currencies: Vec::new(),
            portfolios: Vec::new(),
            not_available: BTreeMap::from([("share", reason)]),
        }
    }
}

/// What each holding, asset class, currency and portfolio added to the change in value.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/contribution",
    operation_id = "portfolio_show_contribution",
    tag = "portfolio",
    params(ContributionQuery),
    responses(
        (status = 200, body = ContributionView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<ContributionQuery>,
) -> ApiResult<Response> {
    let period = match query.period.as_deref() {
        None => Period::default(),
        Some(word) => word
            .parse()
            .map_err(|error: PeriodError| unknown_period(&error))?,
    };
    let scope = Scope::known(query.portfolio_id, query.known_on);
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let body = valuation
        .rendered
        .get_or_write("contribution", period, || {
            let view = ContributionView::new(&valuation, period).map_err(|e| out_of_range(&e))?;
            serde_json::to_vec(&view).map_err(|error| Problem::internal(&error))
        })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Figures that cannot be added up come from a transaction, price or rate that cannot be.
pub(super) fn out_of_range(error: &ContributionError) -> Problem {
    Problem::invalid_field("period", "out_of_range", error.to_string())
}
