//! Commands about people: their accounts, how they come, and their mail.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use identity::{invitations::InvitationId, outbox::MessageId};
use jiff::civil::Date;

use super::Output;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; the first one owns the instance
    Add {
        /// Email address
        email: String,
        /// Name, for the pages
        #[arg(long, default_value = "")]
        name: String,
        /// Read the password from standard input; otherwise a one-time link to set one is printed
        #[arg(long)]
        password_stdin: bool,
        /// Read a password hash of another system (bcrypt or Argon2) from standard input
        #[arg(long, conflicts_with = "password_stdin")]
        password_hash_stdin: bool,
        #[command(flatten)]
        output: Output,
    },
    /// List the users
    List(Output),
    /// Show a user
    Show {
        /// Email address
        email: String,
        #[command(flatten)]
        output: Output,
    },
    /// Lock a user's account: sessions and API tokens stop working at once
    Suspend {
        /// Email address
        email: String,
        #[command(flatten)]
        output: Output,
    },
    /// Let a user in again whose account is suspended or inactive
    Activate {
        /// Email address
        email: String,
        #[command(flatten)]
        output: Output,
    },
    /// Say what a user may do
    SetRole {
        /// Email address
        email: String,
        /// What the user may do
        role: RoleArg,
        #[command(flatten)]
        output: Output,
    },
    /// Say what a user is entitled to
    SetTier {
        /// Email address
        email: String,
        /// What the user is entitled to
        tier: TierArg,
        /// First day (UTC) on which the tier counts as observer again; it has no end unless given
        #[arg(long, value_name = "DATE")]
        until: Option<Date>,
        #[command(flatten)]
        output: Output,
    },
    /// Print a one-time link under which a user sets a new password
    ResetPassword {
        /// Email address
        email: String,
        #[command(flatten)]
        output: Output,
    },
    /// Give a user another address; it counts as verified once the link that is sent there was opened
    SetEmail {
        /// Email address
        email: String,
        /// The new one
        new: String,
        #[command(flatten)]
        output: Output,
    },
    /// Take all identities of a sign-in provider and all sessions from a user who lost them
    Unlink {
        /// Email address
        email: String,
        #[command(flatten)]
        output: Output,
    },
    /// Take all second factors and sessions from a user who lost them: the password alone signs in again
    ResetFactors {
        /// Email address
        email: String,
        #[command(flatten)]
        output: Output,
    },
    /// Write everything that is stored about a user to an archive
    Export {
        /// Email address
        email: String,
        /// The archive to write; it must not exist yet
        file: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// Close an account for good: the person is erased at once, the bookings after seven years
    Close {
        /// Email address
        email: String,
        /// The email address once more, to confirm
        #[arg(long, value_name = "EMAIL")]
        confirm: String,
        /// Who runs the instance from now on, when this user was the last one who does
        #[arg(long, value_name = "EMAIL")]
        successor: Option<String>,
        #[command(flatten)]
        output: Output,
    },
}

impl UserCommand {
    /// What its deed goes on record as.
    pub(super) fn deed(&self) -> &'static str {
        match self {
            Self::Add { .. } => "user_add",
            Self::List(_) => "user_list",
            Self::Show { .. } => "user_show",
            Self::Suspend { .. } => "user_suspend",
            Self::Activate { .. } => "user_activate",
            Self::SetRole { .. } => "user_set_role",
            Self::SetTier { .. } => "user_set_tier",
            Self::ResetPassword { .. } => "user_reset_password",
            Self::SetEmail { .. } => "user_set_email",
            Self::Unlink { .. } => "user_unlink",
            Self::ResetFactors { .. } => "user_reset_factors",
            Self::Export { .. } => "user_export",
            Self::Close { .. } => "user_close",
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleArg {
    /// Runs the instance
    Admin,
    /// Uses the instance
    User,
    /// Reads and drafts, manages nothing
    Agent,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TierArg {
    /// The free one
    #[value(alias = "free")]
    Observer,
    /// Trader
    Trader,
    /// Professional
    Professional,
    /// Enterprise
    Enterprise,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PolicyArg {
    /// Everybody with an email address
    Open,
    /// Who is invited
    Invitation,
    /// Nobody
    Closed,
}

impl From<RoleArg> for identity::users::Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Admin => Self::Admin,
            RoleArg::User => Self::User,
            RoleArg::Agent => Self::Agent,
        }
    }
}

impl From<TierArg> for identity::users::Tier {
    fn from(tier: TierArg) -> Self {
        match tier {
            TierArg::Observer => Self::Observer,
            TierArg::Trader => Self::Trader,
            TierArg::Professional => Self::Professional,
            TierArg::Enterprise => Self::Enterprise,
        }
    }
}

impl From<PolicyArg> for identity::registration::Policy {
    fn from(policy: PolicyArg) -> Self {
        match policy {
            PolicyArg::Open => Self::Open,
            PolicyArg::Invitation => Self::Invitation,
            PolicyArg::Closed => Self::Closed,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum RegistrationCommand {
    /// Show who may make an account
    Show(Output),
    /// Choose who may make an account
    Set {
        /// Who may make an account
        policy: PolicyArg,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
pub enum InvitationCommand {
    /// Invite somebody; the link is shown once
    Add {
        /// For this address alone; mail is sent there
        #[arg(long)]
        email: Option<String>,
        /// What the newcomer may do
        #[arg(long, value_enum, default_value_t = RoleArg::User)]
        role: RoleArg,
        /// Days until it ends
        #[arg(long, default_value_t = 7)]
        days: u16,
        #[command(flatten)]
        output: Output,
    },
    /// List the invitations
    List(Output),
    /// Take an invitation back that nobody has used
    Revoke {
        /// Its id, as the list has it
        id: InvitationId,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// List the messages
    List(Output),
    /// Print a message with its link
    Show {
        /// Its id, as the list has it
        id: MessageId,
        #[command(flatten)]
        output: Output,
    },
    /// Have the running server send a message that waits or was given up
    Resend {
        /// Its id, as the list has it
        id: MessageId,
        #[command(flatten)]
        output: Output,
    },
    /// Remove messages that were sent, given up or have expired
    Clear {
        /// Remove those that wait as well
        #[arg(long)]
        waiting: bool,
        #[command(flatten)]
        output: Output,
    },
}
