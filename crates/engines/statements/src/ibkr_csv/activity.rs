//! Activity statements.

use super::{
    actions, instruments::Instruments, payments, sections::Report, stated, trades, transfers,
    vocabulary::Section,
};
use crate::{Format, Statement, fills};

pub(super) fn read(report: &Report) -> Statement {
    let mut statement = Statement::new(Format::IbkrActivityCsv);
    let account = report.field(Section::Account, &["account", "konto", "cuenta", "compte"]);
    let account = account.as_ref();
    let instruments = Instruments::of(report);
    let traded = trades::take(report, &instruments, account, &mut statement);
    payments::take(report, account, &mut statement);
    actions::take(report, account, &mut statement);
    transfers::take(report, &instruments, account, &mut statement);
    fills::take(&mut statement, traded);
    stated::take(report, &instruments, account, &mut statement);
    report.unknown.refuse("section", &mut statement);
    fills::sort_by_line(&mut statement);
    statement
}
