//! Every problem that the code raises is explained, and every explanation is of one that is raised.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use bursar::problems::PROBLEMS;

use crate::site::Site;

/// The statuses that problems have, by their names in the code.
const STATUSES: [(&str, u16); 14] = [
    ("BAD_REQUEST", 400),
    ("UNAUTHORIZED", 401),
    ("FORBIDDEN", 403),
    ("NOT_FOUND", 404),
    ("METHOD_NOT_ALLOWED", 405),
    ("REQUEST_TIMEOUT", 408),
    ("CONFLICT", 409),
    ("PRECONDITION_FAILED", 412),
    ("PAYLOAD_TOO_LARGE", 413),
    ("UNSUPPORTED_MEDIA_TYPE", 415),
    ("UNPROCESSABLE_ENTITY", 422),
    ("TOO_MANY_REQUESTS", 429),
    ("INTERNAL_SERVER_ERROR", 500),
    ("SERVICE_UNAVAILABLE", 503),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if path
                .file_name()
                .is_none_or(|name| name != "tests" && name != "target" && name != "examples")
            {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Code and status of every problem in a source: `StatusCode::X, "code"` and `conflict("code"`.
fn raised(source: &str) -> Vec<(String, u16)> {
    let dense = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let literal = |text: &str| -> Option<String> {
        let text = text.trim_start().strip_prefix('"')?;
        let (code, _) = text.split_once('"')?;
        code.chars()
            .all(|c| c.is_ascii_lowercase() || c == '-')
            .then(|| code.to_owned())
    };
    let mut found = Vec::new();
    for rest in dense.split("StatusCode::").skip(1) {
        let Some((name, rest)) = rest.split_once(',') else {
            continue;
        };
        let status = STATUSES.iter().find(|(known, _)| *known == name);
        if let (Some((_, status)), Some(code)) = (status, literal(rest)) {
            found.push((code, *status));
        }
    }
    for rest in dense.split("conflict(").skip(1) {
        found.extend(literal(rest).map(|code| (code, 409)));
    }
    found
}

#[test]
fn what_is_raised_is_explained_and_what_is_explained_is_raised() {
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut files = Vec::new();
    sources(crates, &mut files);
    assert!(files.len() > 100, "{} files", files.len());
    let mut in_code: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for file in files {
        for (code, status) in raised(&fs::read_to_string(&file).expect("a source")) {
            in_code.entry(code).or_default().insert(status);
        }
    }
    let explained: BTreeMap<String, BTreeSet<u16>> = PROBLEMS
        .iter()
        .map(|problem| (problem.code.to_owned(), BTreeSet::from([problem.status])))
        .collect();
    assert_eq!(
        in_code, explained,
        "left what the code raises, right what PROBLEMS in crates/bursar/src/problems.rs explains"
    );
    assert!(
        PROBLEMS.is_sorted_by(|a, b| a.code < b.code),
        "by name, each once"
    );
    for problem in PROBLEMS {
        assert!(
            problem.text.len() > 20 && problem.text.ends_with('.'),
            "{}",
            problem.code
        );
    }
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_explanation() {
    let site = Site::start().await;
    let mut anyone = testkit::Browser::new(&site.router);
    for problem in PROBLEMS {
        let page = anyone.get(&format!("/problems/{}", problem.code)).await;
        assert_eq!(page.status, 200, "{}", problem.code);
        page.shows(problem.code);
        page.shows(&problem.status.to_string());
    }
    assert_eq!(anyone.get("/problems/nonsense").await.status, 404);
}
