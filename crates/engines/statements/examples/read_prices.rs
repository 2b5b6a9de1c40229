//! Summarises a price or rate file: `cargo run -p statements --example read_prices FILE`.
#![expect(clippy::print_stdout, reason = "a command-line program")]

use std::{fs::File, io::BufReader};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file")?;
    let open = || File::open(&path).map(BufReader::new);
    let rates = statements::fx(open()?);
    match rates {
        Ok(rates) => summarise(rates),
        Err(unreadable) => println!("no rates: {unreadable}"),
    }
    match statements::bars(open()?) {
        Ok(bars) => summarise(bars),
        Err(unreadable) => println!("no bars: {unreadable}"),
    }
    Ok(())
}

fn summarise<T: std::fmt::Debug>(items: impl Iterator<Item = Result<T, statements::Rejection>>) {
    let (mut last, mut read, mut refused) = (None, 0, 0);
    for item in items {
        match item {
            Ok(row) => {
                read += 1;
                last = Some(row);
            }
            Err(rejection) => {
                refused += 1;
                if refused <= 5 {
                    println!(
                        "line {}: {} {}",
                        rejection.line, rejection.code, rejection.message
                    );
                }
            }
        }
    }
    println!("{read} read, {refused} refused, last {last:?}");
}
