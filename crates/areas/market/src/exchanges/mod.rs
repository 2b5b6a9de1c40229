//! Where instruments are traded: markets by their ISO 10383 code with the code that people use, and
//! when they trade. What an instrument's source called its exchange is matched to them by the database.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod store;

use sqlx::PgConnection;

pub use model::Exchange;

/// All exchanges, by their codes.
pub async fn list(conn: &mut PgConnection) -> db::Result<Vec<Exchange>> {
    store::list(conn).await
}
