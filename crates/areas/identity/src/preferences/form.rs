use std::collections::BTreeMap;

use rust_decimal::Decimal;
use web::{App, FieldError};

use super::{Preferences, PreferencesBody, PreferencesError, service};

/// What a form sends, by the names of its fields. What is not sent stays as it was; a box that is not
/// ticked sends `false` from a hidden field before it.
pub(super) type Fields = BTreeMap<String, String>;

/// The field in which the threshold is written as a percentage.
pub(super) const THRESHOLD: &str = "alert_threshold";

/// A form as it was filled in, with what is wrong with it.
pub(super) struct Refused {
    pub(super) body: PreferencesBody,
    pub(super) errors: Vec<FieldError>,
}

/// Reads a form over the preferences as they are. The body comes back with the errors, so that the form
/// is shown again as it was filled in.
pub(super) fn read(
    app: &App,
    current: &Preferences,
    fields: &Fields,
) -> Result<Preferences, Box<Refused>> {
    let mut body = PreferencesBody::from(current);
    let mut errors = texts(&mut body, fields);
    switches(&mut body, fields);
    match service::read(app, &body) {
        Ok(new) if errors.is_empty() => return Ok(new),
        Ok(_) => {}
        Err(wrong) => errors.extend(wrong),
    }
    let errors = errors
        .iter()
        .filter_map(PreferencesError::field_error)
        .map(|mut error| {
            if error.pointer == "alert_threshold_bps" {
                THRESHOLD.clone_into(&mut error.pointer);
            }
            error
        })
        .collect();
    Err(Box::new(Refused { body, errors }))
}

fn texts(body: &mut PreferencesBody, fields: &Fields) -> Vec<PreferencesError> {
    let mut errors = Vec::new();
    for (name, field) in [
        ("base_currency", &mut body.base_currency),
        ("locale", &mut body.locale),
        ("theme", &mut body.theme),
        ("timezone", &mut body.timezone),
        ("number_format", &mut body.number_format),
        ("date_format", &mut body.date_format),
        ("time_format", &mut body.time_format),
        ("price_display", &mut body.price_display),
        ("sign_colours", &mut body.sign_colours),
        ("font_family", &mut body.font_family),
        ("font_size", &mut body.font_size),
        ("density", &mut body.density),
        ("chart_type", &mut body.chart_type),
        ("chart_timeframe", &mut body.chart_timeframe),
        ("history_range", &mut body.history_range),
        ("default_view", &mut body.default_view),
    ] {
        if let Some(sent) = fields.get(name) {
            sent.trim().clone_into(field);
        }
    }
    if let Some(sent) = fields.get("webhook_url") {
        body.webhook_url = Some(sent.trim().to_owned()).filter(|url| !url.is_empty());
    }
    if let Some(sent) = fields.get("refresh_interval_s") {
        match sent.trim().parse() {
            Ok(seconds) => body.refresh_interval_s = seconds,
            Err(_) => errors.push(PreferencesError::NotANumber {
                field: "refresh_interval_s",
                text: sent.clone(),
                example: "30",
            }),
        }
    }
    if let Some(sent) = fields.get(THRESHOLD) {
        match basis_points(sent) {
            Some(bps) => body.alert_threshold_bps = bps,
            None => errors.push(PreferencesError::NotANumber {
                field: "alert_threshold_bps",
                text: sent.clone(),
                example: "2.5, from 0 to 100 with at most two decimals",
            }),
        }
    }
    errors
}

fn switches(body: &mut PreferencesBody, fields: &Fields) {
    for (name, field) in [
        ("hide_amounts", &mut body.hide_amounts),
        ("animations", &mut body.animations),
        ("live_data", &mut body.live_data),
        ("email_notifications", &mut body.email_notifications),
        ("confirm_actions", &mut body.confirm_actions),
        ("show_risk_warnings", &mut body.show_risk_warnings),
        ("api_access", &mut body.api_access),
    ] {
        if let Some(sent) = fields.get(name) {
            *field = sent == "true";
        }
    }
}

/// `2.5` percent are 250 hundredths of a percent; a comma does as well as a point.
fn basis_points(percent: &str) -> Option<u32> {
    let text = percent
        .trim()
        .trim_end_matches('%')
        .trim()
        .replace(',', ".");
    let hundredths = text
        .parse::<Decimal>()
        .ok()?
        .checked_mul(Decimal::ONE_HUNDRED)?;
    let whole = hundredths.normalize();
    (whole.scale() == 0)
        .then(|| u32::try_from(whole).ok())
        .flatten()
}

/// The percentage as it is written in the form.
pub(super) fn percent(bps: u32) -> String {
    (Decimal::from(bps) / Decimal::ONE_HUNDRED)
        .normalize()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact_hundredths() {
        for (text, bps) in [
            ("2.5", Some(250)),
            (" 7,25 % ", Some(725)),
            ("0", Some(0)),
            ("100", Some(10_000)),
            ("0.001", None),
            ("-1", None),
            ("five", None),
            ("", None),
        ] {
            assert_eq!(basis_points(text), bps, "{text:?}");
        }
        assert_eq!(percent(250), "2.5");
        assert_eq!(percent(10_000), "100");
    }
}
