//! axe-core, the accessibility rules that the browser tests put to every page.
//!
//! It comes from npm at the version in `e2e/package-lock.json`, into `e2e/node_modules`, which is not
//! committed. Nothing in the product needs it, or npm.

use crate::shell::{self, Failure, Outcome, Run};

const WANTED: &str = "e2e/package.json";
const INSTALLED: &str = "e2e/node_modules/axe-core/package.json";

/// Whether the version that the tests want is there.
pub(crate) fn is_installed() -> Result<bool, Failure> {
    let wanted = shell::read(&shell::root().join(WANTED))?;
    // A file that is not there is the answer no.
    let installed = std::fs::read_to_string(shell::root().join(INSTALLED)).unwrap_or_default();
    let wanted = value(&wanted, "axe-core");
    Ok(wanted.is_some() && wanted == value(&installed, "version"))
}

/// Fetches it; npm must be there.
pub(crate) fn install() -> Outcome {
    Run::new("npm").words("ci --prefix e2e").no_input().go()
}

/// The text behind `"key":` in JSON that keeps each pair on a line of its own, as npm writes it.
fn value<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let name = format!("\"{key}\":");
    let rest = json
        .lines()
        .find_map(|line| line.trim().strip_prefix(&name))?;
    Some(rest.trim().trim_end_matches(',').trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_version_is_compared_with_the_installed_one() {
        let wanted = "{\n  \"devDependencies\": {\n    \"axe-core\": \"4.14.1\"\n  }\n}\n";
        let installed = "{\n  \"name\": \"axe-core\",\n  \"version\": \"4.14.1\",\n}\n";
        assert_eq!(value(wanted, "axe-core"), Some("4.14.1"));
        assert_eq!(value(installed, "version"), Some("4.14.1"));
        assert_eq!(value(installed, "license"), None);
    }
}
