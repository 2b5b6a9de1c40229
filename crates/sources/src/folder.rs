//! A folder of price files of the operator: `MSFT.csv` has the daily bars of MSFT, in any layout that
//! `bursar import prices` reads.

use std::{io::Cursor, path::PathBuf, time::Duration};

use crate::{
    Answer, Bar, BarSeries, Capability, Context, Description, FetchError, Limit, Payload, Provider,
    ProviderId, Request, Way, reading,
};

const ID: ProviderId = ProviderId::Folder;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Folder of files",
    gives: &[Capability::DailyBars],
    licence: "Whatever holds for the files.",
    terms_url: "",
    needs_key: false,
    limit: Limit {
        count: 1_000,
        per: Duration::from_secs(1),
    },
    is_simulated: false,
};

pub(crate) struct Folder {
    path: Option<PathBuf>,
}

impl Folder {
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self { path }
    }
}

impl Provider for Folder {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, _: &Context<'_>) -> Result<Way, FetchError> {
        let folder = self.path.as_ref().ok_or(FetchError::NotConfigured {
            provider: ID,
            what: "no folder of price files is set",
        })?;
        let symbol = request.subject();
        // A symbol is a file in this folder, and never a way out of it.
        let is_plain = !symbol.is_empty()
            && !symbol.starts_with('.')
            && symbol
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_^=".contains(c));
        if !is_plain {
            return Err(FetchError::NotFound {
                provider: ID,
                symbol: symbol.to_owned(),
            });
        }
        Ok(Way::Read(folder.join(format!("{symbol}.csv"))))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        _: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        let Request::DailyBars { from, to, .. } = request else {
            return Err(request.unsupported(ID));
        };
        let rows = statements::bars(Cursor::new(&answer.body))
            .map_err(|error| reading::garbage(ID, "the header", error.to_string()))?;
        let mut bars = Vec::new();
        for row in rows {
            let row = row.map_err(|rejection| {
                reading::garbage(ID, format!("line {}", rejection.line), rejection.message)
            })?;
            bars.push(Bar {
                at: reading::midnight(ID, row.at.date())?,
                open: row.open,
                high: row.high,
                low: row.low,
                close: row.close,
                adjusted_close: row.adjusted_close,
                volume: row.volume,
            });
        }
        let (from, to) = reading::days(ID, *from, *to)?;
        let series = BarSeries {
            bars,
            ..BarSeries::default()
        };
        Ok(Payload::Bars(series.between(from, to)))
    }
}
