//! Prints what a statement says: `cargo run -p statements --example read_statement FILE`.
#![expect(clippy::print_stdout, reason = "a command-line program")]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file")?;
    let bytes = std::fs::read(path)?;
    let statement = match statements::read(&bytes) {
        Err(statements::Unreadable::UnknownFormat { .. }) => {
            let columns = statements::preview_columns(&bytes)?;
            println!("columns {:?}", columns.names);
            println!("mapping {:?}", columns.mapping.columns);
            println!("unknown types {:?}", columns.unknown_types);
            statements::read_with(&bytes, &columns.mapping)?
        }
        other => other?,
    };
    println!("{:?}", statement.format);
    for row in &statement.rows {
        let security = row
            .security
            .as_ref()
            .map_or("", |security| &security.symbol);
        println!(
            "line {}: {} {:?} {security} {:?} @ {:?} = {} {} fees {} taxes {} {:?}",
            row.line,
            row.date,
            row.kind,
            row.quantity,
            row.price,
            row.amount,
            row.currency,
            row.fees,
            row.taxes,
            row.external_id
        );
    }
    for (word, list) in [
        ("rejected", &statement.rejected),
        ("skipped", &statement.skipped),
    ] {
        for rejection in list {
            println!(
                "{word} line {}: {} {}",
                rejection.line, rejection.code, rejection.message
            );
        }
    }
    Ok(())
}
