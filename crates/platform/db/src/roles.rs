//! The roles on the server and what each may do.

use crate::{Access, Error, Result};

/// Owns the database objects; migrations run as it. Cannot log in.
pub const OWNER_ROLE: &str = "bursar_owner";
/// The program's login on a private cluster. Inherits nothing: outside a unit of work it may do
/// nothing.
pub const LOGIN_ROLE: &str = "bursar_login";
/// The role of a user's unit of work, confined by row-level security.
pub const USER_ROLE: &str = "bursar_user";
/// The role of a system unit of work; policies let it see all rows.
pub const SYSTEM_ROLE: &str = "bursar_system";
/// Superuser of a private cluster.
pub const ADMIN_ROLE: &str = "bursar_admin";

/// Longest time a statement of the program may take.
pub const STATEMENT_TIMEOUT: &str = "30s";
/// Longest time a transaction of the program may stay open without a statement.
pub const IDLE_IN_TRANSACTION_TIMEOUT: &str = "60s";

/// Creates the roles and grants where they are missing. Harmless to repeat.
pub async fn ensure(access: &Access) -> Result<(), Error> {
    let _ = access;
    todo!()
}
