//! The first steps of a newcomer, left and resumed, where no script may run.

use crate::{
    person::Person,
    site::{Mode, Site},
};

#[tokio::test(flavor = "multi_thread")]
async fn browser_first_steps_without_javascript() {
    let site = Site::start(Mode::Real).await;
    let ann_id = site.ann().await;
    site.small_portfolio(ann_id).await;
    let mut ann = Person::without_scripts(&site, "onboarding").await;
    ann.sign_in().await;
    ann.is_at("/").await;
    ann.sees("First steps: 0 percent").await;
    ann.follow("Begin").await;
    ann.is_at("/identity/onboarding/welcome").await;
    ann.page("welcome").await;
    ann.press("Save and go on").await;
    ann.choose("What have you done so far?", "Intermediate: for some years")
        .await;
    ann.press("Save and go on").await;
    ann.is_at("/identity/onboarding/risk").await;
    for answer in [
        "Wait",
        "In three to seven years",
        "Up to a quarter",
        "Gain 12 percent or lose 10",
        "Rather sure",
    ] {
        ann.tick(answer).await;
    }
    ann.page("risk").await;
    ann.press("Save and go on").await;

    // Lunch.
    ann.follow("Leave").await;
    ann.sees("First steps: 42 percent").await;
    ann.follow("Go on").await;
    ann.is_at("/identity/onboarding/horizon").await;
    ann.follow("Back").await;
    ann.sees("Your profile is Moderate: 16 of 25 points").await;
    ann.follow("Forward").await;
    ann.press("Skip for now").await;
    ann.fill("First name", "Ann").await;
    ann.fill("Phone number", "0170").await;
    ann.press("Save and go on").await;
    ann.refusal("phone-refused", 422).await;
    ann.fill("Phone number", "+49 170 1234567").await;
    ann.press("Save and go on").await;
    ann.press("Skip for now").await;
    ann.is_at("/identity/onboarding/legal").await;
    for consent in [
        "I accept the terms of use",
        "I have read what becomes of my data",
        "I understand that I can lose money",
    ] {
        ann.tick(consent).await;
    }
    ann.page("agreement").await;
    ann.press("Agree and finish").await;
    ann.sees("100 percent").await;
    ann.page("complete").await;
    ann.open("/").await;
    ann.sees_no("First steps").await;
    ann.open("/identity/settings/details").await;
    ann.sees("•••• 4567").await;
    ann.page("details").await;
    ann.leaves().await;
}
