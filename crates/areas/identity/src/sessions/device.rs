//! A device in words, from what its browser or program calls itself. Nothing is promised: the text is the
//! other end's own, so it helps to recognise a device and proves nothing. What is not known is said to be
//! unknown rather than guessed.

/// What marks a browser. The order matters: most name their ancestors too.
const BROWSERS: [(&str, &str); 18] = [
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Epiphany/", "GNOME Web"),
    // Chrome and its kin call themselves Safari as well, and say Chrome before.
    ("Version/", "Safari"),
    ("Safari/", "Safari"),
];
/// What marks a system. Phones first: Android says Linux, and an iPhone says Mac OS X.
const SYSTEMS: [(&str, &str); 9] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];
const UNKNOWN: &str = "Unknown device";
const MAX_PROGRAM_CHARS: usize = 40;

/// “Firefox on Linux”, the name of a program, or that it is unknown.
pub(super) fn in_words(agent: Option<&str>) -> String {
    let agent = agent.unwrap_or_default();
    let Some(rest) = agent.strip_prefix("Mozilla/") else {
        return program(agent);
    };
    match (first(&BROWSERS, rest), first(&SYSTEMS, rest)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => UNKNOWN.to_owned(),
    }
}

fn first(known: &[(&str, &'static str)], agent: &str) -> Option<&'static str> {
    known
        .iter()
        .find(|(mark, _)| agent.contains(mark))
        .map(|(_, name)| *name)
}

/// Programs begin with a name and a version, as in `curl/8.5`.
fn program(agent: &str) -> String {
    let name = agent
        .split_once('/')
        .map(|(name, _)| name.trim())
        .filter(|name| !name.is_empty() && name.chars().count() <= MAX_PROGRAM_CHARS);
    name.map_or_else(|| UNKNOWN.to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBKIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";

    #[test]
    fn browsers_are_told_apart() {
        for (agent, expected) in [
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0.0.0 \
                     Safari/537.36 Edg/120.0.0.0"
                ),
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0".to_owned(),
                "Firefox on Linux",
            ),
            (
                format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) {WEBKIT} Version/17.0 \
                     Mobile/15E148 Safari/604.1"
                ),
                "Safari on iPhone",
            ),
            (
                format!(
                    "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) {WEBKIT} CriOS/120.0 \
                     Mobile/15E148 Safari/604.1"
                ),
                "Chrome on iPad",
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 14; SM-S901B) {WEBKIT} SamsungBrowser/23.0 \
                     Chrome/115.0.0.0 Mobile Safari/537.36"
                ),
                "Samsung Internet on Android",
            ),
            (
                format!(
                    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/120.0.0.0 Safari/537.36"
                ),
                "Chrome on ChromeOS",
            ),
            (
                format!(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.1 Safari/605"
                ),
                "Safari on macOS",
            ),
            ("Mozilla/5.0 (compatible)".to_owned(), UNKNOWN),
        ] {
            assert_eq!(in_words(Some(&agent)), expected, "{agent}");
        }
    }

    #[test]
    fn programs_are_called_by_their_names_and_nothing_is_guessed() {
        for (agent, expected) in [
            ("curl/8.5", "curl"),
            ("Bursar for iPad/1.0 (iPadOS 17)", "Bursar for iPad"),
            ("okhttp/4.12.0", "okhttp"),
            ("/1.0", UNKNOWN),
            ("word", UNKNOWN),
            (&format!("{}/1", "x".repeat(41)), UNKNOWN),
            ("", UNKNOWN),
        ] {
            assert_eq!(in_words(Some(agent)), expected, "{agent}");
        }
        assert_eq!(in_words(None), UNKNOWN);
    }
}
