use super::{lines, support::reference_files};
#[test]
fn dump() {
    let mut out = Vec::new();
    for folder in std::env::var("DUMP").unwrap_or_default().split(' ') {
        for (name, bytes) in reference_files(&format!("brokers/{folder}")) {
            if let Ok(s) = statements::read(&bytes) {
                out.push(serde_json::json!([folder, name, format!("{:?}", s.format), lines(&s)]));
            }
        }
    }
    std::fs::write("/tmp/ref.json", serde_json::to_string(&out).unwrap()).unwrap();
}
