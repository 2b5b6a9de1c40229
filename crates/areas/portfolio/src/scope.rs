//! Which portfolios a page is about: one, or all together. Lives in the address, like the period.

use db::UserId;
use identity::{Viewer, preferences::HistoryRange};
use jiff::civil::Date;
use maud::Markup;
use performance::Period;
use serde::Deserialize;
use std::sync::Arc;
use web::{App, Choice as _, Problem, components};

use crate::{
    portfolios::{self, Portfolio, PortfolioId},
    valuation::{Request, Valuation, Valuations},
};

/// The part of the query string that all pages about figures share.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Scope {
    #[serde(default, deserialize_with = "empty_is_none")]
    pub(crate) portfolio: Option<PortfolioId>,
    pub(crate) period: Option<String>,
    /// Transactions as they were stored at the end of this day.
    #[serde(default, deserialize_with = "empty_is_none")]
    pub(crate) known_on: Option<Date>,
}

/// What else stands in the address of a page: names and values.
pub(crate) type Rest<'a> = &'a [(&'static str, String)];

/// Forms send an empty field where nothing was chosen.
pub(crate) fn empty_is_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let text = Option::<String>::deserialize(deserializer)?;
    match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => serde_json::from_value(serde_json::Value::String(text.to_owned()))
            .map(Some)
            .map_err(serde::de::Error::custom),
    }
}

impl Scope {
    /// One portfolio or all, as known on a day or now.
    pub(crate) fn known(portfolio: Option<PortfolioId>, known_on: Option<Date>) -> Self {
        Self {
            portfolio,
            period: None,
            known_on,
        }
    }

    /// The period asked for, or one year.
    pub(crate) fn period(&self) -> Period {
        self.period
            .as_deref()
            .and_then(|word| word.parse().ok())
            .unwrap_or_default()
    }

    /// With the period that the person wants where the address names none. The one that everybody gets
    /// stays out of the addresses.
    pub(crate) fn or_usual(mut self, viewer: &Viewer) -> Self {
        if self.period.is_none() {
            self.period = usual_period(viewer);
        }
        self
    }

    /// The address of `path` with this scope and another period.
    pub(crate) fn href(&self, path: &str, period: Option<&str>) -> String {
        self.href_with(path, period, &[])
    }

    /// The same with what else stands in the address of the page.
    pub(crate) fn href_with(&self, path: &str, period: Option<&str>, rest: Rest<'_>) -> String {
        let mut query = web::QueryString::new();
        query.push("portfolio", self.portfolio.map(|id| id.0));
        let own = self.period.as_ref().map(|_| self.period().to_string());
        query.push("period", period.map(str::to_owned).or(own));
        for (name, value) in rest {
            query.push(name, Some(value));
        }
        query.push("known_on", self.known_on);
        format!("{path}{}", query.finish())
    }

    /// The address of a holding, seen in this scope.
    pub(crate) fn holding_href(&self, id: market::InstrumentId) -> String {
        self.href(&format!("/portfolio/holdings/{}", id.0), None)
    }

    /// Where a transaction is seen: in its form or, with a day, as it was then, since it may be gone by
    /// now.
    pub(crate) fn transaction_href(&self, id: uuid::Uuid) -> String {
        match self.known_on {
            None => format!("/portfolio/transactions/{id}/edit"),
            Some(_) => self.history_href(id),
        }
    }

    /// The history of a transaction, as known on the day of this scope.
    pub(crate) fn history_href(&self, id: uuid::Uuid) -> String {
        let history = format!("/portfolio/transactions/{id}/history");
        Self::known(None, self.known_on).href(&history, None)
    }

    /// Values what this scope names, today.
    pub(crate) async fn value(
        &self,
        app: &App,
        valuations: &Valuations,
        viewer: &Viewer,
    ) -> Result<Arc<Valuation>, Problem> {
        let request = Request {
            portfolio: self.portfolio,
            base: None,
            cost_basis: None,
            as_of: viewer.today,
            known_on: self.known_on,
        };
        let base = viewer.preferences.base_currency;
        Ok(valuations.value(app, viewer.user_id, request, base).await?)
    }

    /// Links to the same page about all portfolios together and about each, unless there is only
    /// one; and which day's knowledge it shows.
    pub(crate) fn selector(&self, path: &str, portfolios: &[Portfolio], rest: Rest<'_>) -> Markup {
        maud::html! {
            div.scope {
                (self.tabs(path, portfolios, rest))
                (self.asking(path, rest))
            }
            (self.saying(path, rest))
        }
    }

    /// Asks for the page as it was known on a day; says so clearly when it is shown like this.
    pub(crate) fn knowledge(&self, path: &str, rest: Rest<'_>) -> Markup {
        maud::html! { (self.asking(path, rest)) (self.saying(path, rest)) }
    }

    /// The address that tells why the past looks different now.
    fn why(&self) -> String {
        let mut why = web::QueryString::new();
        why.push("portfolio", self.portfolio.map(|id| id.0));
        why.push("known_from", self.known_on);
        format!("/portfolio/changes{}", why.finish())
    }

    fn saying(&self, path: &str, rest: Rest<'_>) -> Markup {
        let current = Self {
            known_on: None,
            ..self.clone()
        };
        maud::html! {
            @if let Some(day) = self.known_on {
                (components::notice(components::NoticeKind::Warning, maud::html! {
                    p {
                        strong { "As known on " (day) "." }
                        " These are the transactions, and the values of private things, as they were stored \
                         at the end of that day (UTC), with today’s prices. "
                        a href=(current.href_with(path, None, rest)) { "Show what is known now" } " · "
                        a href=(self.why()) { "Why is it different?" }
                    }
                }))
            }
        }
    }

