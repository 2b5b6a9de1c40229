//! Made-up data: smooth waves, round numbers and names that exist nowhere.

use jiff::{ToSpan, civil::Date};
use money::Currency;
use rust_decimal::Decimal;
use web::{
    Chrome, NavItem, Theme, Visitor,
    components::{Mark, MarkKind, PriceSeries, Slice, TreeNode, ValueSeries},
    format::{Formats, Locale},
};

static NAV: [NavItem; 5] = [
    NavItem {
        href: "/",
        label: "Dashboard",
        icon: "dashboard",
    },
    NavItem {
        href: "/portfolio/holdings",
        label: "Holdings",
        icon: "holdings",
    },
    NavItem {
        href: "/portfolio/transactions",
        label: "Transactions",
        icon: "transactions",
    },
    NavItem {
        href: "/portfolio/imports",
        label: "Imports",
        icon: "import",
    },
    NavItem {
        href: "/market/instruments",
        label: "Market",
        icon: "market",
    },
];

pub(crate) struct Holding {
    pub(crate) symbol: &'static str,
    pub(crate) name: &'static str,
    pub(crate) sector: &'static str,
    pub(crate) quantity: Decimal,
    pub(crate) price: Decimal,
    pub(crate) cost: Decimal,
    pub(crate) day: f64,
    pub(crate) age_days: i64,
    pub(crate) course: Vec<f64>,
}

impl Holding {
    pub(crate) fn value(&self) -> Decimal {
        self.quantity * self.price
    }

    pub(crate) fn gain(&self) -> Decimal {
        self.value() - self.cost
    }
}

pub(crate) fn chrome(theme: Theme) -> Chrome {
    Chrome {
        csrf: "sample".to_owned(),
        path: "/".to_owned(),
        visitor: Some(Visitor {
            name: "Robin Sample".to_owned(),
        }),
        formats: Formats::of(Locale::EnGb),
        theme,
        demo: true,
        nav: &NAV,
        ..Chrome::default()
    }
}

pub(crate) fn today() -> Date {
    jiff::civil::date(2026, 11, 20)
}

fn wave(index: usize, seed: f64) -> f64 {
    let t = index as f64;
    (t / (31.0 + seed)).sin() + 0.45 * (t / (7.3 + seed / 3.0)).sin() + 0.2 * (t * 1.7 + seed).sin()
}

fn days(count: usize) -> Vec<Date> {
    (0..count)
        .map(|index| today() - ((count - 1 - index) as i64).days())
        .collect()
}

pub(crate) fn value_series(count: usize) -> ValueSeries {
    let net_invested: Vec<f64> = (0..count)
        .map(|index| 232_000.0 + (index / 30) as f64 * 1_500.0)
        .collect();
    let growth = |index: usize, seed: f64| 1.0 + 0.0004 * index as f64 + 0.018 * wave(index, seed);
    let grown = |seed: f64| {
        net_invested
            .iter()
            .enumerate()
            .map(|(index, base)| base * growth(index, seed))
            .collect()
    };
    ValueSeries {
        dates: days(count),
        value: grown(1.0),
        benchmark: Some(("Sample World Index".to_owned(), grown(6.0))),
        net_invested: net_invested.clone(),
        currency: Currency::EUR,
        table_href: Some("/portfolio/values".to_owned()),
    }
}

pub(crate) fn price_series(count: usize) -> PriceSeries {
    let dates = days(count);
    let close = (0..count)
        .map(|i| 84.0 + i as f64 * 0.07 + 5.0 * wave(i, 3.0))
        .collect();
    let mark = |index: usize, kind, label: &str| Mark {
        date: dates[index],
        kind,
        label: label.to_owned(),
    };
    let marks = vec![
        mark(count / 10, MarkKind::Buy, "40 at $92.10"),
        mark(count / 3, MarkKind::Buy, "25 at $98.44"),
        mark(count / 2, MarkKind::Dividend, "$31.20"),
        mark(count * 2 / 3, MarkKind::Split, "2 for 1"),
        mark(count * 4 / 5, MarkKind::Sell, "20 at $104.02"),
    ];
    PriceSeries {
        dates,
        close,
        currency: Currency::USD,
        marks,
        table_href: None,
    }
}

