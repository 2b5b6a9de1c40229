//! What axe-core finds on a page.

use std::sync::LazyLock;

use serde::Deserialize;
use thirtyfour::WebDriver;

const PLACE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../e2e/node_modules/axe-core/axe.min.js"
);
/// What to look at: everything, or what depends on colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    All,
    Colours,
}

static AXE: LazyLock<String> = LazyLock::new(|| {
    std::fs::read_to_string(PLACE)
        .unwrap_or_else(|error| panic!("{PLACE}: {error}; `cargo xtask setup` installs axe-core"))
});

const RUN: &str = r"
    const only = arguments[0];
    const options = { resultTypes: ['violations'], preload: false };
    if (only.length) options.runOnly = { type: 'rule', values: only };
    // Row after row is made alike; the first dozen stand for all.
    const page = { include: document, exclude: [['tbody tr:nth-child(n+13)']] };
    return axe.run(page, options).then((results) => results.violations.flatMap((violation) =>
        violation.nodes.map((node) => ({
            rule: violation.id,
            impact: node.impact ?? violation.impact ?? 'unknown',
            help: violation.help,
            target: node.target.flat().join(' '),
            summary: node.failureSummary ?? '',
        }))));
";

#[derive(Debug, Deserialize)]
struct Violation {
    rule: String,
    impact: String,
    help: String,
    target: String,
    summary: String,
}

/// Fails when the page has a serious or critical violation.
pub(crate) async fn check(session: &WebDriver, rules: Rules, page: &str) {
    let loaded = session
        .execute("return typeof axe === 'object'", [])
        .await
        .expect("a script");
    if loaded.json() != &serde_json::Value::Bool(true) {
        session
            .execute(AXE.as_str(), [])
            .await
            .expect("axe-core runs in the page");
    }
    let only: &[&str] = match rules {
        Rules::All => &[],
        Rules::Colours => &["color-contrast", "link-in-text-block"],
    };
    let found = session
        .execute(RUN, [serde_json::json!(only)])
        .await
        .expect("axe-core answers");
    let found: Vec<Violation> = found.convert().expect("violations");
    let grave: Vec<String> = found
        .iter()
        .filter(|violation| matches!(violation.impact.as_str(), "serious" | "critical"))
        .map(|v| {
            format!(
                "{} ({}): {}\n  {}\n  {}",
                v.rule, v.impact, v.help, v.target, v.summary
            )
        })
        .collect();
    assert!(
        grave.is_empty(),
        "{page} ({rules:?}):\n{}",
        grave.join("\n")
    );
}
