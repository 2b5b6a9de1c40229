use clap::Subcommand;

use super::Output;

#[derive(Debug, Subcommand)]
pub enum MarketCommand {
    /// Bring daily prices up to date from the sources that are switched on
    Refresh {
        /// Only this instrument, by its ticker
        symbol: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// List the sources and their state
    Sources(Output),
}
