//! The market room from outside: through HTTP and through the functions that other rooms and the
//! command line call, against PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong in the help of a test fails the test"
)]

mod asks;
mod bars;
mod charts;
mod corporate_actions;
mod day_bars;
mod deeds;
mod doubts;
mod exchanges;
mod expirations;
mod facts;
mod faults;
mod feeds;
mod fetching;
mod figures;
mod figures_laws;
mod file_findings;
mod freshness;
mod fx;
mod indices;
mod instruments;
mod lifetimes;
mod live;
mod old_minutes;
mod outages;
mod outside;
mod overrides;
mod pages;
mod parquet;
mod pauses;
mod quotes;
mod reference;
mod refreshes;
mod reported;
mod restart;
mod scores;
mod screener;
mod searching;
mod site;
mod spellings;
mod thinned;
mod ticks;
mod timeseries;
mod timeseries_laws;
mod timeseries_model;
mod trading_hours;

use market::{InstrumentId, bars::ImportOptions};

/// An instrument with a close of 10 and one of 11.
async fn bars_of(site: &site::Site, symbol: &str) -> InstrumentId {
    let options = ImportOptions {
        symbol: Some(symbol.into()),
        source: "test".into(),
        ..ImportOptions::default()
    };
    let csv = "date,close\n2024-05-30,10\n2024-05-31,11\n";
    site.import(csv, &options).await.unwrap();
    site.instrument(symbol).await.id
}
