use ::portfolio::portfolios::{self, NewPortfolio, PortfolioView};
use ledger::CostBasis;
use money::Currency;

use super::{
    Outcome,
    print::{print, table},
};
use crate::{Instance, cli::PortfolioCommand};

pub(super) async fn run(instance: &Instance, command: PortfolioCommand) -> anyhow::Result<Outcome> {
    match command {
        PortfolioCommand::Add {
            name,
            currency,
            cost_basis,
            no_cash,
            whose,
            output,
        } => {
            let user = identity::users::resolve(instance.db(), whose.user.as_deref()).await?;
            let currency = currency.as_deref().map(Currency::new).transpose()?;
            let new = NewPortfolio {
                name,
                currency: if let Some(currency) = currency {
                    currency
                } else {
                    let mut tx = instance.db().read(user).await?;
                    identity::preferences::get(&mut tx).await?.base_currency
                },
                cost_basis: CostBasis::from(cost_basis),
                tracks_cash: !no_cash,
                is_simulated: false,
            };
            let view = portfolios::open(&instance.app, user, &new).await?;
            print(output, &view, |out| {
                writeln!(out, "opened {} in {}", view.name, view.currency)
            })?;
        }
        PortfolioCommand::List { whose, output } => {
            let user = identity::users::resolve(instance.db(), whose.user.as_deref()).await?;
            let all: Vec<PortfolioView> = portfolios::list(&instance.app, user).await?;
            print(output, &all, |out| {
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|portfolio| {
                        vec![
                            portfolio.name.clone(),
                            portfolio.currency.to_string(),
                            format!("{:?}", portfolio.cost_basis).to_lowercase(),
                            if portfolio.tracks_cash {
                                "tracked"
                            } else {
                                "not tracked"
                            }
                            .to_owned(),
                        ]
                    })
                    .collect();
                let header = [
                    ("name", false),
                    ("currency", false),
                    ("cost basis", false),
                    ("cash", false),
                ];
                table(out, &header, &rows)
            })?;
        }
    }
    Ok(Outcome::Done)
}
