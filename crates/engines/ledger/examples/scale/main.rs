//! A million random operations in a hundred portfolios, checked to the last cent and share by every
//! method, and how the time of a replay grows with its length.
//!
//! `cargo run --release -p ledger --example scale` prints one JSON object; times are the best of five
//! runs in milliseconds. It ends with an error when anything is lost or growth is beyond linear.
#![expect(clippy::print_stdout, reason = "its output is what the program is for")]

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use ledger::CostBasis;

mod world;

use world::World;

/// Ten times the transactions may take at most so many times as long.
const GROWTH: f64 = 12.0;

fn main() {
    let world = World::generate(100, 1_000_000, 100);
    let operations: usize = world.portfolios.iter().map(Vec::len).sum();
    let mut conserved = BTreeMap::new();
    for cost_basis in CostBasis::ALL {
        let start = Instant::now();
        let all = world.replay(cost_basis);
        conserved.insert(cost_basis.as_str(), milliseconds(start));
        world.check(&all);
    }
    // Companies split and merge as often, however much one trades: two hundred times in ten years.
    let ledgers = [10_000, 100_000].map(|length| World::generate(1, length, length / 200));
    let mut growth = BTreeMap::new();
    for cost_basis in CostBasis::ALL {
        let [short, long] = ledgers.each_ref().map(|ledger| best(ledger, cost_basis));
        assert!(
            long / short < GROWTH,
            "{} takes {short} ms, then {long} ms",
            cost_basis.as_str()
        );
        let times = serde_json::json!({
            "ms_10000": short, "ms_100000": long, "growth": long / short,
        });
        growth.insert(cost_basis.as_str(), times);
    }
    let report = serde_json::json!({
        "transactions": operations, "conserved_ms": conserved, "growth": growth,
    });
    println!("{report}");
}

fn best(world: &World, cost_basis: CostBasis) -> f64 {
    let runs = (0..5).map(|_| {
        let start = Instant::now();
        black_box(world.replay(cost_basis));
        milliseconds(start)
    });
    runs.fold(f64::INFINITY, f64::min)
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
