//! What every page must be, whatever it shows.

use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use super::{PATIENCE, Person, Scripts};
use crate::accessibility::{self, Rules};

impl Person {
    /// The page is as every page must be; `name` is that of its picture.
    pub(crate) async fn page(&mut self, name: &str) {
        self.is_content().await;
        self.judge(name).await;
    }

    /// The browser has nothing to complain of; for pages that are not our own making.
    pub(crate) async fn is_content(&self) {
        self.complete().await;
        self.no_complaint(&[]).await;
    }

    /// The page of a refusal, which the browser notes by its status.
    pub(crate) async fn refusal(&mut self, name: &str, status: u16) {
        self.complete().await;
        self.no_complaint(&[&format!("responded with a status of {status}")])
            .await;
        self.judge(name).await;
    }

    async fn judge(&mut self, name: &str) {
        let place = format!("{name} ({})", self.place().await);
        let wide = self
            .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
            .await;
        assert_eq!(
            wide,
            json!(0),
            "{place} scrolls sideways, by so many pixels"
        );
        self.picture(name, "light").await;
        // The page is what it became without scripts; axe-core is a guest.
        self.allow_scripts(true).await;
        accessibility::check(self.session(), Rules::All, &place).await;
        self.light("dark").await;
        accessibility::check(self.session(), Rules::Colours, &place).await;
        self.picture(name, "dark").await;
        self.light("light").await;
        self.allow_scripts(self.scripts == Scripts::On).await;
    }

    /// The last page has nothing to complain of either.
    pub(crate) async fn leaves(self) {
        self.no_complaint(&[]).await;
    }

    async fn complete(&self) {
        let begun = Instant::now();
        while self.run("return document.readyState").await != json!("complete") {
            assert!(
                begun.elapsed() < PATIENCE,
                "{} does not finish",
                self.place().await
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The browser has logged nothing but what is expected.
    async fn no_complaint(&self, expected: &[&str]) {
        let log = self
            .session()
            .browser_log()
            .await
            .expect("the log of the browser");
        let complaints: Vec<String> = log
            .into_iter()
            .filter(|entry| matches!(entry.level.as_str(), "SEVERE" | "WARNING"))
            .filter(|entry| !expected.iter().any(|text| entry.message.contains(text)))
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .collect();
        assert!(
            complaints.is_empty(),
            "{}:\n{}",
            self.place().await,
            complaints.join("\n")
        );
    }

    /// Whether the room is light or dark, as the device would say; nothing moves meanwhile.
    pub(super) async fn light(&self, scheme: &str) {
        self.device(
            "Emulation.setEmulatedMedia",
            json!({ "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ]}),
        )
        .await;
        let question = format!("return matchMedia('(prefers-color-scheme: {scheme})').matches");
        while self.run(&question).await != json!(true) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) async fn allow_scripts(&self, allowed: bool) {
        if self.scripts == Scripts::Off {
            self.device(
                "Emulation.setScriptExecutionDisabled",
                json!({ "value": !allowed }),
            )
            .await;
        }
    }

    pub(crate) async fn device(&self, method: &str, parameters: Value) -> Value {
        self.session()
            .cdp()
            .send_raw(method, parameters)
            .await
            .expect("the device obeys")
    }

    async fn picture(&mut self, name: &str, scheme: &str) {
        let Some((folder, count)) = &mut self.pictures else {
            return;
        };
        *count += u32::from(scheme == "light");
        let path = folder.join(format!("{}-{count:02}-{name}-{scheme}.png", self.journey));
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.device("Page.captureScreenshot", whole).await;
        let data = answer["data"].as_str().expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(data)
            .expect("base64");
        std::fs::write(path, bytes).expect("a picture kept");
    }
}
