use std::collections::{BTreeMap, BTreeSet};

use market::InstrumentId;
use money::Currency;
use performance::{
    Attribution, ContributionError, Days, Detail, GroupContribution, Held, Holding, Parts,
    PriceSeries, Tracks, Whole, tracks,
};
use rust_decimal::Decimal;

use crate::valuation::Valuation;

/// A holding in one of the valued portfolios.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(super) portfolio: usize,
    pub(super) held: Held,
}

/// What was added by whom in a period.
#[derive(Debug)]
pub(crate) struct Contributions {
    pub(crate) days: Days,
    /// Value at the close before the period.
    pub(crate) start: Decimal,
    /// Value at its last close.
    pub(crate) end: Decimal,
    /// What came from outside less what went there.
    pub(crate) net_flow: Decimal,
    pub(crate) attribution: Attribution<Key>,
    /// Over all portfolios.
    pub(crate) holdings: BTreeMap<Held, GroupContribution>,
    /// What was at stake, as [`performance::Track::stake`].
    pub(super) stakes: BTreeMap<Held, Decimal>,
    /// Holdings with bookings that count as nothing for want of an exchange rate.
    pub(super) unrated: BTreeSet<Held>,
}

impl Contributions {
    pub(crate) fn new(
        valuation: &Valuation,
        days: Days,
        detail: Detail,
    ) -> Result<Self, ContributionError> {
        let prices: Vec<Option<&PriceSeries>> =
            valuation.prices.iter().map(Option::as_ref).collect();
        let mut whole = Whole {
            from: days.from,
            to: days.to,
            start: Decimal::ZERO,
            end: Decimal::ZERO,
            flows: Vec::new(),
        };
        let mut holdings = Vec::new();
        let mut stakes: BTreeMap<Held, Decimal> = BTreeMap::new();
        let mut unrated = BTreeSet::new();
        for (portfolio, part) in valuation.parts.iter().enumerate() {
            let (assets, fx) = (&valuation.assets, &valuation.fx);
            let account = part.account();
            let Tracks { whole: own, tracks } =
                tracks(&part.books, account, assets, &prices, fx, days, detail);
            whole.start = whole.start.saturating_add(own.start);
            whole.end = whole.end.saturating_add(own.end);
            whole.flows.extend(own.flows);
            for track in tracks {
                let held = track.held;
                let stake = stakes.entry(held).or_default();
                *stake = stake.saturating_add(track.stake);
                if !track.is_rated {
                    unrated.insert(held);
                }
                holdings.push(Holding {
                    key: Key { portfolio, held },
                    marks: track.marks,
                });
            }
        }
        if days.to == valuation.as_of {
            // Told on its own, so that what the holdings leave out shows.
            whole.end = valuation.totals.value;
        }
        let attribution = performance::contributions(&whole, &holdings)?;
        Ok(Self {
            days,
            start: whole.start,
            end: whole.end,
            net_flow: whole.flows.iter().map(|(_, flow)| *flow).sum(),
            holdings: attribution.by(|key| key.held)?,
            attribution,
            stakes,
            unrated,
        })
    }

    /// The contributions of one kind of group, the largest first.
    pub(crate) fn rows(
        &self,
        valuation: &Valuation,
        by: By,
    ) -> Result<Vec<Row>, ContributionError> {
        let mut rows: Vec<Row> = match by {
            By::Holding => {
                let of = self.holdings.iter();
                of.map(|(held, group)| self.holding(valuation, *held, group))
                    .collect()
            }
            By::AssetClass => self.groups(|key| class(valuation, key.held).to_owned())?,
            By::Currency => self.groups(|key| currency(valuation, key.held).to_string())?,
            By::Portfolio => {
                let name = |key: &Key| valuation.portfolios.get(key.portfolio);
                self.groups(|key| name(key).map_or_else(String::new, |own| own.name.clone()))?
            }
        };
        rows.sort_by(|a, b| {
            b.parts
                .total
                .cmp(&a.parts.total)
                .then(a.label.cmp(&b.label))
        });
        Ok(rows)
    }

