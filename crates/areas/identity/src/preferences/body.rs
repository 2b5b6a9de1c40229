use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::Choice as _;

use super::Preferences;

/// Preferences as they are written, read and stored. What is left out of a body goes back to its default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, and they combine freely"
)]
pub struct PreferencesBody {
    /// Code of the currency in which totals are shown.
    #[schema(example = "EUR")]
    pub base_currency: String,
    /// The language and region by which numbers, money and days are written, as a BCP 47 tag. The pages
    /// themselves are in English.
    #[schema(example = "en-GB")]
    pub locale: String,
    /// `system`, `light` or `dark`.
    #[schema(example = "system")]
    pub theme: String,
    /// Whether amounts are replaced by dots.
    pub hide_amounts: bool,
    /// The clock on which instants are shown, by its IANA name.
    #[serde(default = "defaults::timezone")]
    #[schema(example = "Europe/Zurich")]
    pub timezone: String,
    /// The signs in numbers: `locale`, or those of `en-US`, `de-DE`, `de-CH` or `fr-FR`.
    #[serde(default = "defaults::number_format")]
    #[schema(example = "locale")]
    pub number_format: String,
    /// `locale`, `YYYY-MM-DD`, `DD.MM.YYYY`, `DD/MM/YYYY` or `MM/DD/YYYY`.
    #[serde(default = "defaults::date_format")]
    #[schema(example = "YYYY-MM-DD")]
    pub date_format: String,
    /// `24h` or `12h`.
    #[serde(default = "defaults::time_format")]
    #[schema(example = "24h")]
    pub time_format: String,
    /// Digits of prices: `exact` or `rounded` to those of the currency.
    #[serde(default = "defaults::price_display")]
    #[schema(example = "exact")]
    pub price_display: String,
    /// Colours of gain and loss: `standard`, `colour_blind` or `red_up`.
    #[serde(default = "defaults::sign_colours")]
    #[schema(example = "standard")]
    pub sign_colours: String,
    /// `system`, `serif` or `mono`.
    #[serde(default = "defaults::font_family")]
    #[schema(example = "system")]
    pub font_family: String,
    /// `small`, `medium`, `large` or `extra_large`.
    #[serde(default = "defaults::font_size")]
    #[schema(example = "medium")]
    pub font_size: String,
    /// `comfortable` or `compact`.
    #[serde(default = "defaults::density")]
    #[schema(example = "comfortable")]
    pub density: String,
    /// Whether things on a page may move by themselves.
    #[serde(default = "defaults::yes")]
    pub animations: bool,
    /// Values over time are drawn as `area`, `line` or `bar`.
    #[serde(default = "defaults::chart_type")]
    #[schema(example = "candlestick")]
    pub chart_type: String,
    /// What the chart of an instrument shows when it is opened: `1M`, `3M`, `YTD`, `1Y`, `5Y` or `ALL`.
    #[serde(default = "defaults::chart_timeframe")]
    #[schema(example = "1Y")]
    pub chart_timeframe: String,
    /// The period of figures on pages whose address names none: `1m`, `3m`, `ytd`, `1y`, `3y`, `5y` or
    /// `all`.
    #[serde(default = "defaults::history_range")]
    #[schema(example = "1y")]
    pub history_range: String,
    /// The page after signing in: the address of an entry of the main navigation.
    #[serde(default = "defaults::default_view")]
    #[schema(example = "/portfolio/holdings")]
    pub default_view: String,
    /// Whether pages about the market are fetched anew while they are open.
    #[serde(default = "defaults::yes")]
    pub live_data: bool,
    /// How often, in seconds: 5 to 3600.
    #[serde(default = "defaults::refresh_interval_s")]
    #[schema(example = 30, minimum = 5, maximum = 3600)]
    pub refresh_interval_s: u32,
    /// Whether a change of protected details is told by mail.
    #[serde(default = "defaults::yes")]
    pub email_notifications: bool,
    /// Where such changes are told to a program; an address in the public network.
    #[serde(default)]
    #[schema(example = "https://example.org/hooks/bursar")]
    pub webhook_url: Option<String>,
    /// From which change of a day on the dashboard points at a holding, in hundredths of a percent: 0 to
    /// 10000.
    #[serde(default = "defaults::alert_threshold_bps")]
    #[schema(example = 500, maximum = 10000)]
    pub alert_threshold_bps: u32,
    /// Whether pages ask once more before a booking and before what cannot be undone.
    #[serde(default)]
    pub confirm_actions: bool,
    /// Whether forms say what short positions and options can cost.
    #[serde(default = "defaults::yes")]
    pub show_risk_warnings: bool,
    /// Whether the person's API tokens open anything. Only pages and calls of a signed-in browser can
    /// switch it on again.
    #[serde(default = "defaults::yes")]
    pub api_access: bool,
}

/// What stands for a field that is left out, from the one place that knows: [`Preferences::default`].
mod defaults {
    use super::{Preferences, PreferencesBody};

    macro_rules! defaults {
        ($($field:ident: $of:ty;)*) => { $(
            pub(super) fn $field() -> $of {
                PreferencesBody::from(&Preferences::default()).$field
            }
        )* };
    }

    defaults! {
        timezone: String;
        number_format: String;
        date_format: String;
        time_format: String;
        price_display: String;
        sign_colours: String;
        font_family: String;
        font_size: String;
        density: String;
        chart_type: String;
        chart_timeframe: String;
        history_range: String;
        default_view: String;
        refresh_interval_s: u32;
        alert_threshold_bps: u32;
    }

    pub(super) fn yes() -> bool {
        true
    }
}

impl From<&Preferences> for PreferencesBody {
    fn from(preferences: &Preferences) -> Self {
        let (formats, look) = (&preferences.formats, preferences.look);
        Self {
            base_currency: preferences.base_currency.to_string(),
            locale: formats.locale.tag().to_owned(),
            theme: preferences.theme.as_str().to_owned(),
            hide_amounts: preferences.hide_amounts,
            timezone: formats.zone.iana_name().unwrap_or("UTC").to_owned(),
            number_format: formats.numbers.as_str().to_owned(),
            date_format: formats.dates.as_str().to_owned(),
            time_format: formats.times.as_str().to_owned(),
            price_display: formats.prices.as_str().to_owned(),
            sign_colours: look.signs.as_str().to_owned(),
            font_family: look.font.as_str().to_owned(),
            font_size: look.font_size.as_str().to_owned(),
            density: look.density.as_str().to_owned(),
            animations: !look.still,
            chart_type: look.chart_type.as_str().to_owned(),
            chart_timeframe: preferences.chart_timeframe.as_str().to_owned(),
            history_range: preferences.history_range.as_str().to_owned(),
            default_view: preferences.default_view.clone(),
            live_data: preferences.live_data,
            refresh_interval_s: preferences.refresh_interval_s,
            email_notifications: preferences.email_notifications,
            webhook_url: preferences.webhook_url.clone(),
            alert_threshold_bps: preferences.alert_threshold_bps,
            confirm_actions: preferences.confirm_actions,
            show_risk_warnings: preferences.show_risk_warnings,
            api_access: preferences.api_access,
        }
    }
}
