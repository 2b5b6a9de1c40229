//! Corporate actions of a Flex query.

use super::Element;
use crate::{
    ibkr::actions::{self, Leg},
    model::Refusal,
};

pub(super) fn leg(element: &Element) -> Result<Leg, Refusal> {
    let description = element
        .get("actionDescription")
        .or(element.get("description"))
        .unwrap_or_default();
    let mut security = element.security();
    if let (Some(found), Some(named)) = (&mut security, actions::bracketed(description)) {
        found.name = found.name.take().or(named.name);
        found.isin = found.isin.take().or(named.isin);
    }
    Ok(Leg {
        line: element.line,
        account: element.account.clone(),
        id: element.id(),
        date: element.date(&["reportDate", "dateTime"])?,
        currency: element.currency()?,
        kind: element.get("type").unwrap_or_default().to_owned(),
        description: description.to_owned(),
        security,
        quantity: element.number("quantity")?.unwrap_or_default(),
        proceeds: element.number("proceeds")?.unwrap_or_default(),
        cancels: element
            .get("code")
            .is_some_and(|code| code.split([';', ',']).any(|c| c.trim() == "Ca")),
    })
}