/// Symbol, name, sector, quantity, price, cost, change of the day, age of the price in days.
const HOLDINGS: &str = "
ALDR | Alder Hydraulics          | Industrials   | 120 | 184.50 | 16040.00 |  0.0123 | 0
BRSK | Brisk Semiconductor       | Technology    |  64 | 412.30 | 16100.00 |  0.0312 | 0
CNDL | Candle & Wick Energy      | Energy        | 300 |  52.12 | 17200.00 | -0.0184 | 0
DOVR | Dover Street Bank         | Financials    | 210 |  77.35 | 14020.00 | -0.0042 | 0
ELMW | Elmwood World Equity Fund | Funds         | 980 | 112.04 | 84500.00 |  0.0061 | 0
FJRD | Fjord Government Bonds    | Bonds         | 400 |  97.90 | 40100.00 | -0.0009 | 4
GRTN | Griffon Therapeutics      | Health care   |  90 | 133.77 | 13500.00 | -0.0377 | 0
HRTH | Hearth Foods              | Staples       | 175 |  66.10 | 10100.00 |  0.0    | 0
IRIS | Iris Optics               | Technology    |  55 | 229.15 |  9900.00 |  0.0098 | 0
JUNI | Juniper Water             | Utilities     | 260 |  34.80 |  9050.00 |  0.0144 | 7
KITE | Kite Logistics            | Industrials   | 140 |  49.25 |  7600.00 | -0.0111 | 0
LARK | Lark Media                | Communication | 310 |  19.44 |  7020.00 |  0.0233 | 0
";

pub(crate) fn holdings() -> Vec<Holding> {
    HOLDINGS
        .trim()
        .lines()
        .enumerate()
        .filter_map(|(seed, line)| holding(seed, line))
        .collect()
}

fn holding(seed: usize, line: &'static str) -> Option<Holding> {
    let mut cells = line.split('|').map(str::trim);
    let (symbol, name, sector) = (cells.next()?, cells.next()?, cells.next()?);
    let (quantity, price, cost) = (cells.next()?, cells.next()?, cells.next()?);
    let day: f64 = cells.next()?.parse().ok()?;
    let seed = seed as f64;
    Some(Holding {
        symbol,
        name,
        sector,
        quantity: quantity.parse().ok()?,
        price: price.parse().ok()?,
        cost: cost.parse().ok()?,
        day,
        age_days: cells.next()?.parse().ok()?,
        course: (0..40)
            .map(|i| 10.0 + day * i as f64 + wave(i, seed) * 0.3)
            .collect(),
    })
}

fn f64_of(value: Decimal) -> f64 {
    money::f64_from_decimal(value)
}

pub(crate) fn allocation() -> Vec<Slice> {
    let mut sectors: Vec<(&str, f64)> = Vec::new();
    for holding in holdings() {
        match sectors.iter_mut().find(|(name, _)| *name == holding.sector) {
            Some((_, sum)) => *sum += f64_of(holding.value()),
            None => sectors.push((holding.sector, f64_of(holding.value()))),
        }
    }
    let mut slices: Vec<Slice> = sectors
        .into_iter()
        .map(|(name, value)| {
            Slice::linked(name, value, format!("/portfolio/holdings?sector={name}"))
        })
        .collect();
    slices.push(Slice::new("Cash", 18_240.0));
    slices.push(Slice::new("Real estate", 2_100.0));
    slices.push(Slice::new("Materials", 1_300.0));
    slices.push(Slice::unknown(6_400.0));
    slices
}

pub(crate) fn tiles() -> Vec<TreeNode> {
    holdings()
        .into_iter()
        .map(|holding| TreeNode {
            label: holding.symbol.to_owned(),
            group: holding.sector.to_owned(),
            value: f64_of(holding.value()),
            change: (holding.symbol != "FJRD").then_some(holding.day),
            href: format!("/portfolio/holdings/{}", holding.symbol),
        })
        .collect()
}
