//! Reference documents that the binary prints about itself.

use super::{Mode, settle};
use crate::shell::{self, Failure};

/// Topic of `bursar reference TOPIC`, and the file that holds it.
const TOPICS: [(&str, &str); 6] = [
    ("openapi", "docs/reference/openapi.json"),
    ("problems", "docs/reference/problems.md"),
    ("settings", "docs/reference/settings.md"),
    ("cli", "docs/reference/cli.md"),
    ("routes", "docs/reference/routes.md"),
    ("jobs", "docs/reference/jobs.md"),
];

/// Names the files that differed. The binary must have been built.
pub(super) fn refresh(mode: Mode) -> Result<Vec<String>, Failure> {
    let mut changed = Vec::new();
    for (topic, file) in TOPICS {
        let text = shell::workspace_program("bursar")?
            .arg("reference")
            .arg(topic)
            .no_input()
            .output()?;
        if text.trim().is_empty() {
            return Err(Failure::Remedy(format!(
                "`bursar reference {topic}` printed nothing"
            )));
        }
        changed.extend(settle(file, &text, mode)?);
    }
    Ok(changed)
}
