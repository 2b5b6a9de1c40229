//! Applies what became known, step by step: pure, runs off the async threads.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date};
use market::{
    Instrument, InstrumentId,
    observations::{CloseObservation, RateObservation},
};
use money::{Currency, FxTable};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    known::{Fact, Known},
    model::{ChangeKind, ChangeView, ImportName, TouchedView},
};
use crate::{
    history::{Cause, Operation},
    portfolios::Portfolio,
    private_assets::store::appraisals::AppraisalChange,
    transactions::{Transaction, TransactionId, store::versions::State},
};

/// Changes told one by one; each is a valuation. What comes after them is told as one.
const MOST_STEPS: usize = 60;
/// Transactions that a change names.
const MOST_NAMED: usize = 20;

pub(super) struct Input {
    pub(super) base: Currency,
    pub(super) on: Date,
    /// The moment before which everything was known already.
    pub(super) from: Timestamp,
    pub(super) portfolios: Vec<Portfolio>,
    /// How many of them are valued.
    pub(super) wanted: usize,
    pub(super) instruments: Vec<Instrument>,
    /// In the order in which they became known.
    pub(super) states: Vec<State<Transaction>>,
    pub(super) closes: Vec<CloseObservation>,
    /// Values that their owner states, in the order in which they became known.
    pub(super) appraisals: Vec<AppraisalChange>,
    /// Rates as known at the beginning.
    pub(super) fx: FxTable,
    pub(super) rates: Vec<RateObservation>,
    pub(super) imports: HashMap<Uuid, String>,
}

/// The value at the beginning, and every change with the value after it.
pub(super) fn explain(input: &Input) -> (Decimal, Vec<ChangeView>) {
    let names = Names {
        symbols: input
            .instruments
            .iter()
            .map(|instrument| (instrument.id, instrument.symbol.clone()))
            .collect(),
        imports: input.imports.clone(),
    };
    let (mut known, mut steps) = begin(input);
    steps.sort_by_key(|step| step.at);
    let value_then = known.value(input);
    let mut value = value_then;
    let mut changes = Vec::new();
    let rest = steps.split_off(steps.len().min(MOST_STEPS));
    for step in steps {
        let mut change = step.describe(&names);
        known.apply(step.facts);
        change.value_after = known.value(input);
        change.effect = change.value_after - value;
        value = change.value_after;
        changes.push(change);
    }
    if let Some(last) = rest.last() {
        let mut change = ChangeView {
            at: last.at,
            kind: ChangeKind::Several,
            changed_by: None,
            import: None,
            subject: None,
            source: None,
            count: rest.iter().map(|step| step.facts.len()).sum(),
            transactions: Vec::new(),
            value_after: value,
            effect: Decimal::ZERO,
        };
        for step in rest {
            known.apply(step.facts);
        }
        change.value_after = known.value(input);
        change.effect = change.value_after - value;
        changes.push(change);
    }
    (value_then, changes)
}

/// What becomes known at once.
struct Step {
    at: Timestamp,
    kind: ChangeKind,
    by: Option<Uuid>,
    import: Option<Uuid>,
    subject: Subject,
    source: Option<String>,
    facts: Vec<Fact>,
    /// The transactions concerned, for people.
    touched: Vec<Transaction>,
}

enum Subject {
    Transactions,
    Instrument(InstrumentId),
    Pair(Currency, Currency),
}

struct Names {
    symbols: HashMap<InstrumentId, String>,
    imports: HashMap<Uuid, String>,
}

/// What was known at the beginning, and the steps from there.
fn begin(input: &Input) -> (Known, Vec<Step>) {
    let mut known = Known::new(input.fx.clone());
    let mut steps = transaction_steps(input, &mut known);
    steps.extend(close_steps(input, &mut known));
    steps.extend(appraisal_steps(input, &mut known));
    steps.extend(rate_steps(input));
    (known, steps)
}

