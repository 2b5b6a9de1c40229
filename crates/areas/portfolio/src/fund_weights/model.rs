use std::collections::{BTreeMap, BTreeSet};

use market::{AssetClass, InstrumentId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::FieldError;

use crate::allocation;

const LONGEST_KEY: usize = 100;
/// Parts of a fund at most; a list of countries and sectors has fewer.
const MOST_PARTS: usize = 1_000;
const PERCENT_DIGITS: u32 = 6;

/// By what the parts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dimension {
    /// What kind of thing they are.
    AssetClass,
    /// Sector of the economy.
    Sector,
    /// Country.
    Country,
}

impl Dimension {
    pub(super) const ALL: [Self; 3] = [Self::AssetClass, Self::Sector, Self::Country];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AssetClass => "asset_class",
            Self::Sector => "sector",
            Self::Country => "country",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase().replace(' ', "_");
        Self::ALL.into_iter().find(|of| of.as_str() == word)
    }
}

/// A part of a fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Weight {
    /// `asset_class`, `sector` or `country`.
    pub(crate) dimension: Dimension,
    /// Which asset class, sector or country; a country by its code or its usual name.
    pub(crate) key: String,
    /// Percent of the fund, above 0 and at most 100.
    #[schema(value_type = String)]
    pub(crate) percent: Decimal,
}

/// The composition of a fund on the wire: parts of one dimension add up to at most 100 percent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Composition {
    /// The parts; none to take the fund as one thing again.
    pub(crate) weights: Vec<Weight>,
}

/// The compositions of all funds of a person.
#[derive(Debug, Default)]
pub(crate) struct FundWeights {
    of: BTreeMap<(InstrumentId, Dimension), Vec<(String, Decimal)>>,
}

impl FundWeights {
    pub(super) fn push(&mut self, id: InstrumentId, weight: Weight) {
        let parts = self.of.entry((id, weight.dimension)).or_default();
        parts.push((weight.key, weight.percent));
    }

    /// The parts of a fund with their percents; `None` where nobody stated any.
    pub(crate) fn get(&self, id: InstrumentId, of: Dimension) -> Option<&[(String, Decimal)]> {
        self.of.get(&(id, of)).map(Vec::as_slice)
    }
}

impl Composition {
    /// Reads `dimension,key,percent` lines; a heading of these words is left out.
    pub(super) fn from_csv(text: &str) -> Result<Self, Vec<FieldError>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let mut weights = Vec::new();
        let mut errors = Vec::new();
        for (record, line) in reader.records().zip(1..) {
            let refuse = |detail: String| refusal("weights", "unreadable_line", detail);
            let Ok(record) = record else {
                errors.push(refuse(format!("Line {line} is not CSV.")));
                continue;
            };
            let cell = |at: usize| record.get(at).unwrap_or("");
            if line == 1 && cell(0).eq_ignore_ascii_case("dimension") {
                continue;
            }
            let percent = cell(2).trim_end_matches('%').trim().parse();
            match (Dimension::parse(cell(0)), percent) {
                (Some(dimension), Ok(percent)) => weights.push(Weight {
                    dimension,
                    key: cell(1).to_owned(),
                    percent,
                }),
                (None, _) => errors.push(refuse(format!(
                    "Line {line}: begin with asset_class, sector or country, such as \
                     \"sector,Technology,24.5\"."
                ))),
                (_, Err(_)) => errors.push(refuse(format!(
                    "Line {line}: the third column is the percent, such as 24.5."
                ))),
            }
        }
        if errors.is_empty() {
            Ok(Self { weights })
        } else {
            Err(errors)
        }
    }

    /// Writes what [`Composition::from_csv`] reads.
    pub(super) fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for weight in &self.weights {
            let percent = weight.percent.to_string();
            let record = [weight.dimension.as_str(), &weight.key, &percent];
            if writer.write_record(record).is_err() {
                break;
            }
        }
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Checks the parts, and states them as they are kept: asset classes and countries by their codes.
    pub(super) fn checked(self) -> Result<Vec<Weight>, Vec<FieldError>> {
        let mut errors = Vec::new();
        if self.weights.len() > MOST_PARTS {
            let detail = format!("A fund has at most {MOST_PARTS} parts.");
            return Err(vec![refusal("weights", "too_many", detail)]);
        }
        let mut seen = BTreeSet::new();
        let mut sums: BTreeMap<Dimension, Decimal> = BTreeMap::new();
        let mut weights = Vec::with_capacity(self.weights.len());
        for (weight, place) in self.weights.into_iter().zip(1..) {
            match checked(&weight) {
                Ok(weight) => {
                    *sums.entry(weight.dimension).or_default() += weight.percent;
                    if !seen.insert((weight.dimension, weight.key.to_lowercase())) {
                        let detail = format!("Part {place}: {} is stated twice.", weight.key);
                        errors.push(refusal("weights", "stated_twice", detail));
                    }
                    weights.push(weight);
                }
                Err(reason) => {
                    let detail = format!("Part {place}: {reason}");
                    errors.push(refusal("weights", "not_acceptable", detail));
                }
            }
        }
        for (dimension, sum) in sums {
            if sum > Decimal::ONE_HUNDRED {
                let word = dimension.as_str().replace('_', " ");
                let detail = format!("The parts by {word} add up to {sum} percent, more than 100.");
                errors.push(refusal("weights", "more_than_the_whole", detail));
            }
        }
        if errors.is_empty() {
            Ok(weights)
        } else {
            Err(errors)
        }
    }
}

