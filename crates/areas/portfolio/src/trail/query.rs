//! Which figure, of what: what stands in the address of a trail, and the links that lead to it.

use std::{fmt::Display, sync::Arc};

use identity::Viewer;
use jiff::civil::Date;
use ledger::CostBasis;
use market::InstrumentId;
use maud::{Markup, html};
use money::Currency;
use performance::Period;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use web::{App, Problem};

use super::{Figure, figure};
use crate::{
    dashboard::api::unknown_period,
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::{Request, Valuation, Valuations},
};

/// Which figure, of what. What a figure does not depend on is not looked at.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrailQuery {
    /// Which figure.
    #[param(schema_with = figure::schema)]
    pub(crate) figure: Figure,
    /// One portfolio; all together unless given.
    #[serde(default, alias = "portfolio", deserialize_with = "empty_is_none")]
    #[param(value_type = Option<Uuid>)]
    pub(crate) portfolio_id: Option<PortfolioId>,
    /// The instrument, for figures of one holding; of what is grouped by instrument, one of them.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<Uuid>)]
    pub(crate) instrument_id: Option<InstrumentId>,
    /// By what it is grouped: `term`, `line`, `wash_sale`, `month`, `instrument` or `currency` of gains
    /// and income, `holding`, `asset_class`, `currency` or `portfolio` of contributions, the dimension
    /// of an allocation.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) by: String,
    /// Which of the groups: `long`, `2025-03`, `USD`, the key of a slice (`?` for the unknown one), the
    /// id of a category; the month, year or peak of a figure of performance; the currency of a balance.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) of: String,
    /// The period of a return or contribution; one year unless given.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) period: String,
    /// What a return is compared with: `VWRL:60,AGGH:40`.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) benchmark: String,
    /// Risk-free rate in percent a year; 0 unless given.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) risk_free: String,
    /// The calendar year of gains and income; all years unless given.
    pub(crate) year: Option<i16>,
    /// First day of a figure of cash; from the beginning unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) from: Option<Date>,
    /// Last day of a figure of cash.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) to: Option<Date>,
    /// The transaction after which a balance is asked for.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<Uuid>)]
    pub(crate) transaction_id: Option<Uuid>,
    /// Months after which a gain is long-term; 12 unless given.
    pub(crate) months: Option<u16>,
    /// Another cost basis than each portfolio's own: `fifo`, `lifo`, `hifo`, `average`, `specific_lot`.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>)]
    pub(crate) cost_basis: Option<CostBasis>,
    /// The currency of the totals; the portfolio's own, or of all together the one in the settings,
    /// unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>)]
    pub(crate) base: Option<Currency>,
    /// `no` where funds of an allocation count as one thing.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) look_through: String,
    /// The day of the valuation; today unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) as_of: Option<Date>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) known_on: Option<Date>,
}

impl TrailQuery {
    pub(crate) fn scope(&self) -> Scope {
        Scope::known(self.portfolio_id, self.known_on)
    }

    /// What else stands in the address of the page.
    pub(super) fn rest(&self) -> Vec<(&'static str, String)> {
        let text = |name, value: &str| Some((name, value.to_owned())).filter(|_| !value.is_empty());
        let other =
            |name, value: Option<&dyn Display>| value.map(|value| (name, value.to_string()));
        let cost_basis = self.cost_basis.map(CostBasis::as_str);
        [
            text("figure", self.figure.word()),
            other(
                "instrument_id",
                self.instrument_id.as_ref().map(|id| id as _),
            ),
            text("by", &self.by),
            text("of", &self.of),
            text("period", &self.period),
            text("benchmark", &self.benchmark),
            text("risk_free", &self.risk_free),
            other("year", self.year.as_ref().map(|year| year as _)),
            other("from", self.from.as_ref().map(|day| day as _)),
            other("to", self.to.as_ref().map(|day| day as _)),
            other(
                "transaction_id",
                self.transaction_id.as_ref().map(|id| id as _),
            ),
            other("months", self.months.as_ref().map(|months| months as _)),
            text("cost_basis", cost_basis.unwrap_or_default()),
            other("base", self.base.as_ref().map(|base| base as _)),
            text("look_through", &self.look_through),
            other("as_of", self.as_of.as_ref().map(|day| day as _)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The period asked for, or one year.
    pub(crate) fn period(&self) -> Result<Period, Problem> {
        match self.period.trim() {
            "" => Ok(Period::default()),
            word => word.parse().map_err(|error| unknown_period(&error)),
        }
    }

    /// What is grouped, where it is.
    pub(crate) fn group(&self) -> Option<&str> {
        Some(self.by.trim()).filter(|by| !by.is_empty())
    }

    /// Values what it names by the cost basis that it names.
    pub(super) async fn value(
        &self,
        app: &App,
        valuations: &Valuations,
        viewer: &Viewer,
    ) -> Result<Arc<Valuation>, Problem> {
        let as_of = self.as_of.unwrap_or(viewer.today);
        if as_of > viewer.today {
            let detail = format!(
                "The day is one up to {}: {as_of} has no prices yet.",
                viewer.today
            );
            return Err(Problem::invalid_field("as_of", "out_of_range", detail));
        }
        let request = Request {
            portfolio: self.portfolio_id,
            base: self.base,
            cost_basis: self.cost_basis,
            as_of,
            known_on: self.known_on,
        };
        let base = viewer.preferences.base_currency;
        Ok(valuations.value(app, viewer.user_id, request, base).await?)
    }
}

/// The way from figures to their trails: what is the same for all of those that stand together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way {
    rest: Vec<(&'static str, String)>,
}

impl Way {
    /// Figures of a scope, whatever its period.
    pub(crate) fn new(scope: &Scope) -> Self {
        Self::default()
            .with("portfolio", scope.portfolio.map(|id| id.0))
            .with("known_on", scope.known_on)
    }

    /// The same with something more said, where there is something to say.
    pub(crate) fn with(&self, name: &'static str, value: Option<impl Display>) -> Self {
        let mut rest = self.rest.clone();
        rest.extend(value.map(|value| (name, value.to_string())));
        Self { rest }
    }

    /// One group of what is grouped by something.
    pub(crate) fn group(&self, by: &str, of: impl Display) -> Self {
        self.with("by", Some(by)).with("of", Some(of))
    }

    /// The address of a trail.
    pub(crate) fn href(&self, figure: impl Into<Figure>) -> String {
        let mut query = web::QueryString::new();
        query.push("figure", Some(figure.into().word()));
        for (name, value) in &self.rest {
            query.push(name, Some(value));
        }
        format!("/portfolio/trail{}", query.finish())
    }

    /// A figure that leads to its trail.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "pages hand markup on that they have just made"
    )]
    pub(crate) fn to(&self, figure: impl Into<Figure>, shown: Markup) -> Markup {
        // The title names the link where amounts are hidden.
        html! { a.figure href=(self.href(figure)) title="How this figure came about" { (shown) } }
    }
}
