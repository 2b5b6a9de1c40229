use std::io::Cursor;

use axum::{Json, extract::State};
use identity::{Admin, SignedIn};
use jiff::civil::Date;
use money::Currency;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Problem, ProblemBody, Query};

use super::store::{self, Filter, Listed};
use crate::{
    ImportReport,
    bars::{EARLIEST, LATEST},
    imports::upload::{self, Upload},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(
        OpenApiRouter::new()
            .routes(routes!(list, create))
            .layer(upload::body_limit()),
    )
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The currency that is priced.
    base: Option<String>,
    /// The currency of the price.
    quote: Option<String>,
    /// First day wanted.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day wanted.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// On a day, one unit of base cost `rate` units of quote.
#[derive(Debug, Serialize, ToSchema)]
struct RateView {
    /// Day of the observation.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// The currency that is priced.
    #[schema(value_type = String)]
    base: Currency,
    /// The currency of the price.
    #[schema(value_type = String)]
    quote: Currency,
    /// Units of quote for one unit of base.
    rate: f64,
    /// Where the rate came from.
    source: String,
}

impl From<Listed> for RateView {
    fn from(Listed { rate, source }: Listed) -> Self {
        Self {
            date: rate.date,
            base: rate.base,
            quote: rate.quote,
            rate: rate.rate,
            source,
        }
    }
}

/// Exchange rates as observed, the newest first
#[utoipa::path(
    get, path = "/api/v1/market/fx", tag = "market",
    operation_id = "market_list_fx_rates",
    params(Wanted, PageQuery),
    responses(
        (status = 200, description = "A page of rates", body = Page<RateView>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<RateView>>> {
    let after = page.after::<(Date, Currency, Currency)>()?;
    let filter = Filter {
        base: currency("base", wanted.base.as_deref())?,
        quote: currency("quote", wanted.quote.as_deref())?,
        from: wanted.from.unwrap_or(EARLIEST),
        to: wanted.to.unwrap_or(LATEST),
    };
    let mut tx = app.db.read(who.user_id).await?;
    let found = store::list(tx.conn(), &filter, after.as_ref(), page.limit()).await?;
    let page = Page::of(found, page.limit(), |last| {
        (last.rate.date, last.rate.base, last.rate.quote)
    });
    Ok(Json(page.map(RateView::from)))
}

fn currency(pointer: &str, text: Option<&str>) -> Result<Option<Currency>, Problem> {
    text.filter(|text| !text.trim().is_empty())
        .map(Currency::new)
        .transpose()
        .map_err(|error| Problem::invalid_field(pointer, "unknown_currency", error.to_string()))
}

/// Load exchange rates from CSV
///
/// Either the layout of the European Central Bank (`Date,USD,JPY,…`: units of each currency for one
/// euro) or `date,base,quote,rate`. Only an administrator of the instance may. Sending the same file twice
/// adds nothing. Also takes a form with the file as its part `file`.
#[utoipa::path(
    post, path = "/api/v1/market/fx", tag = "market",
    operation_id = "market_import_fx_rates",
    request_body(content = String, content_type = "text/csv", description = "The file"),
    responses(
        (status = 200, description = "What became of every line", body = ImportReport),
        (status = 400, description = "The file could not be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(State(app): State<App>, _: Admin, upload: Upload) -> ApiResult<Json<ImportReport>> {
    let source = upload.file_name.as_deref().unwrap_or(upload::UNNAMED);
    let report = super::import(&app.db, Cursor::new(upload.content), source, |_| ()).await?;
    Ok(Json(report))
}