    fn holding(&self, valuation: &Valuation, held: Held, group: &GroupContribution) -> Row {
        let (label, name, instrument) = match held {
            Held::Asset(asset) => {
                let instrument = valuation.instrument(asset);
                (
                    instrument.symbol.clone(),
                    instrument.name.clone(),
                    Some(instrument.id),
                )
            }
            Held::Cash(currency) => (currency.to_string(), "Cash".to_owned(), None),
        };
        Row {
            label,
            name,
            instrument,
            asset_class: Some(class(valuation, held)),
            currency: Some(currency(valuation, held)),
            parts: group.parts,
            share: group.share.ok(),
            is_rated: !self.unrated.contains(&held),
        }
    }

    fn groups(&self, group: impl Fn(&Key) -> String) -> Result<Vec<Row>, ContributionError> {
        let unrated: BTreeSet<String> = self
            .attribution
            .contributions
            .iter()
            .filter(|found| self.unrated.contains(&found.key.held))
            .map(|found| group(&found.key))
            .collect();
        let row = |(label, found): (String, GroupContribution)| Row {
            is_rated: !unrated.contains(&label),
            label,
            name: String::new(),
            instrument: None,
            asset_class: None,
            currency: None,
            parts: found.parts,
            share: found.share.ok(),
        };
        Ok(self.attribution.by(group)?.into_iter().map(row).collect())
    }

    /// The group that a holding of a portfolio belongs to, as [`Row::key`] names it.
    pub(super) fn group_of(valuation: &Valuation, by: By, key: &Key) -> String {
        match (by, key.held) {
            (By::Holding, Held::Asset(asset)) => valuation.instrument(asset).id.to_string(),
            (By::Holding, Held::Cash(currency)) => currency.to_string(),
            (By::AssetClass, held) => class(valuation, held).to_owned(),
            (By::Currency, held) => currency(valuation, held).to_string(),
            (By::Portfolio, _) => valuation
                .portfolios
                .get(key.portfolio)
                .map_or_else(String::new, |own| own.name.clone()),
        }
    }

    /// Why no share is stated, where none is.
    pub(crate) fn lacks_share(&self) -> Option<String> {
        let contribution = self.attribution.contributions.first()?;
        contribution.share.err().map(|reason| reason.to_string())
    }

    /// The change in percentage points of the average capital.
    pub(crate) fn share(&self) -> Option<f64> {
        let capital = self.attribution.average_capital;
        (capital > 0.0).then(|| money::f64_from_decimal(self.attribution.change) / capital)
    }
}

/// What contributions are told by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum By {
    #[default]
    Holding,
    AssetClass,
    Currency,
    Portfolio,
}

impl By {
    pub(crate) const ALL: [Self; 4] = [
        Self::Holding,
        Self::AssetClass,
        Self::Currency,
        Self::Portfolio,
    ];

    /// The word in addresses and files.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Holding => "holding",
            Self::AssetClass => "asset_class",
            Self::Currency => "currency",
            Self::Portfolio => "portfolio",
        }
    }

    /// The word for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Holding => "Holding",
            Self::AssetClass => "Asset class",
            Self::Currency => "Currency",
            Self::Portfolio => "Portfolio",
        }
    }

    /// What a word in an address means; holdings where it means nothing.
    pub(crate) fn named(word: Option<&str>) -> Self {
        let by = Self::ALL.into_iter().find(|by| Some(by.as_str()) == word);
        by.unwrap_or_default()
    }
}

/// What one group added.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) name: String,
    /// Of a holding that is an instrument.
    pub(crate) instrument: Option<InstrumentId>,
    /// Of a holding.
    pub(crate) asset_class: Option<&'static str>,
    /// Of a holding: that of its quotation or balance.
    pub(crate) currency: Option<Currency>,
    pub(crate) parts: Parts,
    /// Over the average capital of the whole.
    pub(crate) share: Option<f64>,
    /// `false` where bookings count as nothing for want of an exchange rate.
    pub(crate) is_rated: bool,
}

impl Row {
    /// What tells it apart from the other rows of its kind.
    pub(super) fn key(&self) -> String {
        self.instrument
            .map_or_else(|| self.label.clone(), |id| id.to_string())
    }
}

fn class(valuation: &Valuation, held: Held) -> &'static str {
    match held {
        Held::Asset(asset) => valuation.instrument(asset).asset_class.label(),
        Held::Cash(_) => "Cash",
    }
}

fn currency(valuation: &Valuation, held: Held) -> Currency {
    match held {
        Held::Asset(asset) => valuation.asset_currency(asset),
        Held::Cash(currency) => currency,
    }
}
