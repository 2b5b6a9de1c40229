//! The command line. Every command that prints data has `--json`.

mod market;
mod people;

use std::path::PathBuf;

use ::market::bars::Interval;
use clap::{Args, Parser, Subcommand, ValueEnum};
use config::Settings;
use jiff::civil::Date;
use uuid::Uuid;

pub use self::market::MarketCommand;
pub use self::people::{
    InvitationCommand, OutboxCommand, PolicyArg, RegistrationCommand, RoleArg, TierArg, UserCommand,
};

/// Self-hosted investing platform: one binary, one PostgreSQL.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part (some lines of a file were refused).
#[derive(Debug, Parser)]
#[command(name = "bursar", version)]
pub struct Cli {
    #[command(flatten)]
    pub settings: Settings,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the pages and the API (the default)
    Serve,
    /// Serve a filled, offline, deterministic demo with simulated data
    Demo,
    /// Import transactions, bars or exchange rates from a file
    #[command(subcommand)]
    Import(ImportCommand),
    /// Print figures
    #[command(subcommand)]
    Report(ReportCommand),
    /// Open and list portfolios
    #[command(subcommand)]
    Portfolio(PortfolioCommand),
    /// Fetch prices, and show where they come from
    #[command(subcommand)]
    Market(MarketCommand),
    /// Manage the people who have an account
    #[command(subcommand)]
    User(UserCommand),
    /// Say who may make an account
    #[command(subcommand)]
    Registration(RegistrationCommand),
    /// Invite people
    #[command(subcommand)]
    Invitation(InvitationCommand),
    /// Read and send mail that waits
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Create an API token; it is shown once
    Token(TokenArgs),
    /// Look after the keys that encrypt what is stored encrypted
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Prove that the books are as they were written, or export the evidence
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Look after the database
    #[command(subcommand)]
    Db(DbCommand),
    /// Check everything Bursar depends on, with a remedy for what is wrong
    Doctor(Output),
    /// Print reference documents that are generated from the code
    #[command(hide = true)]
    Reference(ReferenceArgs),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Args)]
