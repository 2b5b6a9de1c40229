use web::App;

use super::{Preferences, PreferencesBody, PreferencesError};

/// The longest address that is stored.
const MAX_WEBHOOK_CHARS: usize = 500;

/// Reads a body as it may be stored here: besides the words, the page after signing in is one of the main
/// navigation, and the webhook is an address that this instance connects to.
pub(super) fn read(
    app: &App,
    body: &PreferencesBody,
) -> Result<Preferences, Vec<PreferencesError>> {
    let mut errors = Vec::new();
    if !views(app)
        .iter()
        .any(|(path, _)| *path == body.default_view)
    {
        let offered: Vec<&str> = views(app).iter().map(|(path, _)| *path).collect();
        errors.push(PreferencesError::UnknownView {
            path: body.default_view.clone(),
            offered: offered.join(", "),
        });
    }
    let webhook = webhook(app, body).unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    match Preferences::try_from(body) {
        Ok(preferences) if errors.is_empty() => Ok(Preferences {
            webhook_url: webhook,
            ..preferences
        }),
        Ok(_) => Err(errors),
        Err(mut wrong) => {
            wrong.extend(errors);
            Err(wrong)
        }
    }
}

/// The address as it is called: what browsers encode is encoded.
fn webhook(app: &App, body: &PreferencesBody) -> Result<Option<String>, PreferencesError> {
    let text = body.webhook_url.as_deref().map_or("", str::trim);
    if text.is_empty() {
        return Ok(None);
    }
    let url = app.outbound.policy().target(text)?.to_string();
    let chars = url.chars().count();
    if chars > MAX_WEBHOOK_CHARS {
        return Err(PreferencesError::WebhookTooLong {
            chars,
            most: MAX_WEBHOOK_CHARS,
        });
    }
    Ok(Some(url))
}

/// The pages on which one can begin, as pairs of address and name.
pub(super) fn views(app: &App) -> Vec<(&'static str, &'static str)> {
    let mut views: Vec<(&str, &str)> = app.nav.iter().map(|item| (item.href, item.label)).collect();
    if !views.iter().any(|(path, _)| *path == "/") {
        views.insert(0, ("/", "Dashboard"));
    }
    views
}

/// Where a person who signs in begins; the first page, when the chosen one is no more.
pub(crate) fn start(app: &App, preferences: &Preferences) -> &'static str {
    views(app)
        .into_iter()
        .map(|(path, _)| path)
        .find(|path| *path == preferences.default_view)
        .unwrap_or("/")
}
