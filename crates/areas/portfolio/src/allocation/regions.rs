//! Which country a text means, and the region it is in.

/// Codes of ISO 3166-1 by region.
const REGIONS: [(&str, &str); 7] = [
    ("North America", "US CA BM GL"),
    (
        "Europe",
        "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SK SM UA VA XK",
    ),
    (
        "Asia",
        "AF AM AZ BD BN BT CN GE HK ID IN JP KG KH KP KR KZ LA LK MM MN MO MV MY NP PH PK SG TH TJ TL TM TW UZ VN",
    ),
    (
        "Middle East",
        "AE BH IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    ),
    (
        "Latin America",
        "AG AI AR AW BB BL BO BQ BR BS BZ CL CO CR CU CW DM DO EC FK GD GF GP GT GY HN HT JM KN KY LC MF MQ MS MX NI PA PE PR PY SR SV SX TC TT UY VC VE VG VI",
    ),
    (
        "Africa",
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
    ),
    (
        "Oceania",
        "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    ),
];

/// Names under which sources state countries, in lower case.
const NAMES: [(&str, &str); 62] = [
    ("argentina", "AR"),
    ("australia", "AU"),
    ("austria", "AT"),
    ("belgium", "BE"),
    ("bermuda", "BM"),
    ("brazil", "BR"),
    ("canada", "CA"),
    ("cayman islands", "KY"),
    ("chile", "CL"),
    ("china", "CN"),
    ("colombia", "CO"),
    ("czech republic", "CZ"),
    ("czechia", "CZ"),
    ("denmark", "DK"),
    ("egypt", "EG"),
    ("finland", "FI"),
    ("france", "FR"),
    ("germany", "DE"),
    ("great britain", "GB"),
    ("greece", "GR"),
    ("hong kong", "HK"),
    ("hungary", "HU"),
    ("india", "IN"),
    ("indonesia", "ID"),
    ("ireland", "IE"),
    ("israel", "IL"),
    ("italy", "IT"),
    ("japan", "JP"),
    ("jersey", "JE"),
    ("korea", "KR"),
    ("kuwait", "KW"),
    ("luxembourg", "LU"),
    ("malaysia", "MY"),
    ("mexico", "MX"),
    ("netherlands", "NL"),
    ("new zealand", "NZ"),
    ("norway", "NO"),
    ("peru", "PE"),
    ("philippines", "PH"),
    ("poland", "PL"),
    ("portugal", "PT"),
    ("qatar", "QA"),
    ("russia", "RU"),
    ("saudi arabia", "SA"),
    ("singapore", "SG"),
    ("south africa", "ZA"),
    ("south korea", "KR"),
    ("spain", "ES"),
    ("sweden", "SE"),
    ("switzerland", "CH"),
    ("taiwan", "TW"),
    ("thailand", "TH"),
    ("the netherlands", "NL"),
    ("turkey", "TR"),
    ("uk", "GB"),
    ("united arab emirates", "AE"),
    ("united kingdom", "GB"),
    ("united states", "US"),
    ("united states of america", "US"),
    ("uruguay", "UY"),
    ("usa", "US"),
    ("vietnam", "VN"),
];

/// The code of a country, where the text is one or a usual name of one; else the text itself.
pub(crate) fn country(text: &str) -> String {
    let text = text.trim();
    let upper = text.to_uppercase();
    if is_code(&upper) {
        return upper;
    }
    let lower = text.to_lowercase();
    NAMES
        .iter()
        .find(|(name, _)| *name == lower)
        .map_or_else(|| text.to_owned(), |(_, code)| (*code).to_owned())
}

/// The region of a country; `None` when the text is no country that is known.
pub(crate) fn region(text: &str) -> Option<&'static str> {
    let code = country(text);
    REGIONS
        .iter()
        .find(|(_, codes)| codes.split(' ').any(|known| known == code))
        .map(|(region, _)| *region)
}

fn is_code(text: &str) -> bool {
    REGIONS
        .iter()
        .any(|(_, codes)| codes.split(' ').any(|known| known == text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_country_is_one_however_it_is_written() {
        for text in ["us", " US ", "United States", "usa"] {
            assert_eq!(country(text), "US", "{text}");
        }
        assert_eq!(region("Germany"), Some("Europe"));
        assert_eq!(region("jp"), Some("Asia"));
        assert_eq!(country(" Atlantis "), "Atlantis");
        assert_eq!(region("Atlantis"), None);
        assert_eq!(region(""), None);
    }

    #[test]
    fn every_code_is_in_one_region_and_every_name_has_one() {
        let codes: Vec<&str> = REGIONS.iter().flat_map(|(_, c)| c.split(' ')).collect();
        let distinct: BTreeSet<&str> = codes.iter().copied().collect();
        assert_eq!(codes.len(), distinct.len());
        assert!(codes.iter().all(|code| code.len() == 2));
        for (name, code) in NAMES {
            assert!(distinct.contains(code), "{name}");
            assert_eq!(name.to_lowercase(), name);
        }
    }
}
