use clap::Subcommand;
use market::feeds::Want;

use super::Output;

#[derive(Debug, Subcommand)]
pub enum MarketCommand {
    /// Bring prices and reports up to date from the sources that are switched on
    Refresh {
        /// Only this instrument, by its ticker
        symbol: Option<String>,
        /// What: bars_1d, bars_1m, bars_5m, bars_15m, bars_1h, quote, option_chain, fundamentals or
        /// index_values
        #[arg(long, default_value = "bars_1d")]
        what: Want,
        #[command(flatten)]
        output: Output,
    },
    /// List the sources and their state
    Sources(Output),
}
