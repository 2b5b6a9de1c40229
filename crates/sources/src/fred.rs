//! FRED: `series/observations`. A day without a value has a dot.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::{
    Answer, Call, Capability, Context, Description, FetchError, Limit, Observation, Payload,
    Provider, ProviderId, Request, Way, reading,
};

const ID: ProviderId = ProviderId::Fred;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "FRED",
    gives: &[Capability::Series],
    licence: "Own use with the source named; some series belong to others, as their notes say.",
    terms_url: "https://fred.stlouisfed.org/docs/api/terms_of_use.html",
    needs_key: true,
    limit: Limit {
        count: 120,
        per: Duration::from_mins(1),
    },
    is_simulated: false,
};

pub(crate) struct Fred {
    base: Url,
}

impl Fred {
    pub(crate) const ADDRESS: &str = "https://api.stlouisfed.org";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }
}

#[derive(Deserialize)]
struct Body {
    observations: Vec<Stated>,
}

#[derive(Deserialize)]
struct Stated {
    date: String,
    value: String,
}

#[derive(Deserialize)]
struct Trouble {
    error_message: String,
}

impl Provider for Fred {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, context: &Context<'_>) -> Result<Way, FetchError> {
        let Request::Series { id, from, to } = request else {
            return Err(request.unsupported(ID));
        };
        let call = Call::below(&self.base, ["fred", "series", "observations"])
            .with("series_id", id)
            .with("observation_start", &from.to_string())
            .with("observation_end", &to.to_string())
            .with("file_type", "json")
            .with("api_key", context.require_key(ID)?);
        Ok(Way::Ask(call))
    }

    fn read(&self, _: &Request, answer: &Answer, _: &Context<'_>) -> Result<Payload, FetchError> {
        let body: Body = reading::json(ID, &answer.body)?;
        let values = body.observations.iter().map(|stated| {
            let value = (stated.value != ".")
                .then(|| reading::number(ID, &stated.date, &stated.value))
                .transpose()?;
            let date = reading::date(ID, "date", &stated.date)?;
            Ok(Observation { date, value })
        });
        values.collect::<Result<_, _>>().map(Payload::Series)
    }

    /// Everything that is wrong with a request is a 400, and told by words.
    fn refusal(&self, request: &Request, answer: &Answer, context: &Context<'_>) -> FetchError {
        let trouble: Option<Trouble> = serde_json::from_slice(&answer.body).ok();
        match trouble {
            Some(trouble) if trouble.error_message.contains("series does not exist") => {
                FetchError::NotFound {
                    provider: ID,
                    symbol: request.subject().to_owned(),
                }
            }
            _ => answer.refusal(ID, request, context.now),
        }
    }
}
