//! The search at a hundred thousand instruments: what a person types, and how long the answer takes.

use std::time::Instant;

use bursar::Instance;
use db::{UserId, copy::CopyWriter};
use identity::users::{self, NewUser, Password};
use serde_json::{Map, Value, json};

/// Matches of one answer, as many as the palette and the picker ask for at most.
const MATCHES: i64 = 20;
const FIRST: [&str; 25] = [
    "Atlantic",
    "Boreal",
    "Cobalt",
    "Delta",
    "Eastern",
    "Falcon",
    "Granite",
    "Harbour",
    "Indigo",
    "Juniper",
    "Keystone",
    "Lakeside",
    "Meridian",
    "Northern",
    "Orchard",
    "Pacific",
    "Quarry",
    "Riverside",
    "Summit",
    "Timber",
    "Union",
    "Valley",
    "Western",
    "Yellowstone",
    "Zenith",
];
const SECOND: [&str; 20] = [
    "Aerospace",
    "Bank",
    "Chemicals",
    "Dynamics",
    "Energy",
    "Foods",
    "Gold",
    "Health",
    "Insurance",
    "Jewellery",
    "Kinetics",
    "Logistics",
    "Materials",
    "Networks",
    "Oil",
    "Pharmaceuticals",
    "Railways",
    "Semiconductors",
    "Telecom",
    "Utilities",
];
const THIRD: [&str; 5] = ["Holdings", "Group", "Corporation", "Partners", "Trust"];

/// Milliseconds of each kind of search: half of them, 99 of 100, and the slowest.
pub(crate) async fn measure(
    instance: &Instance,
    instruments: usize,
    searches: usize,
) -> anyhow::Result<Value> {
    let person = person(instance).await?;
    load(instance, instruments).await?;
    let mut kinds = Map::new();
    for (kind, text) in KINDS {
        let mut times = Vec::with_capacity(searches);
        for turn in 0..searches {
            let place = turn * 7919 % instruments;
            let mut tx = instance.app.db.read(person).await?;
            let text = text(place);
            let started = Instant::now();
            let found = market::instruments::search(tx.conn(), &text, MATCHES).await?;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
            anyhow::ensure!(!found.is_empty(), "nothing was found for {text}");
        }
        kinds.insert(kind.to_owned(), percentiles(times));
    }
    Ok(json!({ "instruments": instruments, "searches": searches, "ms": kinds }))
}

/// What a person types who looks for the instrument of this place.
type Typed = fn(usize) -> String;
const KINDS: [(&str, Typed); 7] = [
    ("symbol", symbol),
    ("symbol_prefix", |place| {
        symbol(place).chars().take(3).collect()
    }),
    ("one_letter", |place| {
        symbol(place).chars().take(1).collect()
    }),
    ("name_prefix", |place| {
        name(place).chars().take(12).collect()
    }),
    ("word_in_name", |place| {
        SECOND[place / FIRST.len() % SECOND.len()].to_lowercase()
    }),
    ("number_in_name", |place| format!("{place:06}")),
    ("misspelt", |place| {
        FIRST[place % FIRST.len()].replacen(['a', 'e', 'i', 'o', 'u'], "y", 1)
    }),
];

fn symbol(place: usize) -> String {
    let letter = |digit: usize| char::from(b'A' + u8::try_from(digit % 26).unwrap_or(0));
    [17_576, 676, 26, 1]
        .map(|weight| letter(place / weight))
        .iter()
        .collect()
}

fn name(place: usize) -> String {
    let first = FIRST[place % FIRST.len()];
    let second = SECOND[place / FIRST.len() % SECOND.len()];
    let third = THIRD[place / 500 % THIRD.len()];
    format!("{first} {second} {third} {place:06}")
}

async fn load(instance: &Instance, instruments: usize) -> anyhow::Result<()> {
    let mut tx = instance.app.db.system("benchmark").await?;
    let columns = ["symbol", "exchange", "name", "currency", "sector"];
    let mut writer = CopyWriter::begin(tx.conn(), "market.instruments", &columns).await?;
    for place in 0..instruments {
        // The symbols of four letters are shared by listings on several exchanges.
        let exchange = ["XNAS", "XNYS", "XLON"][place % 3];
        writer
            .row(|row| {
                row.field(symbol(place).as_str())?
                    .field(format!("{exchange}{}", place / 456_976).as_str())?
                    .field(name(place).as_str())?
                    .field("USD")?
                    .field(SECOND[place / FIRST.len() % SECOND.len()])?;
                Ok(())
            })
            .await?;
    }
    writer.finish().await?;
    tx.commit().await?;
    // As autovacuum does within a minute; until then the indexes of words have a list of what is new.
    for table in ["market.instruments", "market.name_words"] {
        crate::load::psql(instance, &format!("vacuum analyze {table}"))?;
    }
    Ok(())
}

async fn person(instance: &Instance) -> anyhow::Result<UserId> {
    let app = &instance.app;
    let email = "searcher@example.org";
    let new = NewUser {
        email: email.parse()?,
        name: String::new(),
    };
    let password = Password::new("a long and quiet river", email)?;
    Ok(users::add(&app.db, &app.clock, new, Some(password))
        .await?
        .id)
}

fn percentiles(mut times: Vec<f64>) -> Value {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = ((times.len() as f64 - 1.0) * share).round() as usize;
        times
            .get(place)
            .map(|time| (time * 1000.0).round() / 1000.0)
    };
    json!({ "p50": at(0.5), "p99": at(0.99), "max": at(1.0) })
}