fn transaction_steps(input: &Input, known: &mut Known) -> Vec<Step> {
    let mut versions: BTreeMap<TransactionId, Vec<&State<Transaction>>> = BTreeMap::new();
    for state in &input.states {
        versions
            .entry(state.transaction.id)
            .or_default()
            .push(state);
    }
    let mut steps: BTreeMap<Timestamp, Step> = BTreeMap::new();
    for states in versions.values_mut() {
        states.sort_by_key(|state| state.transaction.version);
        for (at, state) in states.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| states.get(before));
            let next = states.get(at + 1);
            if state.known_from < input.from {
                known
                    .transactions
                    .insert(state.transaction.id, state.transaction.clone());
            } else {
                let fact = Fact::Transaction(Box::new(state.transaction.clone()));
                add(&mut steps, input.on, state, before.copied(), fact);
            }
            if let Some(ended) = state.ended
                && next.is_none_or(|next| next.known_from > ended.at)
                && is_told(state, input)
            {
                let step = steps
                    .entry(ended.at)
                    .or_insert_with(|| Step::of_transactions(ended.at));
                step.kind = match (ended.operation, ended.cause) {
                    (_, Cause::ImportUndo) => ChangeKind::ImportUndone,
                    (Operation::Delete, _) => ChangeKind::Deleted,
                    (Operation::Update, _) => ChangeKind::Edited,
                };
                step.by = ended.by;
                if ended.cause == Cause::ImportUndo {
                    step.import = state.transaction.import_id;
                }
                step.facts.push(Fact::Gone(state.transaction.id));
                step.touched.push(state.transaction.clone());
            }
        }
    }
    steps.into_values().collect()
}

/// Whether an end is after the beginning, and of a transaction that matters on the day.
fn is_told(state: &State<Transaction>, input: &Input) -> bool {
    state.ended.is_some_and(|ended| ended.at >= input.from)
        && state.transaction.draft.date <= input.on
}

/// Adds a version that became known.
fn add(
    steps: &mut BTreeMap<Timestamp, Step>,
    on: Date,
    state: &State<Transaction>,
    before: Option<&State<Transaction>>,
    fact: Fact,
) {
    let concerns = state.transaction.draft.date <= on
        || before.is_some_and(|before| before.transaction.draft.date <= on);
    if !concerns {
        return;
    }
    let step = steps
        .entry(state.known_from)
        .or_insert_with(|| Step::of_transactions(state.known_from));
    let ended = before.and_then(|before| before.ended);
    step.kind = match ended {
        Some(ended) if ended.operation == Operation::Delete => ChangeKind::Restored,
        Some(ended) if ended.cause == Cause::Import => ChangeKind::Imported,
        Some(_) => ChangeKind::Edited,
        None if state.transaction.import_id.is_some() => ChangeKind::Imported,
        None => ChangeKind::Recorded,
    };
    step.by = ended.and_then(|ended| ended.by);
    if step.kind == ChangeKind::Imported {
        step.import = state.transaction.import_id;
    }
    step.facts.push(fact);
    step.touched.push(state.transaction.clone());
}

/// Observations of one thing that became known within the same minute are one step, unless one of
/// them replaces another.
struct Batches<K> {
    steps: Vec<Step>,
    /// The step that is open for each thing, with its minute and its days.
    open: BTreeMap<K, (usize, i64, BTreeSet<Date>)>,
}

impl<K: Ord> Batches<K> {
    fn new() -> Self {
        Self {
            steps: Vec::new(),
            open: BTreeMap::new(),
        }
    }

    /// Adds an observation; they must come in the order in which they became known.
    fn add(&mut self, key: K, date: Date, fact: Fact, step: Step) {
        let minute = step.at.as_second().div_euclid(60);
        let at = step.at;
        let new = self.steps.len();
        let open = self
            .open
            .entry(key)
            .or_insert_with(|| (new, minute, BTreeSet::new()));
        if open.1 != minute || open.2.contains(&date) {
            *open = (new, minute, BTreeSet::new());
        }
        open.2.insert(date);
        if open.0 == new {
            self.steps.push(step);
        }
        if let Some(step) = self.steps.get_mut(open.0) {
            step.at = at;
            step.facts.push(fact);
        }
    }
}

