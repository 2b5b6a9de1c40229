use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// A reported figure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Fundamental {
    /// Whose word the concept is: `us-gaap`, `ifrs-full`, `dei`; `overview` where a source summarises.
    pub taxonomy: String,
    /// What is measured, such as `Revenues`.
    pub concept: String,
    /// In what: `USD`, `shares`, `USD/shares`, `pure`.
    pub unit: String,
    /// First day, of a figure over time.
    #[schema(value_type = Option<String>, format = Date)]
    pub period_start: Option<Date>,
    /// Last day, or the day of a balance.
    #[schema(value_type = String, format = Date)]
    pub period_end: Date,
    /// How much.
    #[schema(value_type = String, example = "364980000000")]
    pub value: Decimal,
    /// Fiscal year of the report.
    pub fiscal_year: Option<i16>,
    /// `FY` or `Q1` to `Q4` of the report.
    pub fiscal_period: Option<String>,
    /// Form of the report, such as `10-K`.
    pub form: String,
    /// When it was reported; `null` where the source does not say.
    #[schema(value_type = Option<String>, format = Date)]
    pub filed: Option<Date>,
    /// Who stated it.
    pub source: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
}

/// Where to read on: concept, last and first day of the period, unit, taxonomy and source of the last figure.
pub(super) type After = (String, Date, Option<Date>, String, String, String);

impl Fundamental {
    pub(super) fn place(&self) -> After {
        (
            self.concept.clone(),
            self.period_end,
            self.period_start,
            self.unit.clone(),
            self.taxonomy.clone(),
            self.source.clone(),
        )
    }
}
