//! A person in front of the browser: does what they do by the words they see, and looks at pages.

mod judgement;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use thirtyfour::{By, Key, WebDriver, WebElement, components::SelectElement};

use crate::{
    chrome::Chrome,
    site::{EMAIL, PASSWORD, Site},
};

const PATIENCE: Duration = Duration::from_secs(20);
const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scripts {
    On,
    Off,
}

pub(crate) struct Person {
    chrome: Chrome,
    address: String,
    journey: &'static str,
    scripts: Scripts,
    /// Where pictures go, and how many there are.
    pictures: Option<(PathBuf, u32)>,
}

impl Person {
    pub(crate) async fn at_a_desk(site: &Site, journey: &'static str) -> Self {
        Self::new(DESKTOP, Scripts::On, site, journey).await
    }

    pub(crate) async fn without_scripts(site: &Site, journey: &'static str) -> Self {
        let person = Self::new(DESKTOP, Scripts::Off, site, journey).await;
        person.allow_scripts(false).await;
        person
    }

    pub(crate) async fn on_a_phone(site: &Site, journey: &'static str) -> Self {
        let person = Self::new(PHONE, Scripts::On, site, journey).await;
        person
            .device(
                "Emulation.setDeviceMetricsOverride",
                json!({
                    "width": PHONE.0, "height": PHONE.1, "deviceScaleFactor": 2, "mobile": true,
                }),
            )
            .await;
        person
    }

    async fn new(window: (u32, u32), scripts: Scripts, site: &Site, journey: &'static str) -> Self {
        let pictures = std::env::var_os("BURSAR_SCREENSHOTS").map(|_| {
            let folder = Path::new(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../target/screenshots"
            ));
            std::fs::create_dir_all(folder).expect("a folder for pictures");
            (folder.to_owned(), 0)
        });
        let chrome = Chrome::start(window).await;
        let person = Self {
            chrome,
            address: site.address.clone(),
            journey,
            scripts,
            pictures,
        };
        person.light("light").await;
        person
    }

    fn session(&self) -> &WebDriver {
        self.chrome.session()
    }
}

/// Going about.
impl Person {
    pub(crate) async fn open(&self, path: &str) {
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.address)
        };
        self.session().goto(&address).await.expect("the page opens");
    }

    pub(crate) async fn sign_in(&self) {
        self.open("/identity/sign-in").await;
        self.fill("Email", EMAIL).await;
        self.fill("Password", PASSWORD).await;
        self.press("Sign in").await;
    }

    /// Follows the first visible link with exactly this text.
    pub(crate) async fn follow(&self, text: &str) {
        self.visible(&format!("//a[normalize-space()={}]", quoted(text)))
            .await
            .click()
            .await
            .expect("a click");
    }

    /// Presses the first visible button with this text, or with this name for those who do not see.
    pub(crate) async fn press(&self, text: &str) {
        let text = quoted(text);
        let button = format!("//button[normalize-space()={text} or @aria-label={text}]");
        self.visible(&button).await.click().await.expect("a click");
    }

    /// Opens what is folded under a text.
    pub(crate) async fn unfold(&self, text: &str) {
        self.visible(&format!(
            "//summary[normalize-space()={0} or @aria-label={0}]",
            quoted(text)
        ))
        .await
        .click()
        .await
        .expect("a click");
    }

    pub(crate) async fn keys(&self, keys: &str) {
        self.session()
            .action_chain()
            .send_keys(keys)
            .perform()
            .await
            .expect("keys");
    }

    pub(crate) async fn control(&self, key: char) {
        let chain = self
            .session()
            .action_chain()
            .key_down(Key::Control)
            .send_keys(key.to_string());
        chain.key_up(Key::Control).perform().await.expect("keys");
    }
}

/// Filling in.
impl Person {
    /// Types into a field, in place of what it held. Days are written year first.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.expect("an empty field");
        let text = match field.attr("type").await.expect("a type").as_deref() {
            Some("date") => {
                let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else {
                    panic!("{text} is no day");
                };
                format!("{month}{day}{year}")
            }
            _ => text.to_owned(),
        };
        field.send_keys(text).await.expect("typed");
    }

    pub(crate) async fn choose(&self, label: &str, option: &str) {
        let select = SelectElement::new(&self.field(label).await)
            .await
            .expect("a choice");
        select
            .select_by_exact_text(option)
            .await
            .unwrap_or_else(|error| {
                panic!("{label} does not offer {option}: {error}");
            });
    }

    pub(crate) async fn upload(&self, label: &str, file: &Path) {
        self.field(label)
            .await
            .send_keys(file.display().to_string())
            .await
            .expect("a file");
    }

    pub(crate) async fn tick(&self, label: &str) {
        self.field(label).await.click().await.expect("a click");
    }

    pub(crate) async fn field_holds(&self, label: &str) -> String {
        self.field(label)
            .await
            .prop("value")
            .await
            .expect("a value")
            .unwrap_or_default()
    }

    async fn field(&self, label: &str) -> WebElement {
        let label = self
            .visible(&format!(
                "//label[normalize-space(text()[1])={0} or normalize-space()={0}]",
                quoted(label)
            ))
            .await;
        match label.attr("for").await.expect("a label") {
            Some(id) => self
                .session()
                .find(By::Id(id))
                .await
                .expect("the labelled field"),
            None => label
                .find(By::Tag("input"))
                .await
                .expect("the labelled field"),
        }
    }
}