fn close_steps(input: &Input, known: &mut Known) -> Vec<Step> {
    let mut batches = Batches::new();
    for observed in &input.closes {
        let fact = Fact::Close(observed.instrument_id, observed.date, observed.close);
        let Some(at) = observed.observed_at.filter(|at| *at >= input.from) else {
            known.apply(vec![fact]);
            continue;
        };
        let step = Step {
            kind: ChangeKind::Prices,
            subject: Subject::Instrument(observed.instrument_id),
            source: Some(observed.source.clone()),
            ..Step::of_transactions(at)
        };
        batches.add(observed.instrument_id, observed.date, fact, step);
    }
    batches.steps
}

/// Source of values that are private.
const ENTERED: &str = "values that you entered";

fn appraisal_steps(input: &Input, known: &mut Known) -> Vec<Step> {
    let mut batches = Batches::new();
    for stated in &input.appraisals {
        let (id, date) = (stated.instrument_id, stated.date);
        let (fact, kind) = match stated.price {
            Some(price) => {
                let close = money::f64_from_decimal(price);
                (Fact::Close(id, date, close), ChangeKind::Appraised)
            }
            None => (Fact::NoClose(id, date), ChangeKind::AppraisalRemoved),
        };
        let Some(at) = stated.at.filter(|at| *at >= input.from) else {
            known.apply(vec![fact]);
            continue;
        };
        let step = Step {
            kind,
            by: stated.by,
            subject: Subject::Instrument(id),
            source: Some(ENTERED.to_owned()),
            ..Step::of_transactions(at)
        };
        batches.add((id, stated.price.is_some()), date, fact, step);
    }
    batches.steps
}

fn rate_steps(input: &Input) -> Vec<Step> {
    let mut batches = Batches::new();
    for observed in &input.rates {
        let (base, quote) = (observed.base, observed.quote);
        let fact = Fact::Rate(observed.date, base, quote, observed.rate);
        let step = Step {
            kind: ChangeKind::Rates,
            subject: Subject::Pair(base, quote),
            source: Some(observed.source.clone()),
            ..Step::of_transactions(observed.observed_at)
        };
        batches.add((base, quote), observed.date, fact, step);
    }
    batches.steps
}

impl Step {
    fn of_transactions(at: Timestamp) -> Self {
        Self {
            at,
            kind: ChangeKind::Recorded,
            by: None,
            import: None,
            subject: Subject::Transactions,
            source: None,
            facts: Vec::new(),
            touched: Vec::new(),
        }
    }

    fn describe(&self, names: &Names) -> ChangeView {
        let symbol = |id: InstrumentId| names.symbols.get(&id).cloned();
        let transactions = self.touched.iter().take(MOST_NAMED).map(|transaction| {
            let draft = &transaction.draft;
            TouchedView {
                id: transaction.id,
                kind: draft.kind,
                date: draft.date,
                symbol: draft.instrument_id.and_then(symbol),
                quantity: draft.quantity,
                amount: draft.amount,
                currency: draft.currency,
            }
        });
        ChangeView {
            at: self.at,
            kind: self.kind,
            changed_by: self.by,
            import: self.import.map(|id| ImportName {
                id,
                file_name: names.imports.get(&id).cloned().unwrap_or_default(),
            }),
            subject: match self.subject {
                Subject::Transactions => None,
                Subject::Instrument(id) => symbol(id),
                Subject::Pair(base, quote) => Some(format!("{base}/{quote}")),
            },
            source: self.source.clone(),
            count: self.facts.len(),
            transactions: transactions.collect(),
            value_after: Decimal::ZERO,
            effect: Decimal::ZERO,
        }
    }
}
