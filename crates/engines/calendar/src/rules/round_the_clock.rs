use super::{ALWAYS, SATURDAY_SUNDAY, at, hours};
use crate::calendar::{FIRST_YEAR, Rules};

/// Crypto currencies trade always; a session is a day of UTC.
pub(crate) const CRYPTO: Rules = Rules {
    code: "24/7",
    zone: "UTC",
    weekends: &[],
    hours: &[hours(ALWAYS, 0, at(24, 0))],
    holidays: &[],
    early_closes: &[],
    special: &[],
    known_from: FIRST_YEAR,
    known_until: None,
};

/// Currencies trade from Sunday 17:00 to Friday 17:00 in New York, where one trading day ends and the
/// next begins. They do not keep the holidays of any one country.
pub(crate) const CURRENCIES: Rules = Rules {
    code: "24/5",
    zone: "America/New_York",
    weekends: SATURDAY_SUNDAY,
    hours: &[hours(ALWAYS, at(-7, 0), at(17, 0))],
    holidays: &[],
    early_closes: &[],
    special: &[],
    known_from: FIRST_YEAR,
    known_until: None,
};
