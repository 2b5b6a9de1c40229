//! Writes a ledger of about so many MiB in Bursar's own CSV to standard output, to try long imports:
//! `cargo run --release -p statements --example long_ledger -- 100 > long.csv`.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mib: usize = std::env::args().nth(1).unwrap_or_default().parse()?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let header = "date,type,symbol,quantity,price,fees,currency,external_id,note\n";
    out.write_all(header.as_bytes())?;
    let (mut written, mut record) = (header.len(), 0_u64);
    let first = jiff::civil::date(2004, 1, 1);
    while written < mib << 20 {
        record += 1;
        let day = first.saturating_add(jiff::Span::new().days(i64::try_from(record / 200)?));
        // Sold is what was bought two hundred records before.
        let (kind, of) = if record % 400 > 200 {
            ("sell", record - 200)
        } else {
            ("buy", record)
        };
        let line = format!(
            "{day},{kind},SYM{},{}.{:03},{}.{:02},0.35,EUR,T{record:09},order {record}\n",
            of % 200,
            of % 89 + 1,
            of % 1_000,
            of % 450 + 20,
            of % 100,
        );
        written += line.len();
        out.write_all(line.as_bytes())?;
    }
    Ok(out.flush()?)
}
