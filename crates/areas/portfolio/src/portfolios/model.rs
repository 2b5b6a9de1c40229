use jiff::Timestamp;
use ledger::CostBasis;
use money::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::FieldError;

/// Names a portfolio of one person.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct PortfolioId(pub Uuid);

/// A portfolio as stored.
#[derive(Clone, Debug)]
pub struct Portfolio {
    pub id: PortfolioId,
    pub name: String,
    pub currency: Currency,
    pub cost_basis: CostBasis,
    pub tracks_cash: bool,
    pub is_simulated: bool,
    /// Grows with every change of the portfolio or its transactions.
    pub revision: i64,
    pub created_at: Timestamp,
}

/// What a person decides about a portfolio; valid by construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPortfolio {
    pub name: String,
    pub currency: Currency,
    pub cost_basis: CostBasis,
    pub tracks_cash: bool,
    pub is_simulated: bool,
}

/// What a client sends to open or change a portfolio.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortfolioBody {
    /// Unique among one's own portfolios, regardless of case; 1 to 100 characters.
    pub name: String,
    /// The currency in which its figures are stated, e.g. `EUR`.
    pub currency: String,
    /// `fifo` (default), `lifo`, `hifo`, `average` or `specific_lot`.
    #[serde(default)]
    #[schema(value_type = String, example = "fifo")]
    pub cost_basis: CostBasis,
    /// Without cash tracking every purchase counts as a contribution; `true` unless given.
    #[serde(default = "yes")]
    pub tracks_cash: bool,
}

fn yes() -> bool {
    true
}

/// A portfolio on the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PortfolioView {
    /// Names the portfolio.
    pub id: PortfolioId,
    /// As chosen by its owner.
    pub name: String,
    /// The currency in which its figures are stated.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// `fifo`, `lifo`, `hifo`, `average` or `specific_lot`.
    #[schema(value_type = String)]
    pub cost_basis: CostBasis,
    /// Whether cash is a balance of its own.
    pub tracks_cash: bool,
    /// Whether it belongs to the removable sample.
    pub is_simulated: bool,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl TryFrom<PortfolioBody> for NewPortfolio {
    type Error = Vec<FieldError>;

    fn try_from(body: PortfolioBody) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let name = body.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            errors.push(FieldError {
                pointer: "name".into(),
                code: "invalid_length".into(),
                detail: "The name must be one line of 1 to 100 characters.".into(),
            });
        }
        let currency = match Currency::new(&body.currency) {
            Ok(currency) => Some(currency),
            Err(error) => {
                errors.push(FieldError {
                    pointer: "currency".into(),
                    code: "unknown_currency".into(),
                    detail: error.to_string(),
                });
                None
            }
        };
        match currency {
            Some(currency) if errors.is_empty() => Ok(Self {
                name,
                currency,
                cost_basis: body.cost_basis,
                tracks_cash: body.tracks_cash,
                is_simulated: false,
            }),
            _ => Err(errors),
        }
    }
}

impl From<Portfolio> for PortfolioView {
    fn from(portfolio: Portfolio) -> Self {
        Self {
            id: portfolio.id,
            name: portfolio.name,
            currency: portfolio.currency,
            cost_basis: portfolio.cost_basis,
            tracks_cash: portfolio.tracks_cash,
            is_simulated: portfolio.is_simulated,
            created_at: portfolio.created_at,
        }
    }
}
