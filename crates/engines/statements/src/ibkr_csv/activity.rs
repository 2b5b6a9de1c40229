//! Activity statements.

use super::{
    actions, instruments::Instruments, payments, sections::Report, stated, trades, transfers,
    vocabulary::Section,
};
use crate::{Format, Statement, code, fills, model::Refusal, text::shown};

pub(super) fn read(report: &Report) -> Statement {
    let mut statement = Statement::new(Format::IbkrActivityCsv);
    let account = report.field(Section::Account, &["account", "konto", "cuenta", "compte"]);
    let account = account.as_ref();
    let instruments = Instruments::of(report);
    let traded = trades::take(report, &instruments, account, &mut statement);
    fills::take(&mut statement, traded);
    payments::take(report, account, &mut statement);
    actions::take(report, account, &mut statement);
    transfers::take(report, &instruments, account, &mut statement);
    stated::take(report, &instruments, account, &mut statement);
    refuse_unknown(report, &mut statement);
    fills::sort_by_line(&mut statement);
    statement
}

/// One refusal for each section whose name is not known.
pub(super) fn refuse_unknown(report: &Report, statement: &mut Statement) {
    for (name, line, count) in &report.unknown {
        let message = format!(
            "the section “{}” ({count} lines) is not known here: enter by hand what it states",
            shown(name)
        );
        statement.take(*line, Err(Refusal::new(code::NOT_SUPPORTED_YET, message)));
    }
}
