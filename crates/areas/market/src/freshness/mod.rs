//! Who states what about an instrument, how old it is, and how good what its source gave last was: of each kind of
//! figure on the page of the instrument, and of all instruments as a list for whoever runs the instance.

pub(crate) mod api;
mod model;
pub(crate) mod pages;
mod store;

use sqlx::PgConnection;

pub(crate) use model::FigureSource;

use crate::InstrumentId;

/// The kinds of figures that are known of an instrument, the latest price first, then bars from the shortest.
pub(crate) async fn of_instrument(
    conn: &mut PgConnection,
    id: InstrumentId,
) -> db::Result<Vec<FigureSource>> {
    store::of_instrument(conn, id).await
}
