use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the holder of an option may buy or sell.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OptionType {
    /// To buy.
    Call,
    /// To sell.
    Put,
}

impl OptionType {
    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Put => "put",
        }
    }
}

impl From<sources::Right> for OptionType {
    fn from(right: sources::Right) -> Self {
        match right {
            sources::Right::Call => Self::Call,
            sources::Right::Put => Self::Put,
        }
    }
}

/// The contracts on an underlying as they were fetched last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Chain {
    /// When they were fetched; `null` where none ever was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub fetched_at: Option<Timestamp>,
    /// When the prices were those; `null` where the source does not say.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Price of the underlying then.
    pub spot: Option<f64>,
    /// Who stated it.
    pub source: Option<String>,
    /// Days on which contracts of the chain end, in order.
    #[schema(value_type = Vec<String>)]
    pub expirations: Vec<Date>,
    /// The contracts, by expiration, strike and type.
    pub contracts: Vec<Contract>,
}

/// An option contract with what it cost.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Contract {
    /// After the OCC: root, expiration, `C` or `P`, strike in thousandths.
    pub symbol: String,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub expiration_date: Date,
    /// Days from the day of the request to the last one; negative after it.
    pub days_to_expiration: i32,
    /// Price of one share then.
    #[schema(value_type = String, example = "212.5")]
    pub strike_price: Decimal,
    /// `call` or `put`.
    pub option_type: OptionType,
    /// Whether using it would have brought something at the price of the underlying; `null` where that is
    /// not known.
    pub in_the_money: Option<bool>,
    /// Last price.
    pub last_price: Option<f64>,
    /// Highest offer to buy.
    pub bid: Option<f64>,
    /// Lowest offer to sell.
    pub ask: Option<f64>,
    /// Contracts traded on the day.
    pub volume: Option<i64>,
    /// Contracts that are open.
    pub open_interest: Option<i64>,
    /// As a fraction a year.
    pub implied_volatility: Option<f64>,
    /// Change of the price with the underlying, −1 to 1.
    pub delta: Option<f64>,
    /// Change of delta with the underlying.
    pub gamma: Option<f64>,
    /// Change of the price with a day.
    pub theta: Option<f64>,
    /// Change of the price with a point of volatility.
    pub vega: Option<f64>,
}

/// A call is in the money below the price of the underlying, a put above it; at it neither is.
pub(super) fn in_the_money(
    option_type: OptionType,
    strike: Decimal,
    spot: Option<f64>,
) -> Option<bool> {
    let strike = money::f64_from_decimal(strike);
    spot.map(|spot| match option_type {
        OptionType::Call => spot > strike,
        OptionType::Put => spot < strike,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_strike_neither_is_in_the_money() {
        let strike = Decimal::from(100);
        let both = |spot| {
            (
                in_the_money(OptionType::Call, strike, spot),
                in_the_money(OptionType::Put, strike, spot),
            )
        };
        assert_eq!(both(Some(101.0)), (Some(true), Some(false)));
        assert_eq!(both(Some(99.0)), (Some(false), Some(true)));
        assert_eq!(both(Some(100.0)), (Some(false), Some(false)));
        assert_eq!(both(None), (None, None));
    }
}
