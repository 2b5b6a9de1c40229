//! The cluster that tests share: `start`, `stop`, or `url` for a freshly migrated database.

use std::io::Write as _;

use anyhow::{Result, bail};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut output = std::io::stdout();
    match std::env::args().nth(1).as_deref() {
        Some("start") => {
            testkit::start_cluster().await?;
            writeln!(output, "the test cluster runs")?;
        }
        Some("stop") => {
            let ran = testkit::stop_cluster()?;
            writeln!(output, "{}", if ran { "stopped" } else { "it did not run" })?;
        }
        Some("url") => {
            writeln!(output, "DATABASE_URL={}", testkit::check_database().await?)?;
        }
        _ => bail!("usage: testkit-cluster start|stop|url"),
    }
    Ok(())
}