pub struct Output {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

/// Whose data a command works on.
#[derive(Clone, Debug, Args)]
pub struct Whose {
    /// Email of the user; the only user, or the oldest administrator in use, unless given
    #[arg(long, value_name = "EMAIL")]
    pub user: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Transactions from a broker's export or a CSV
    Transactions {
        /// The file
        file: PathBuf,
        /// auto, the word of a format (bursar, ibkr_flex, kraken, trading212, ...), or the name of a
        /// saved mapping
        #[arg(long, default_value = "auto")]
        format: String,
        /// Name of the portfolio; it is opened when there is none of that name
        #[arg(long)]
        portfolio: String,
        /// Currency of a portfolio that has to be opened; that of most lines of the file unless given
        #[arg(long)]
        currency: Option<String>,
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        output: Output,
    },
    /// Take back everything that an import of transactions brought. More than 2,000 go part by part; run the
    /// same command again to go on after an interruption
    Undo {
        /// The import: the batch that the import printed, or the end of its address in the pages
        import: Uuid,
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        output: Output,
    },
    /// Prices from a CSV or Parquet file (date, open, high, low, close, adj close, volume, symbol)
    Bars {
        /// The file; or a folder, or a ZIP archive, of such files
        file: PathBuf,
        /// Symbol of a file without a symbol column; in a folder the name of the file unless given
        #[arg(long)]
        symbol: Option<String>,
        /// Exchange of its instruments
        #[arg(long)]
        exchange: Option<String>,
        /// Currency of its prices, where it is not known yet; GBX for pence
        #[arg(long)]
        currency: Option<String>,
        /// What one bar spans: 1m, 5m, 15m, 1h or 1d (also daily)
        #[arg(long, default_value = "1d")]
        interval: Interval,
        /// Clock of times without a zone, such as America/New_York; that of the exchange unless given
        #[arg(long)]
        time_zone: Option<String>,
        /// Also load files of a folder or an archive that were loaded as a whole before
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Prices of a custom instrument, or values of something else private, from a CSV (date, price)
    Appraisals {
        /// The file
        file: PathBuf,
        /// Symbol of the instrument, or the name of anything else private
        #[arg(long)]
        symbol: String,
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        output: Output,
    },
    /// Exchange rates from the ECB's CSV or from date,base,quote,rate
    Fx {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// Splits, spin-offs, mergers and the like from a CSV (symbol, type, ex_date, ratio, …)
    CorporateActions {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// One portfolio: value, cash, holdings, performance, findings
    Portfolio {
        /// Its name
        name: String,
        /// The day; today unless given
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
        /// First day of the performance figures; the first transaction unless given
        #[arg(long, value_name = "DATE")]
        from: Option<Date>,
        /// Another method than the portfolio's own
        #[arg(long, value_name = "METHOD")]
        cost_basis: Option<CostBasisArg>,
        /// Transactions as they were stored at the end of this day (UTC); as they are now unless given
        #[arg(long, value_name = "DATE")]
        known_on: Option<Date>,
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum CostBasisArg {
    /// First in, first out
    Fifo,
    /// Last in, first out
    Lifo,
    /// Highest cost first
    Hifo,
    /// Average cost
    Average,
    /// The lots chosen at each sale
    #[value(name = "specific_lot")]
    SpecificLot,
}

impl From<CostBasisArg> for ledger::CostBasis {
    fn from(method: CostBasisArg) -> Self {
        match method {
            CostBasisArg::Fifo => Self::Fifo,
            CostBasisArg::Lifo => Self::Lifo,
            CostBasisArg::Hifo => Self::Hifo,
            CostBasisArg::SpecificLot => Self::SpecificLot,
            CostBasisArg::Average => Self::Average,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum PortfolioCommand {
    /// Open a portfolio
    Add {
        /// Its name
        name: String,
        /// Its currency; the user's base currency unless given
        #[arg(long)]
        currency: Option<String>,
        /// How the cost of sold shares is chosen
        #[arg(long, value_name = "METHOD", default_value = "fifo")]
        cost_basis: CostBasisArg,
        /// Keep no cash balance: purchases count as contributions
        #[arg(long)]
        no_cash: bool,
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        output: Output,
    },
    /// List the portfolios
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys and how many values each of them seals
    List(Output),
    /// Make a new key, seal everything with it and retire the old ones; goes on where it was interrupted
    Rotate(Output),
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute the hash chains and compare the rows with them; exit code 1 when one is broken
    Verify {
        /// Only the chains of this user
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
        /// An earlier evidence pack, through whose heads the chains must go
        #[arg(long, value_name = "PACK")]
        against: Option<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
    /// Write an evidence pack: links, heads and audit rows, with how to check them without Bursar
    Export {
        /// The archive to write; it must not exist yet
        file: PathBuf,
        /// Only the evidence of this user
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Args)]
pub struct TokenArgs {
    /// What the token is for, to recognise it in the list
    pub name: String,
    /// What it may do: with `limited` it deletes no portfolio and manages no account, with `read` it
    /// changes nothing
    #[arg(long, value_enum, default_value_t = ScopeArg::Full)]
    pub scope: ScopeArg,
    /// The last day on which it works, as 2030-12-31 and in UTC, or `never`; without it 90 days from now
    #[arg(long, value_name = "DAY|never")]
    pub expires: Option<String>,
    #[command(flatten)]
    pub whose: Whose,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ScopeArg {
    /// Everything its person may
    Full,
    /// Reads everything, changes portfolios and market data
    Limited,
    /// Changes nothing
    Read,
}

#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Create roles and apply pending migrations
    Migrate(Output),
    /// Undo the newest migrations
    Rollback {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: usize,
        #[command(flatten)]
        output: Output,
    },
    /// Show which migrations are applied
    Status(Output),
    /// Drop everything and migrate again: all data is lost
    Reset {
        /// Confirms that all data may be lost
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Open psql on the database
    Shell {
        /// What is passed on to psql, after --
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub struct ReferenceArgs {
    /// Which document
    pub document: ReferenceDocument,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ReferenceDocument {
    /// OpenAPI 3.1 of the REST API
    Openapi,
    /// The command line
    Cli,
    /// Background jobs and their timetable
    Jobs,
    /// Problem types of the API
    Problems,
    /// Every route of the API
    Routes,
    /// Settings: flags and environment variables
    Settings,
}

impl Command {
    /// What the deeds of a command go on record as.
    pub(crate) fn deed(&self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Demo => "demo",
            Self::Import(ImportCommand::Transactions { .. }) => "import_transactions",
            Self::Import(ImportCommand::Undo { .. }) => "import_undo",
            Self::Import(ImportCommand::Bars { .. }) => "import_bars",
            Self::Import(ImportCommand::Appraisals { .. }) => "import_appraisals",
            Self::Import(ImportCommand::Fx { .. }) => "import_fx",
            Self::Import(ImportCommand::CorporateActions { .. }) => "import_corporate_actions",
            Self::Report(_) => "report",
            Self::Portfolio(_) => "portfolio",
            Self::Market(MarketCommand::Refresh { .. }) => "market_refresh",
            Self::Market(MarketCommand::Sources(_)) => "market_sources",
            Self::User(command) => command.deed(),
            Self::Registration(RegistrationCommand::Show(_)) => "registration_show",
            Self::Registration(RegistrationCommand::Set { .. }) => "registration_set",
            Self::Invitation(InvitationCommand::Add { .. }) => "invitation_add",
            Self::Invitation(InvitationCommand::List(_)) => "invitation_list",
            Self::Invitation(InvitationCommand::Revoke { .. }) => "invitation_revoke",
            Self::Outbox(_) => "outbox",
            Self::Keys(_) => "keys",
            Self::Token(_) => "token",
            Self::Audit(_) => "audit",
            Self::Db(_) => "db",
            Self::Doctor(_) => "doctor",
            Self::Reference(_) => "reference",
        }
    }
}
