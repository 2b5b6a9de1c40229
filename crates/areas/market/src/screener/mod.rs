//! Instruments by what they are and what they did: class, exchange, sector, size, price, change,
//! volume, the place of the price in its range of 52 weeks. The question stands in the address, the
//! same for page, file and API.

pub(crate) mod api;
mod csv_file;
mod model;
pub(crate) mod pages;
mod store;

pub use model::{Screen, Screened, Sort};
