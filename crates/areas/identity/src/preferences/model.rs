use money::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{FieldError, Theme, format::Locale};

/// How a person likes the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Totals over several currencies are shown in this one.
    pub base_currency: Currency,
    /// How numbers and dates are written.
    pub locale: Locale,
    /// Colours of the pages.
    pub theme: Theme,
    /// Whether amounts are replaced by dots.
    pub hide_amounts: bool,
}
