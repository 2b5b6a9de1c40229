//! Which instrument a source means. Pure, so that one query serves any number of keys.

use std::collections::HashMap;

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

/// What is known about the instruments that keys may mean.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Bearers of the symbols and ISINs, also of former symbols.
    pub(super) instruments: Vec<Instrument>,
    /// Symbols that the instruments bore before.
    pub(super) former: Vec<Former>,
    /// The MIC of each word by which a key names its exchange, where one is known.
    pub(super) mics: HashMap<String, String>,
}

/// A symbol that an instrument bore before.
#[derive(Debug)]
pub(super) struct Former {
    pub(super) id: InstrumentId,
    pub(super) symbol: String,
    pub(super) exchange: String,
    pub(super) mic: Option<String>,
}

impl Known {
    /// The candidate that a normalised key means.
    pub(super) fn choose(&self, key: &SecurityKey) -> Option<&Instrument> {
        let eligible: Vec<&Instrument> = self.eligible(key).collect();
        self.by_isin(&eligible, key)
            .or_else(|| self.by_symbol(&eligible, key))
            .or_else(|| self.by_former_symbol(&eligible, key))
    }

    /// The simulated sample is meant only by who names its exchange: a real booking must never be valued
    /// with invented prices because a ticker happens to be the same.
    fn eligible(&self, key: &SecurityKey) -> impl Iterator<Item = &Instrument> {
        let means_simulated = key.exchange.as_deref() == Some(SIMULATED_EXCHANGE);
        self.instruments
            .iter()
            .filter(move |candidate| candidate.is_simulated == means_simulated)
    }

    /// Several listings may share an ISIN: then symbol and exchange, the symbol, a former one, or the currency
    /// tell.
    fn by_isin<'c>(
        &self,
        candidates: &[&'c Instrument],
        key: &SecurityKey,
    ) -> Option<&'c Instrument> {
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
        .or_else(|| {
            only(&listings, |c| {
                c.symbol == key.symbol && self.is_listed_where(c, key)
            })
        })
        .or_else(|| only(&listings, |c| c.symbol == key.symbol))
        .or_else(|| only(&listings, |c| self.bore(c, key)))
        .or_else(|| {
            only(&listings, |c| {
                key.currency.is_some() && c.currency == key.currency
            })
        })
        .or_else(|| only(&listings, |_| true))
    }

    fn by_symbol<'c>(
        &self,
        candidates: &[&'c Instrument],
        key: &SecurityKey,
    ) -> Option<&'c Instrument> {
        let namesakes: Vec<_> = candidates
            .iter()
            .copied()
            .filter(|c| c.symbol == key.symbol && !differ(c.isin.as_ref(), key.isin.as_ref()))
            .collect();
        let exchange = key.exchange.as_deref().unwrap_or("");
        only(&namesakes, |c| c.exchange == exchange && c.isin == key.isin)
            .or_else(|| only(&namesakes, |c| c.exchange == exchange))
            .or_else(|| only(&namesakes, |c| self.is_listed_where(c, key)))
            // Brokers name one exchange in many ways, so that alone does not tell two listings apart;
            // another exchange and another currency together do.
            .or_else(|| only(&namesakes, |c| !self.is_other_listing(c, key)))
    }

    /// Bookings of before a symbol changed name what it was then. Whoever bears it now comes first, and an ISIN
    /// or a currency that says otherwise is believed: symbols are given away again.
    fn by_former_symbol<'c>(
        &self,
        candidates: &[&'c Instrument],
        key: &SecurityKey,
    ) -> Option<&'c Instrument> {
        if candidates.iter().any(|c| c.symbol == key.symbol) {
            return None;
        }
        only(candidates, |c| self.may_have_been(c, key))
    }

    fn may_have_been(&self, candidate: &Instrument, key: &SecurityKey) -> bool {
        self.bore(candidate, key)
            && !differ(candidate.isin.as_ref(), key.isin.as_ref())
            && !differ(candidate.currency.as_ref(), key.currency.as_ref())
    }

    /// Whether it bore the symbol before, where the key says.
    fn bore(&self, candidate: &Instrument, key: &SecurityKey) -> bool {
        let is_there = |former: &Former| {
            let Some(exchange) = key.exchange.as_deref() else {
                return true;
            };
            former.exchange.is_empty()
                || former.exchange == exchange
                || (former.mic.is_some() && former.mic.as_ref() == self.mics.get(exchange))
        };
        self.former.iter().any(|former| {
            former.id == candidate.id && former.symbol == key.symbol && is_there(former)
        })
    }

    /// Whether both name one exchange, in whichever words: `XNYS` and `NYSE`.
    fn is_listed_where(&self, candidate: &Instrument, key: &SecurityKey) -> bool {
        let Some(exchange) = key.exchange.as_ref() else {
            return false;
        };
        let mic = candidate.facts.mic.as_ref();
        candidate.exchange == *exchange
            || self
                .mics
                .get(exchange)
                .is_some_and(|sought| mic == Some(sought))
    }

    fn is_other_listing(&self, candidate: &Instrument, key: &SecurityKey) -> bool {
        let is_elsewhere = !candidate.exchange.is_empty()
            && key.exchange.is_some()
            && !self.is_listed_where(candidate, key);
        is_elsewhere && differ(candidate.currency.as_ref(), key.currency.as_ref())
    }

    /// Whether several instruments bear the symbol, or bore it, and the key does not say which is meant.
    pub(super) fn is_ambiguous(&self, key: &SecurityKey) -> bool {
        let count = |fits: &dyn Fn(&Instrument) -> bool| {
            let fitting = self.eligible(key).filter(|candidate| fits(candidate));
            fitting.count()
        };
        let bearers = match count(&|c| c.symbol == key.symbol) {
            0 => count(&|c| self.may_have_been(c, key)),
            namesakes => namesakes,
        };
        key.exchange.is_none() && bearers > 1 && self.choose(key).is_none()
    }
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

/// Finds or plans an instrument for every normalised key. A key that comes later sees what the
/// earlier ones created or taught.
pub(super) fn plan(known: Known, keys: &[SecurityKey]) -> Plan {
    let stored = known.instruments.len();
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
    let created = known.instruments.split_off(stored);
    let learnt = known
        .instruments
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
    known: Known,
    /// For the first `stored` ones, which are in the database.
    is_learnt: Vec<bool>,
    stored: usize,
}

impl PlanDraft {
    fn place(&mut self, key: &SecurityKey, underlying: Option<InstrumentId>) -> InstrumentId {
        let chosen = self.known.choose(key).map(|found| found.id);
        let known = &mut self.known.instruments;
        let position = chosen.and_then(|id| known.iter().position(|k| k.id == id));
        let Some(position) = position else {
            let mut fresh = fresh(key, underlying);
            let word = key.exchange.as_ref();
            // As the database will find it: keys after this one may name the exchange otherwise.
            fresh.facts.mic = word.and_then(|word| self.known.mics.get(word)).cloned();
            let id = fresh.id;
            known.push(fresh);
            return id;
        };
        if learn(&mut known[position], key, underlying) && position < self.stored {
            self.is_learnt[position] = true;
        }
        known[position].id
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
