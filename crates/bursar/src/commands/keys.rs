use std::{collections::BTreeMap, fmt::Write as _};

use indicatif::{ProgressBar, ProgressStyle};
use seal::KeyId;
use serde_json::json;

use super::{
    Outcome,
    print::{print, table},
};
use crate::{
    Instance,
    cli::{KeysCommand, Output},
};

pub(super) async fn run(instance: &Instance, command: KeysCommand) -> anyhow::Result<Outcome> {
    match command {
        KeysCommand::List(output) => list(instance, output).await.map(|()| Outcome::Done),
        KeysCommand::Rotate(output) => rotate(instance, output).await,
    }
}

async fn list(instance: &Instance, output: Output) -> anyhow::Result<()> {
    let app = &instance.app;
    let mut values: BTreeMap<KeyId, i64> = BTreeMap::new();
    for (_, key, count) in seal::key_uses(&app.db).await? {
        *values.entry(key).or_default() += count;
    }
    let mut rows = Vec::new();
    for key in app.sealer.keys() {
        let state = if key.is_active {
            "writes and reads"
        } else {
            "reads"
        };
        let count = values.remove(&key.id).unwrap_or(0);
        rows.push((key.id, key.origin.to_string(), state, count));
    }
    for (id, count) in values {
        rows.push((id, "not here".to_owned(), "missing", count));
    }
    let value: Vec<_> = rows
        .iter()
        .map(|(id, origin, state, count)| {
            json!({ "id": id.to_string(), "origin": origin, "state": state, "values": count })
        })
        .collect();
    print(output, &value, |out| {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|(id, origin, state, count)| {
                let state = (*state).to_owned();
                vec![id.to_string(), origin.clone(), state, count.to_string()]
            })
            .collect();
        let header = [
            ("key", false),
            ("from", false),
            ("state", false),
            ("values", true),
        ];
        table(out, &header, &rows)
    })
}

async fn rotate(instance: &Instance, output: Output) -> anyhow::Result<Outcome> {
    let app = &instance.app;
    // Draws nothing where standard error is no terminal.
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "sealing anew {bar:40} {pos}/{len}",
    )?);
    let rotated = seal::rotate(&app.db, &app.sealer, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })
    .await;
    bar.finish_and_clear();
    let rotated = rotated?;
    let unreadable: Vec<String> = rotated
        .unreadable
        .iter()
        .map(|value| value.reason.to_string())
        .collect();
    let value = json!({
        "active": rotated.active.to_string(),
        "resealed": rotated.resealed,
        "retired": rotated.retired,
        "unreadable": unreadable,
    });
    print(output, &value, |out| {
        let mut text = format!(
            "key {} seals {} more values\n",
            rotated.active, rotated.resealed
        );
        for file in &rotated.retired {
            // Writing to a string cannot fail.
            _ = writeln!(
                text,
                "secrets/{file}: nothing is sealed with it any more; keep it as long as a backup of \
                 before may be restored"
            );
        }
        for reason in &unreadable {
            _ = writeln!(text, "left as it is: {reason}");
        }
        out.write_all(text.as_bytes())
    })?;
    Ok(if unreadable.is_empty() {
        Outcome::Done
    } else {
        Outcome::Partial
    })
}
