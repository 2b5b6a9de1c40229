use ::portfolio::report::{self, PortfolioReport, Wanted};
use std::io::{self, Write};

use money::Currency;
use rust_decimal::Decimal;

use super::{
    Outcome,
    print::{print, table},
};
use crate::{Instance, cli::ReportCommand};

pub(super) async fn run(instance: &Instance, command: ReportCommand) -> anyhow::Result<Outcome> {
    let ReportCommand::Portfolio {
        name,
        as_of,
        from,
        cost_basis,
        known_on,
        whose,
        output,
    } = command;
    let user = identity::users::resolve(instance.db(), whose.user.as_deref()).await?;
    let wanted = Wanted {
        as_of,
        from,
        cost_basis: cost_basis.map(Into::into),
        known_on,
    };
    let report =
        report::report_by_name(&instance.app, &instance.valuations, user, &name, wanted).await?;
    print(output, &report, |out| text(out, &report))?;
    Ok(Outcome::Done)
}

fn text(out: &mut dyn Write, report: &PortfolioReport) -> io::Result<()> {
    let money = |amount| rounded(amount, report.currency);
    writeln!(
        out,
        "{} on {}, in {}",
        report.portfolio, report.as_of, report.currency
    )?;
    if let Some(day) = report.known_on {
        writeln!(
            out,
            "  as known on   {day}: transactions as stored at the end of that day, today's prices"
        )?;
    }
    writeln!(out, "  value         {}", money(report.value))?;
    writeln!(out, "  net invested  {}", money(report.net_invested))?;
    for (currency, amount) in &report.cash {
        writeln!(
            out,
            "  cash          {} {currency}",
            rounded(*amount, *currency)
        )?;
    }
    let percent = |name: &str, ratio: Option<f64>| match ratio {
        Some(ratio) => format!("{:.2} %", ratio * 100.0),
        None => report
            .performance
            .not_available
            .get(name)
            .cloned()
            .unwrap_or_default(),
    };
    let figures = &report.performance;
    writeln!(out, "  TWR           {}", percent("twr", figures.twr))?;
    writeln!(out, "  MWR a year    {}", percent("mwr", figures.mwr))?;
    writeln!(out, "  simple        {}", percent("simple", figures.simple))?;
    writeln!(
        out,
        "  max drawdown  {}",
        percent("max_drawdown", figures.max_drawdown)
    )?;
    writeln!(
        out,
        "  volatility    {}",
        percent("volatility", figures.volatility)
    )?;
    writeln!(out)?;
    holdings(out, report)?;
    for placed in &report.findings {
        let finding = &placed.finding;
        writeln!(out, "! {} {}", finding.message, finding.remedy)?;
    }
    Ok(())
}

fn holdings(out: &mut dyn Write, report: &PortfolioReport) -> io::Result<()> {
    let money = |amount| rounded(amount, report.currency);
    let header = [
        ("symbol", false),
        ("quantity", true),
        ("average cost", true),
        ("cost basis", true),
        ("price", true),
        ("value", true),
        ("unrealised", true),
        ("realised", true),
        ("dividends", true),
        ("fees", true),
    ];
    let mut rows: Vec<Vec<String>> = report
        .holdings
        .iter()
        .map(|holding| {
            vec![
                holding.symbol.clone(),
                holding.quantity.to_string(),
                money(holding.average_cost),
                money(holding.cost_basis),
                holding.price.map_or_else(|| "none".to_owned(), money),
                money(holding.value),
                money(holding.unrealized_gain),
                money(holding.realized_gain),
                money(holding.dividends),
                money(holding.fees),
            ]
        })
        .collect();
    let totals = &report.totals;
    rows.push(vec![
        "total".to_owned(),
        String::new(),
        String::new(),
        money(totals.cost_basis),
        String::new(),
        money(totals.holdings_value),
        money(totals.unrealized_gain),
        money(totals.realized_gain),
        money(totals.dividends),
        money(totals.fees),
    ]);
    table(out, &header, &rows)
}

/// An amount with all digits of its currency.
fn rounded(amount: Decimal, currency: Currency) -> String {
    let digits = usize::try_from(currency.digits()).unwrap_or(2);
    format!("{:.digits$}", money::round_to_currency(amount, currency))
}
