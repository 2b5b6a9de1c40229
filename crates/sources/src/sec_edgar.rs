//! EDGAR: `companyfacts`, every figure a company reported in XBRL, and the list of tickers.

use std::{collections::BTreeMap, time::Duration};

use http::HeaderValue;
use jiff::{SignedDuration, civil::Date};
use serde::Deserialize;
use url::Url;

use crate::{
    Answer, Call, Capability, CompanyId, Context, Description, Fact, FetchError, Limit, Payload,
    Provider, ProviderId, Request, Way, reading,
};

const ID: ProviderId = ProviderId::SecEdgar;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "SEC EDGAR",
    gives: &[Capability::Fundamentals, Capability::Directory],
    licence: "Public domain; at most ten requests a second, with a contact in the user agent.",
    terms_url: "https://www.sec.gov/os/accessing-edgar-data",
    needs_key: false,
    limit: Limit {
        count: 8,
        per: Duration::from_secs(1),
    },
    is_simulated: false,
};

/// Where the list of tickers stands; the facts stand elsewhere.
const LIST: &str = "https://www.sec.gov";

pub(crate) struct SecEdgar {
    base: Url,
    list: Url,
    agent: Option<HeaderValue>,
}

impl SecEdgar {
    pub(crate) const ADDRESS: &str = "https://data.sec.gov";

    /// A configured address has both.
    pub(crate) fn new(base: Url, is_configured: bool, agent: Option<HeaderValue>) -> Self {
        let list = Url::parse(LIST).ok().filter(|_| !is_configured);
        Self {
            list: list.unwrap_or_else(|| base.clone()),
            base,
            agent,
        }
    }
}

#[derive(Deserialize)]
struct Company {
    facts: BTreeMap<String, BTreeMap<String, Concept>>,
}

#[derive(Deserialize)]
struct Concept {
    units: BTreeMap<String, Vec<Stated>>,
}

#[derive(Deserialize)]
struct Stated {
    start: Option<Date>,
    end: Date,
    val: f64,
    fy: Option<i16>,
    fp: Option<String>,
    form: String,
    filed: Date,
}

#[derive(Deserialize)]
struct Listed {
    cik_str: u64,
    ticker: String,
    title: String,
}

/// Who asks, as EDGAR wants to read it.
pub(crate) fn agent(contact: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("bursar {contact}")).ok()
}

impl Provider for SecEdgar {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, context: &Context<'_>) -> Result<Way, FetchError> {
        let stated = context.key.and_then(agent);
        let agent = stated
            .or_else(|| self.agent.clone())
            .ok_or(FetchError::NotConfigured {
                provider: ID,
                what: "EDGAR wants to know whom to write to; enter an email address as its key on the \
                       page of data sources",
            })?;
        let call = match request {
            Request::Fundamentals { symbol } => {
                let digits = symbol.trim_start_matches("CIK").trim_start_matches('0');
                let is_cik = (1..=10).contains(&digits.len())
                    && digits.bytes().all(|byte| byte.is_ascii_digit());
                if !is_cik {
                    // EDGAR knows companies by number alone; the directory translates tickers.
                    return Err(FetchError::NotFound {
                        provider: ID,
                        symbol: symbol.clone(),
                    });
                }
                let file = format!("CIK{digits:0>10}.json");
                Call::below(&self.base, ["api", "xbrl", "companyfacts", &file])
            }
            Request::Directory => Call::below(&self.list, ["files", "company_tickers.json"]),
            other => return Err(other.unsupported(ID)),
        };
        Ok(Way::Ask(call.with_agent(agent)))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        _: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        if matches!(request, Request::Directory) {
            let listed: BTreeMap<String, Listed> = reading::json(ID, &answer.body)?;
            let ids = listed.into_values().map(|company| CompanyId {
                symbol: company.ticker,
                id: company.cik_str.to_string(),
                name: company.title,
            });
            return Ok(Payload::Directory(ids.collect()));
        }
        let company: Company = reading::json(ID, &answer.body)?;
        facts(company).map(Payload::Facts)
    }

    /// Too many requests are a 403 with a page that says so; it lifts after ten minutes.
    fn refusal(&self, request: &Request, answer: &Answer, context: &Context<'_>) -> FetchError {
        let text = String::from_utf8_lossy(&answer.body);
        if answer.status.as_u16() == 403 && text.contains("Request Rate Threshold Exceeded") {
            return FetchError::Throttled {
                provider: ID,
                retry_after: Some(SignedDuration::from_mins(10)),
            };
        }
        answer.refusal(ID, request, context.now)
    }
}

fn facts(company: Company) -> Result<Vec<Fact>, FetchError> {
    let mut facts = Vec::new();
    for (taxonomy, concepts) in company.facts {
        for (concept, stated) in concepts {
            for (unit, values) in stated.units {
                for value in values {
                    facts.push(fact(&taxonomy, &concept, &unit, value)?);
                }
            }
        }
    }
    Ok(facts)
}

fn fact(taxonomy: &str, concept: &str, unit: &str, stated: Stated) -> Result<Fact, FetchError> {
    let value = money::decimal_from_f64(stated.val).ok_or_else(|| {
        let why = format!("{} is beyond what an amount can be", stated.val);
        reading::garbage(ID, format!("{taxonomy}:{concept}"), why)
    })?;
    Ok(Fact {
        taxonomy: taxonomy.to_owned(),
        concept: concept.to_owned(),
        unit: unit.to_owned(),
        value,
        from: stated.start,
        to: stated.end,
        fiscal_year: stated.fy,
        fiscal_period: stated.fp,
        form: stated.form,
        filed: Some(stated.filed),
    })
}