fn checked(weight: &Weight) -> Result<Weight, String> {
    let key = weight.key.trim();
    let length = key.chars().count();
    if !(1..=LONGEST_KEY).contains(&length) || key.chars().any(char::is_control) {
        return Err("the name of the part must be one line of 1 to 100 characters.".to_owned());
    }
    let percent = weight.percent.round_dp(PERCENT_DIGITS).normalize();
    if percent <= Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
        return Err(format!("{key} must be above 0 and at most 100 percent."));
    }
    let key = match weight.dimension {
        Dimension::AssetClass => AssetClass::parse(key)
            .map(|class| class.as_str().to_owned())
            .ok_or_else(|| {
                let words = AssetClass::ALL.map(AssetClass::as_str).join(", ");
                format!("{key:?} is no asset class; they are {words}.")
            })?,
        Dimension::Country => allocation::country(key),
        Dimension::Sector => key.to_owned(),
    };
    Ok(Weight {
        dimension: weight.dimension,
        key,
        percent,
    })
}

fn refusal(pointer: &str, code: &str, detail: String) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn read(text: &str) -> Result<Vec<Weight>, Vec<String>> {
        Composition::from_csv(text)
            .and_then(Composition::checked)
            .map_err(|errors| errors.into_iter().map(|e| e.code).collect())
    }

    #[test]
    fn a_list_is_read_and_written_alike() {
        let text = "\u{feff}dimension,key,percent\nSector, Technology ,24.5\ncountry,United States,60 %\nasset class,Equity,99\n";
        let weights = read(text).expect("readable");
        let found: Vec<(&str, &str, Decimal)> = weights
            .iter()
            .map(|w| (w.dimension.as_str(), w.key.as_str(), w.percent))
            .collect();
        assert_eq!(
            found,
            [
                ("sector", "Technology", dec("24.5")),
                ("country", "US", dec("60")),
                ("asset_class", "equity", dec("99")),
            ]
        );
        let written = Composition {
            weights: weights.clone(),
        }
        .to_csv();
        assert_eq!(read(&written), Ok(weights));
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_reason() {
        let cases = [
            ("colour,red,5", "unreadable_line"),
            ("sector,Technology,much", "unreadable_line"),
            ("sector,,5", "not_acceptable"),
            ("sector,Technology,0", "not_acceptable"),
            ("sector,Technology,101", "not_acceptable"),
            ("asset_class,Beanie,5", "not_acceptable"),
            ("country,US,5\ncountry,usa,6", "stated_twice"),
            ("sector,A,60\nsector,B,40.1", "more_than_the_whole"),
        ];
        for (text, code) in cases {
            assert_eq!(read(text), Err(vec![code.to_owned()]), "{text}");
        }
        assert_eq!(read(""), Ok(Vec::new()));
    }
}