/// Looking.
impl Person {
    /// The first visible element of an XPath, as soon as there is one.
    pub(crate) async fn visible(&self, path: &str) -> WebElement {
        let begun = Instant::now();
        loop {
            for element in self
                .session()
                .find_all(By::XPath(path))
                .await
                .unwrap_or_default()
            {
                if element.is_displayed().await.unwrap_or(false) {
                    return element;
                }
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "nothing visible is {path} on {}",
                self.place().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// All visible texts of an XPath.
    pub(crate) async fn texts(&self, path: &str) -> Vec<String> {
        let script = "const found = document.evaluate(arguments[0], document, null,
                XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
            return Array.from({ length: found.snapshotLength }, (_, at) => found.snapshotItem(at))
                .filter((element) => element.checkVisibility())
                .map((element) => element.innerText.trim());";
        let texts = self
            .session()
            .execute(script, [json!(path)])
            .await
            .expect("a script");
        texts.convert().expect("texts")
    }

    async fn text(&self) -> String {
        let body = self.session().find(By::Tag("body")).await;
        match body {
            // The page may be on its way out; the next look sees the new one.
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    pub(crate) async fn sees(&self, text: &str) {
        let begun = Instant::now();
        while !self.text().await.contains(text) {
            assert!(
                begun.elapsed() < PATIENCE,
                "no “{text}” on {}:\n{}",
                self.place().await,
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn sees_no(&self, text: &str) {
        let page = self.text().await;
        assert!(
            !page.contains(text),
            "“{text}” on {}:\n{page}",
            self.place().await
        );
    }

    /// The headline figure of this name.
    pub(crate) async fn stat(&self, name: &str) -> String {
        let figure = format!(
            "//dl//dt[normalize-space()={}]/following-sibling::dd[1]",
            quoted(name)
        );
        self.visible(&figure).await.text().await.expect("a figure")
    }

    /// The cell of a table: in the row that begins with a text, in the column of a heading.
    pub(crate) async fn cell(&self, row: &str, column: &str) -> String {
        let cell = format!(
            "//tr[starts-with(normalize-space(),{})]/td[@data-label={}]",
            quoted(row),
            quoted(column)
        );
        self.visible(&cell).await.text().await.expect("a cell")
    }

    /// At exactly this address, or soon.
    pub(crate) async fn is_at(&self, path: &str) {
        let expected = format!("{}{path}", self.address);
        self.arrives(&expected, |place| place == expected).await;
    }

    /// At an address with this in it, or soon.
    pub(crate) async fn is_at_one(&self, part: &str) {
        self.arrives(part, |place| place.contains(part)).await;
    }

    async fn arrives(&self, expected: &str, is_there: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        while !is_there(&self.place().await) {
            assert!(
                begun.elapsed() < PATIENCE,
                "at {}, not at {expected}:\n{}",
                self.place().await,
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn place(&self) -> String {
        self.session()
            .current_url()
            .await
            .expect("an address")
            .to_string()
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.session()
            .execute(script, [])
            .await
            .expect("a script")
            .json()
            .clone()
    }

    pub(crate) async fn point_at(&self, element: &WebElement) {
        let chain = self
            .session()
            .action_chain()
            .move_to_element_center(element);
        chain.perform().await.expect("the pointer moves");
    }

    /// Waits until what the page sends behind itself has been answered.
    pub(crate) async fn settles(&self) {
        let open = "return performance.getEntriesByType('resource').filter((entry) => \
            entry.initiatorType === 'fetch' && entry.responseEnd > 0).length";
        let begun = Instant::now();
        while self.run(open).await == json!(0) {
            assert!(
                begun.elapsed() < PATIENCE,
                "nothing was sent from {}",
                self.place().await
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn css(&self, path: &str, property: &str) -> String {
        self.visible(path)
            .await
            .css_value(property)
            .await
            .expect("a style")
    }
}

/// A text as XPath writes it.
pub(crate) fn quoted(text: &str) -> String {
    assert!(!text.contains('"'), "{text}");
    format!("\"{text}\"")
}
