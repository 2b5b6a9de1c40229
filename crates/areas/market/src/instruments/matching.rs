//! Which instrument a source means. Pure, so that one query serves any number of keys.

use jiff::Timestamp;
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    identifiers::is_isin,
    model::{
        AssetClass, Facts, Instrument, InstrumentId, OptionTerms, SIMULATED_EXCHANGE, SecurityKey,
    },
};

/// What [`super::ensure`] has to write.
pub(super) struct Plan {
    /// The instrument of each key, in the order of the keys.
    pub(super) ids: Vec<InstrumentId>,
    /// Instruments to create.
    pub(super) created: Vec<Instrument>,
    /// Known instruments of which more is known now.
    pub(super) learnt: Vec<Instrument>,
}

impl Plan {
    pub(super) fn is_empty(&self) -> bool {
        self.created.is_empty() && self.learnt.is_empty()
    }
}

/// The key with its texts as they are stored: trimmed, codes in upper case, empty ones absent.
pub(super) fn normalized(key: &SecurityKey) -> SecurityKey {
    let code = |text: &Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(str::to_uppercase)
    };
    SecurityKey {
        symbol: key.symbol.trim().to_uppercase(),
        isin: code(&key.isin).filter(|isin| is_isin(isin)),
        exchange: code(&key.exchange),
        name: key
            .name
            .as_deref()
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(str::to_owned),
        asset_class: key.asset_class,
        currency: key.currency,
        quote_unit: key.quote_unit,
        option: key.option.clone(),
    }
}

/// The instrument that changes hands when an option is used.
pub(super) fn underlying(key: &SecurityKey) -> Option<SecurityKey> {
    let terms = key.option.as_ref()?;
    let named = SecurityKey {
        symbol: terms.underlying.clone(),
        // What is simulated stays among itself.
        exchange: key
            .exchange
            .clone()
            .filter(|exchange| exchange == SIMULATED_EXCHANGE),
        currency: key.currency,
        ..SecurityKey::default()
    };
    Some(normalized(&named)).filter(|named| !named.symbol.is_empty())
}

/// The candidate that a normalised key means.
pub(super) fn choose<'c>(
    candidates: &'c [Instrument],
    key: &SecurityKey,
) -> Option<&'c Instrument> {
    let eligible: Vec<&Instrument> = eligible(candidates, key).collect();
    by_isin(&eligible, key).or_else(|| by_symbol(&eligible, key))
}

/// The simulated sample is meant only by who names its exchange: a real booking must never be valued
/// with invented prices because a ticker happens to be the same.
fn eligible<'c>(
    candidates: &'c [Instrument],
    key: &SecurityKey,
) -> impl Iterator<Item = &'c Instrument> {
    let means_simulated = key.exchange.as_deref() == Some(SIMULATED_EXCHANGE);
    candidates
        .iter()
        .filter(move |candidate| candidate.is_simulated == means_simulated)
}

/// Several listings may share an ISIN: then symbol and exchange, the symbol, or the currency tell.
fn by_isin<'c>(candidates: &[&'c Instrument], key: &SecurityKey) -> Option<&'c Instrument> {
    let isin = key.isin.as_deref()?;
    let listings: Vec<_> = candidates
        .iter()
        .copied()
        .filter(|c| c.isin.as_deref() == Some(isin))
        .collect();
    let exchange = key.exchange.as_deref().unwrap_or("");
    only(&listings, |c| {
        c.symbol == key.symbol && c.exchange == exchange
    })
    .or_else(|| only(&listings, |c| c.symbol == key.symbol))
    .or_else(|| {
        only(&listings, |c| {
            key.currency.is_some() && c.currency == key.currency
        })
    })
    .or_else(|| only(&listings, |_| true))
}

fn by_symbol<'c>(candidates: &[&'c Instrument], key: &SecurityKey) -> Option<&'c Instrument> {
    let namesakes: Vec<_> = candidates
        .iter()
        .copied()
        .filter(|c| c.symbol == key.symbol && !differ(c.isin.as_ref(), key.isin.as_ref()))
        .collect();
    let exchange = key.exchange.as_deref().unwrap_or("");
    only(&namesakes, |c| c.exchange == exchange && c.isin == key.isin)
        .or_else(|| only(&namesakes, |c| c.exchange == exchange))
        // Brokers name one exchange in many ways, so that alone does not tell two listings apart;
        // another exchange and another currency together do.
        .or_else(|| only(&namesakes, |c| !is_other_listing(c, key)))
}

fn is_other_listing(candidate: &Instrument, key: &SecurityKey) -> bool {
    let stated = Some(&candidate.exchange).filter(|code| !code.is_empty());
    differ(stated, key.exchange.as_ref())
        && differ(candidate.currency.as_ref(), key.currency.as_ref())
}

fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

fn only<'c>(
    candidates: &[&'c Instrument],
    fits: impl Fn(&Instrument) -> bool,
) -> Option<&'c Instrument> {
    let mut fitting = candidates.iter().filter(|c| fits(c));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(*first)
}

/// Whether several instruments bear the symbol and the key does not say which is meant.
pub(super) fn is_ambiguous(candidates: &[Instrument], key: &SecurityKey) -> bool {
    let namesakes = eligible(candidates, key)
        .filter(|c| c.symbol == key.symbol)
        .count();
    key.exchange.is_none() && namesakes > 1 && choose(candidates, key).is_none()
}

/// Finds or plans an instrument for every normalised key. A key that comes later sees what the
/// earlier ones created or taught.
pub(super) fn plan(known: Vec<Instrument>, keys: &[SecurityKey]) -> Plan {
    let stored = known.len();
    let mut draft = PlanDraft {
        is_learnt: vec![false; stored],
        known,
        stored,
    };
    let ids = keys
        .iter()
        .map(|key| {
            let underlying = underlying(key).map(|named| draft.place(&named, None));
            draft.place(key, underlying)
        })
        .collect();
    let PlanDraft {
        mut known,
        is_learnt,
        ..
    } = draft;
    let created = known.split_off(stored);
    let learnt = known
        .into_iter()
        .zip(is_learnt)
        .filter_map(|(k, learnt)| learnt.then_some(k))
        .collect();
    Plan {
        ids,
        created,
        learnt,
    }
}

struct PlanDraft {
    known: Vec<Instrument>,
    /// For the first `stored` ones, which are in the database.
    is_learnt: Vec<bool>,
    stored: usize,
}

impl PlanDraft {
    fn place(&mut self, key: &SecurityKey, underlying: Option<InstrumentId>) -> InstrumentId {
        let chosen = choose(&self.known, key).map(|found| found.id);
        let position = chosen.and_then(|id| self.known.iter().position(|k| k.id == id));
        let Some(position) = position else {
            let fresh = fresh(key, underlying);
            let id = fresh.id;
            self.known.push(fresh);
            return id;
        };
        if learn(&mut self.known[position], key, underlying) && position < self.stored {
            self.is_learnt[position] = true;
        }
        self.known[position].id
    }
}

fn fresh(key: &SecurityKey, underlying: Option<InstrumentId>) -> Instrument {
    let mut instrument = Instrument {
        id: InstrumentId(Uuid::now_v7()),
        symbol: key.symbol.clone(),
        exchange: key.exchange.clone().unwrap_or_default(),
        name: key.name.clone().unwrap_or_default(),
        asset_class: key.asset_class.unwrap_or_default(),
        currency: key.currency,
        quote_unit: key.quote_unit.unwrap_or_default(),
        sector: None,
        country: None,
        isin: key.isin.clone(),
        is_simulated: false,
        is_private: false,
        multiplier: Decimal::ONE,
        option: None,
        facts: Facts::default(),
        updated_at: Timestamp::UNIX_EPOCH,
    };
    learn_terms(&mut instrument, key, underlying);
    instrument
}

/// A handle that nothing finds by a word.
pub(super) fn private(asset_class: AssetClass, currency: Currency) -> Instrument {
    let mut handle = fresh(
        &SecurityKey {
            asset_class: Some(asset_class),
            currency: Some(currency),
            ..SecurityKey::default()
        },
        None,
    );
    handle.symbol = format!("PRIVATE-{}", handle.id.0.simple()).to_uppercase();
    handle.is_private = true;
    handle
}

fn learn_terms(instrument: &mut Instrument, key: &SecurityKey, underlying: Option<InstrumentId>) {
    let is_open = instrument.asset_class == AssetClass::Option && instrument.option.is_none();
    if let Some(terms) = key.option.as_ref().filter(|_| is_open)
        && let Some(underlying) = underlying
    {
        instrument.multiplier = terms.multiplier;
        instrument.option = Some(OptionTerms {
            underlying,
            strike: terms.strike,
            right: terms.right,
            expires_on: terms.expires_on,
        });
    }
}

/// Fills in what was unknown; never replaces what is known.
fn learn(instrument: &mut Instrument, key: &SecurityKey, underlying: Option<InstrumentId>) -> bool {
    let before = instrument.clone();
    if instrument.name.is_empty() {
        instrument.name = key.name.clone().unwrap_or_default();
    }
    if instrument.currency.is_none() {
        instrument.currency = key.currency;
        instrument.quote_unit = key.quote_unit.unwrap_or_default();
    }
    instrument.isin = instrument.isin.take().or_else(|| key.isin.clone());
    learn_terms(instrument, key, underlying);
    *instrument != before
}
