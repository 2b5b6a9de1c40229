//! Signing in with more than a password: an authenticator app, and a passkey in both of its ways.

use serde_json::json;

use crate::{
    person::Person,
    site::{Mode, Site},
};

const TAB: &str = "/identity/settings/factors";

#[tokio::test(flavor = "multi_thread")]
async fn browser_second_factors() {
    let mut site = Site::start(Mode::Real).await;
    // Browsers know no passkeys of 127.0.0.1.
    site.is_opened_as_localhost();
    let ann_id = site.ann().await;
    site.small_portfolio(ann_id).await;
    let mut ann = Person::at_a_desk(&site, "factors").await;
    ann.sign_in().await;
    ann.is_at("/").await;

    app(&site, &mut ann).await;
    passkey(&mut ann).await;
    ann.leaves().await;
}

async fn sign_out(ann: &mut Person) {
    ann.unfold("Menu of Ann").await;
    ann.press("Sign out").await;
    ann.is_at("/identity/sign-in").await;
}

async fn app(site: &Site, ann: &mut Person) {
    ann.open(TAB).await;
    ann.sees("Your password alone signs in").await;
    ann.page("none").await;
    ann.press("Set up an app").await;
    ann.sees("Scan this picture").await;
    ann.page("app").await;
    let secret = ann.texts("//code[@class='secret']").await.concat();
    ann.fill("Code of the app", &site.code_of_app(&secret))
        .await;
    ann.press("Turn it on").await;
    ann.sees("They are not shown again").await;
    assert_eq!(ann.texts("//ul[@class='codes']/li").await.len(), 10);
    ann.page("recovery-codes").await;
    ann.follow("I have them").await;
    ann.sees("Your password alone does not sign in").await;

    sign_out(ann).await;
    site.half_a_minute_passes();
    ann.sign_in().await;
    ann.sees("Second step").await;
    ann.page("second-step").await;
    ann.open("/portfolio/holdings").await;
    ann.sees("Second step").await;
    ann.fill("Code", &site.code_of_app(&secret)).await;
    ann.press("Go on").await;
    ann.is_at("/portfolio/holdings").await;
}

async fn passkey(ann: &mut Person) {
    ann.device("WebAuthn.enable", json!({})).await;
    let options = json!({ "options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true,
        "automaticPresenceSimulation": true,
    }});
    let made = ann
        .device("WebAuthn.addVirtualAuthenticator", options)
        .await;
    let id = made["authenticatorId"].as_str().expect("an id");
    // Where she does not touch the device, the page that offers passkeys beside the fields waits.
    let touches = async |ann: &Person, enabled: bool| {
        let touch = json!({ "authenticatorId": id, "enabled": enabled });
        ann.device("WebAuthn.setAutomaticPresenceSimulation", touch)
            .await;
    };
    ann.open(TAB).await;
    ann.fill("Name of a new passkey", "Phone").await;
    ann.press("Add a passkey").await;
    ann.sees("Saved.").await;
    assert_eq!(ann.cell("Phone", "Last used").await, "never");
    ann.page("passkey").await;

    touches(ann, false).await;
    sign_out(ann).await;
    ann.sign_in().await;
    ann.sees("Second step").await;
    ann.page("second-step-passkey").await;
    touches(ann, true).await;
    ann.press("Use a passkey").await;
    ann.is_at("/").await;

    touches(ann, false).await;
    sign_out(ann).await;
    ann.page("sign-in").await;
    touches(ann, true).await;
    ann.press("Sign in with a passkey").await;
    ann.is_at("/").await;
    ann.open(TAB).await;
    assert_ne!(ann.cell("Phone", "Last used").await, "never");
}
