//! Tens of thousands of random operations, to the last cent and share; the example of the same name
//! does a million.

use ledger::CostBasis;

#[path = "../examples/scale/world/mod.rs"]
mod world;

use world::World;

#[test]
fn nothing_is_lost_in_many_operations() {
    let world = World::generate(10, 60_000, 100);
    let kinds = |kind| {
        let entries = world.portfolios.iter().flatten();
        entries.filter(|entry| entry.event.kind() == kind).count()
    };
    for kind in ledger::TransactionKind::ALL {
        assert!(kinds(kind) > 5, "only {} of {kind:?}", kinds(kind));
    }
    for cost_basis in CostBasis::ALL {
        world.check(&world.replay(cost_basis));
    }
}
