//! Writes every component with sample data into a folder of static pages, to look at them without a
//! server or a database:
//!
//! ```sh
//! cargo run -p web --example gallery -- /tmp/gallery
//! python3 -m http.server --bind 127.0.0.1 --directory /tmp/gallery 8421
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks on stdout")]

mod pages;
mod samples;

use std::{error::Error, fs, path::Path};

use maud::Markup;
use web::{Chrome, Theme, assets};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: gallery FOLDER")?;
    let folder = Path::new(&folder);
    let assets_folder = folder.join("assets");
    fs::create_dir_all(&assets_folder)?;
    for (file, bytes) in assets::files() {
        fs::write(assets_folder.join(file), bytes)?;
    }
    for (name, theme) in [("light", Theme::Light), ("dark", Theme::Dark)] {
        let chrome = samples::chrome(theme);
        write(folder, name, "dashboard", &pages::dashboard(&chrome))?;
        write(folder, name, "holdings", &pages::holdings(&chrome))?;
        write(folder, name, "holding", &pages::holding(&chrome))?;
        write(folder, name, "form", &pages::form(&chrome))?;
        write(folder, name, "states", &pages::states(&chrome))?;
        write(folder, name, "confirm", &pages::confirm(&chrome))?;
        write(folder, name, "error", &pages::error(&chrome))?;
        let stranger = Chrome {
            visitor: None,
            ..chrome.clone()
        };
        write(folder, name, "sign-in", &pages::sign_in(&stranger))?;
        let private = Chrome {
            private: true,
            ..chrome
        };
        write(folder, name, "private", &pages::dashboard(&private))?;
    }
    println!("{}", folder.display());
    Ok(())
}

fn write(folder: &Path, theme: &str, page: &str, markup: &Markup) -> Result<(), Box<dyn Error>> {
    fs::write(folder.join(format!("{page}-{theme}.html")), &markup.0)?;
    Ok(())
}
