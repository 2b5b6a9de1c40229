//! Several portfolios at once, between which shares have moved.

use std::{borrow::Cow, collections::BTreeMap};

use money::FxTable;
use uuid::Uuid;

use crate::{
    Asset, AssetIndex, Books, Entry, Event, Rules, Side,
    lots::OpenLot,
    order::compare,
    replay::{Replay, in_order},
};

/// The entries of one portfolio and its rules.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// Its entries, in any order.
    pub entries: &'a [Entry],
    /// What it has decided.
    pub rules: &'a Rules,
}

/// Lots on their way from one portfolio to another: by link, instrument and side.
pub(crate) type Transit = BTreeMap<(Uuid, AssetIndex, Side), Vec<OpenLot>>;

/// Replays several portfolios of one person, between which shares may have moved: the lots of a
/// transfer out arrive, with dates and cost, at the transfer in of the same instrument that has the
/// same link. One result for each account, in their order; each by the conventions of
/// [`crate::replay`].
///
/// A transfer in waits for the transfer out of its link, also when the two portfolios disagree about
/// the day or the moment: an arrival may be dated before the departure. Where portfolios wait for each
/// other in a circle, the earliest arrival takes place without its lots, which is a finding.
///
/// All accounts must have the same base currency, since the cost of lots in it travels along.
pub fn replay_together(accounts: &[Account<'_>], assets: &[Asset], fx: &FxTable) -> Vec<Books> {
    let mut departures = departures(accounts);
    let mut transit = Transit::new();
    let mut travellers: Vec<Traveller<'_>> = accounts
        .iter()
        .map(|account| Traveller {
            replay: Replay::new(assets, fx, account.rules),
            entries: in_order(account.entries),
            position: 0,
        })
        .collect();
    loop {
        let mut moved = false;
        for traveller in &mut travellers {
            moved |= traveller.run(&mut departures, &mut transit);
        }
        if moved {
            continue;
        }
        let waiting = travellers
            .iter_mut()
            .filter(|traveller| traveller.next().is_some());
        let earliest = waiting.min_by(|left, right| match (left.next(), right.next()) {
            (Some(left), Some(right)) => compare(left, right),
            (left, right) => left.is_none().cmp(&right.is_none()),
        });
        let Some(traveller) = earliest else {
            break;
        };
        traveller.step(&mut departures, &mut transit);
    }
    travellers
        .into_iter()
        .map(|traveller| traveller.replay.finish())
        .collect()
}

/// Transfers out that have not taken place, by link.
type Departures = BTreeMap<Uuid, usize>;

fn departures(accounts: &[Account<'_>]) -> Departures {
    let mut departures = Departures::new();
    for entry in accounts.iter().flat_map(|account| account.entries) {
        if let Event::TransferOut {
            link: Some(link), ..
        } = entry.event
        {
            *departures.entry(link).or_default() += 1;
        }
    }
    departures
}

/// A portfolio on its way through its entries.
struct Traveller<'a> {
    replay: Replay<'a>,
    entries: Cow<'a, [Entry]>,
    position: usize,
}

impl Traveller<'_> {
    fn next(&self) -> Option<&Entry> {
        self.entries.get(self.position)
    }

    /// Replays up to the next arrival whose departure is still to come; `false` when that is where it
    /// stands.
    fn run(&mut self, departures: &mut Departures, transit: &mut Transit) -> bool {
        let start = self.position;
        while self
            .next()
            .is_some_and(|entry| !must_wait(entry, departures))
        {
            self.step(departures, transit);
        }
        self.position > start
    }

    fn step(&mut self, departures: &mut Departures, transit: &mut Transit) {
        let Some(entry) = self.entries.get(self.position) else {
            return;
        };
        self.position += 1;
        self.replay.apply(entry, transit);
        if let Event::TransferOut {
            link: Some(link), ..
        } = entry.event
            && let Some(left) = departures.get_mut(&link)
        {
            *left -= 1;
        }
    }
}

fn must_wait(entry: &Entry, departures: &Departures) -> bool {
    let Event::TransferIn {
        link: Some(link), ..
    } = entry.event
    else {
        return false;
    };
    departures.get(&link).is_some_and(|left| *left > 0)
}
