//! Opens the private cluster of a data directory, says `ready PID`, and holds it until its standard
//! input ends. Tests kill it in between.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use config::{DataDir, Profile};
use db::{Cluster, ClusterOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .ok_or("usage: hold-cluster DATA-DIR")?,
    );
    let data_dir = DataDir::open(Some(&path), Profile::Live)?;
    let cluster = Cluster::open(&data_dir, ClusterOptions::default()).await?;
    let pid = cluster
        .server_pid()
        .ok_or("the server of an open cluster has no pid file")?;
    writeln!(std::io::stdout(), "ready {pid}")?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    cluster.close().await?;
    Ok(())
}