    fn asking(&self, path: &str, rest: Rest<'_>) -> Markup {
        let day = self
            .known_on
            .map_or_else(String::new, |day| day.to_string());
        let field = components::Field {
            label: "As known at the end of",
            name: "known_on",
            value: &day,
            kind: components::FieldKind::Date,
            required: true,
            ..components::Field::default()
        };
        maud::html! {
            details.known-on {
                summary { "As known on another day" }
                form.filters method="get" action=(path) {
                    @if let Some(id) = self.portfolio { input type="hidden" name="portfolio" value=(id.0); }
                    @if self.period.is_some() { input type="hidden" name="period" value=(self.period().to_string()); }
                    @for (name, value) in rest { input type="hidden" name=(name) value=(value); }
                    (components::text_field(&field))
                    (components::submit_quiet("Show"))
                    " " a href=(self.why()) { "Why did a past value change?" }
                }
            }
        }
    }

    /// Where nothing had been stored yet on the day asked for.
    pub(crate) fn nothing_known(&self, path: &str) -> Markup {
        let current = Self {
            known_on: None,
            ..self.clone()
        };
        components::empty_state(
            "Nothing was stored yet",
            "No transaction was known at the end of that day.",
            ("Show what is known now", &current.href(path, None)),
            None,
        )
    }

    /// Links to the same page about each portfolio.
    pub(crate) fn tabs(&self, path: &str, portfolios: &[Portfolio], rest: Rest<'_>) -> Markup {
        let of = |portfolio| {
            Self {
                portfolio,
                ..self.clone()
            }
            .href_with(path, None, rest)
        };
        selector(portfolios, self.portfolio, of)
    }

    /// Where a page about what is to be done is asked for an earlier day: it knows no other day than
    /// today.
    pub(crate) fn only_now(&self) -> Markup {
        maud::html! {
            @if let Some(day) = self.known_on {
                (components::notice(components::NoticeKind::Info, maud::html! {
                    "This page is about what is known now, not on " (day) ": only that can be decided."
                }))
            }
        }
    }
}

/// The period that a person wants where an address names none, unless it is what everybody gets.
pub(crate) fn usual_period(viewer: &Viewer) -> Option<String> {
    let wanted = viewer.preferences.history_range;
    (wanted != HistoryRange::default()).then(|| wanted.as_str().to_owned())
}

/// Links to the same page about all portfolios together and about each, at addresses that `of` tells;
/// nothing when there is only one.
fn selector(
    portfolios: &[Portfolio],
    current: Option<PortfolioId>,
    of: impl Fn(Option<PortfolioId>) -> String,
) -> Markup {
    if portfolios.len() < 2 {
        return maud::html! {};
    }
    let has_both = portfolios
        .iter()
        .any(|p| p.is_simulated != portfolios[0].is_simulated);
    let all = if has_both {
        "All my own"
    } else {
        "All portfolios"
    };
    let mut items = vec![(all.to_owned(), of(None))];
    items.extend(portfolios.iter().map(|p| {
        let mark = if has_both && p.is_simulated {
            " (simulated)"
        } else {
            ""
        };
        (format!("{}{mark}", p.name), of(Some(p.id)))
    }));
    let items: Vec<(&str, &str)> = items
        .iter()
        .map(|(label, href)| (label.as_str(), href.as_str()))
        .collect();
    components::tabs(&items, &of(current))
}

/// The pages that analyse portfolios, with the current one marked.
pub(crate) fn views(scope: &Scope, current: &str) -> Markup {
    const VIEWS: [(&str, &str); 8] = [
        ("Performance", "/portfolio/performance"),
        ("Contribution", "/portfolio/performance/contribution"),
        ("Realised gains", "/portfolio/gains"),
        ("Income", "/portfolio/income"),
        ("Allocation", "/portfolio/allocation"),
        ("Cash", "/portfolio/cash"),
        ("Corporate actions", "/portfolio/corporate-actions"),
        ("Health", "/portfolio/health"),
    ];
    let hrefs = VIEWS.map(|(label, path)| (label, scope.href(path, None)));
    let items = hrefs
        .each_ref()
        .map(|(label, href)| (*label, href.as_str()));
    components::tabs(&items, &scope.href(current, None))
}

/// What is to be known before any figure on a page is believed, beside its heading.
pub(crate) fn marks(valuation: &Valuation) -> Markup {
    maud::html! {
        @if valuation.is_simulated() { (components::simulated_mark()) }
        (unreconciled_mark(valuation))
    }
}

/// Says that what a broker states differs from the books, and leads to what does.
pub(crate) fn unreconciled_mark(valuation: &Valuation) -> Markup {
    let health = Scope::known(None, valuation.known_on).href("/portfolio/health", None);
    maud::html! {
        @if valuation.is_unreconciled() {
            a href=(health) title="What a broker states differs from the transactions." {
                (components::badge("unreconciled"))
            }
        }
    }
}

/// All portfolios of the person, by name.
pub(crate) async fn portfolios(app: &App, user: UserId) -> Result<Vec<Portfolio>, Problem> {
    let mut tx = app.db.read(user).await?;
    Ok(portfolios::store::list(&mut tx).await?)
}

#[cfg(test)]
mod tests {
    use performance::{PERIODS, Period};

    use super::*;

    #[test]
    fn every_range_that_can_be_preferred_is_a_period_of_the_selector() {
        for range in HistoryRange::ALL {
            let period: Period = range.as_str().parse().unwrap();
            assert!(
                PERIODS
                    .iter()
                    .any(|(key, _, of)| *of == period && *key == range.as_str()),
                "{range:?}"
            );
        }
        assert_eq!(
            HistoryRange::default().as_str().parse(),
            Ok(Period::default())
        );
    }
}
