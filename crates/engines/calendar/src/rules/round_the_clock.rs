use jiff::civil::Weekday::{Saturday, Sunday};

use super::{ALWAYS, at, hours};
use crate::calendar::Rules;

/// Crypto currencies trade always; a session is a day of UTC.
pub(crate) const CRYPTO: Rules = Rules {
    code: "24/7",
    zone: "UTC",
    weekend: &[],
    hours: &[hours(ALWAYS, 0, at(24, 0))],
    holidays: &[],
    early_closes: &[],
    known_until: None,
};

/// Currencies trade from Sunday 17:00 to Friday 17:00 in New York, where one trading day ends and the
/// next begins. They do not keep the holidays of any one country.
pub(crate) const CURRENCIES: Rules = Rules {
    code: "24/5",
    zone: "America/New_York",
    weekend: &[Saturday, Sunday],
    hours: &[hours(ALWAYS, at(-7, 0), at(17, 0))],
    holidays: &[],
    early_closes: &[],
    known_until: None,
};
