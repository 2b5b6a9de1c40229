//! European Central Bank: reference rates of the euro, as XML. One file has the last day, one ninety days,
//! one everything since 1999.

use std::time::Duration;

use jiff::civil::Date;
use money::Currency;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use url::Url;

use crate::{
    Answer, Call, Capability, Context, Description, ExchangeRate, FetchError, Limit, Payload,
    Provider, ProviderId, Request, Way, reading,
};

const ID: ProviderId = ProviderId::Ecb;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "European Central Bank",
    gives: &[Capability::FxRates],
    licence: "Free to use and pass on with the source named; for information, not for transactions.",
    terms_url: "https://www.ecb.europa.eu/services/disclaimer/html/index.en.html",
    needs_key: false,
    limit: Limit {
        count: 10,
        per: Duration::from_mins(1),
    },
    is_simulated: false,
};

pub(crate) struct Ecb {
    base: Url,
}

impl Ecb {
    pub(crate) const ADDRESS: &str = "https://www.ecb.europa.eu/stats/eurofxref";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }
}

impl Provider for Ecb {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, context: &Context<'_>) -> Result<Way, FetchError> {
        let Request::Rates { from, .. } = request else {
            return Err(request.unsupported(ID));
        };
        let file = match (context.today() - *from).get_days() {
            ..=0 => "eurofxref-daily.xml",
            1..=85 => "eurofxref-hist-90d.xml",
            _ => "eurofxref-hist.xml",
        };
        Ok(Way::Ask(Call::below(&self.base, [file])))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        context: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        let mut rates = rates(&answer.body)?;
        if let Request::Rates { from, to } = request {
            // The daily file has the last day, whichever it was; nobody asked for less.
            let first = if context.today() <= *from {
                Date::MIN
            } else {
                *from
            };
            rates.retain(|rate| rate.date >= first && rate.date <= *to);
        }
        Ok(Payload::Rates(rates))
    }
}

/// `<Cube time="2026-11-20"><Cube currency="USD" rate="1.0838"/>…</Cube>`.
fn rates(body: &[u8]) -> Result<Vec<ExchangeRate>, FetchError> {
    let mut reader = Reader::from_reader(body);
    let (mut day, mut is_whole, mut rates) = (None, false, Vec::new());
    loop {
        let place = format!("byte {}", reader.buffer_position());
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element))
                if element.local_name().as_ref() == "Cube" =>
            {
                read_cube(&element, &place, &mut day, &mut rates)?;
            }
            Ok(Event::End(element)) if element.local_name().as_ref() == "Envelope" => {
                is_whole = true;
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(quick_xml::Error::Syntax(_)) if day.is_some() => {
                return Err(truncated(place));
            }
            Err(error) => return Err(reading::garbage(ID, place, error.to_string())),
        }
    }
    match (is_whole, day) {
        (true, Some(_)) => Ok(rates),
        (false, Some(_)) => Err(truncated(format!("byte {}", body.len()))),
        _ => Err(reading::garbage(
            ID,
            "the document",
            "it has no rates of any day",
        )),
    }
}

fn truncated(place: String) -> FetchError {
    FetchError::Truncated {
        provider: ID,
        place,
    }
}

fn read_cube(
    element: &BytesStart<'_>,
    place: &str,
    day: &mut Option<Date>,
    rates: &mut Vec<ExchangeRate>,
) -> Result<(), FetchError> {
    let attribute = |name: &str| -> Result<Option<String>, FetchError> {
        let found = element
            .try_get_attribute(name)
            .map_err(|error| reading::garbage(ID, place, error.to_string()))?;
        Ok(found.map(|found| found.value.into_owned()))
    };
    if let Some(text) = attribute("time")? {
        *day = Some(reading::date(ID, place, &text)?);
    }
    let (Some(code), Some(rate)) = (attribute("currency")?, attribute("rate")?) else {
        return Ok(());
    };
    let date = day.ok_or_else(|| reading::garbage(ID, place, "a rate without a day"))?;
    let quote =
        Currency::new(&code).map_err(|error| reading::garbage(ID, place, error.to_string()))?;
    rates.push(ExchangeRate {
        date,
        base: Currency::EUR,
        quote,
        rate: reading::number(ID, place, &rate)?,
    });
    Ok(())
}
