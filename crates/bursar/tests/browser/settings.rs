//! Who may come in, and how they like their pages.

use testkit::Browser;

use crate::{
    person::Person,
    site::{EMAIL, Mode, PASSWORD, Site},
};

#[tokio::test(flavor = "multi_thread")]
async fn browser_sign_in_and_settings() {
    let site = Site::start(Mode::Real).await;
    let ann_id = site.ann().await;
    site.small_portfolio(ann_id).await;
    let mut ann = Person::at_a_desk(&site, "settings").await;

    come_and_go(&mut ann).await;
    colours(&mut ann).await;
    numbers(&mut ann).await;
    tokens(&site, &mut ann).await;
    sessions(&site, &mut ann).await;
    ann.leaves().await;
}

async fn come_and_go(ann: &mut Person) {
    ann.open("/portfolio/holdings").await;
    ann.is_at("/identity/sign-in?next=/portfolio/holdings")
        .await;
    ann.page("sign-in").await;
    ann.fill("Email", EMAIL).await;
    ann.fill("Password", "not the river at all").await;
    ann.press("Sign in").await;
    ann.sees("do not match an account here").await;
    ann.refusal("sign-in-refused", 422).await;
    ann.fill("Password", PASSWORD).await;
    ann.press("Sign in").await;
    ann.is_at("/portfolio/holdings").await;

    ann.unfold("Menu of Ann").await;
    ann.page("menu").await;
    ann.press("Sign out").await;
    ann.is_at("/identity/sign-in").await;
    ann.open("/").await;
    ann.sees("Sign in").await;
    ann.sign_in().await;
    ann.is_at("/").await;
    assert_eq!(ann.stat("Value").await, "€10,815.00");
    ann.open("/no/such/page").await;
    ann.refusal("not-found", 404).await;
}

async fn colours(ann: &mut Person) {
    ann.open("/identity/settings").await;
    ann.page("preferences").await;
    let light = ann.css("/html", "background-color").await;
    ann.choose("Colours", "Dark").await;
    ann.press("Save").await;
    ann.sees("Saved.").await;
    let dark = ann.css("/html", "background-color").await;
    assert_ne!(light, dark, "a light room, and yet dark");
    ann.open("/").await;
    assert_eq!(
        ann.css("/html", "background-color").await,
        dark,
        "on every page"
    );
    ann.page("dashboard-chosen-dark").await;
    // The menu changes it at once, and for good.
    ann.unfold("Menu of Ann").await;
    ann.press("Light").await;
    assert_eq!(ann.css("/html", "background-color").await, light);
    ann.settles().await;
    ann.open("/portfolio/holdings").await;
    assert_eq!(ann.css("/html", "background-color").await, light);
}

async fn numbers(ann: &mut Person) {
    ann.open("/identity/settings").await;
    ann.choose("Numbers and dates", "Deutsch (Deutschland)")
        .await;
    ann.press("Save").await;
    ann.sees("Saved.").await;
    ann.open("/").await;
    assert_eq!(ann.stat("Value").await, "10.815,00 €");
    ann.page("dashboard-german").await;
}

async fn tokens(site: &Site, ann: &mut Person) {
    ann.open("/identity/settings/tokens").await;
    ann.page("tokens-empty").await;
    ann.follow("API browser").await;
    ann.sees("/api/v1/portfolio/portfolios").await;
    ann.is_content().await;
    ann.open("/identity/settings/tokens").await;
    ann.fill("What it is for", "Backup").await;
    ann.press("Make a token").await;
    ann.sees("It is not shown again").await;
    ann.page("token").await;
    let secret = ann.texts("//code[@class='secret']").await.concat();
    let mut program = Browser::with_token(&site.router, &secret);
    let portfolios = program.read("/api/v1/portfolio/portfolios").await;
    assert_eq!(portfolios[0]["name"], "Depot", "{portfolios}");
    ann.open("/identity/settings/tokens").await;
    ann.sees("Backup").await;
    ann.sees_no(&secret).await;
    ann.press("Revoke").await;
    ann.sees("There is no token.").await;
    let refused = program.get("/api/v1/portfolio/portfolios").await;
    assert_eq!(refused.status.as_u16(), 401, "{}", refused.body);
}

async fn sessions(site: &Site, ann: &mut Person) {
    let mut elsewhere = Browser::new(&site.router);
    elsewhere.get("/identity/sign-in").await;
    let form = [("email", EMAIL), ("password", PASSWORD), ("next", "/")];
    elsewhere
        .post("/identity/sign-in", &form)
        .await
        .leads_to("/");
    elsewhere.get("/").await.shows("10.815,00");

    ann.open("/identity/settings/sessions").await;
    ann.sees("Firefox").await;
    ann.page("sessions").await;
    ann.press("End").await;
    ann.sees("Saved.").await;
    ann.sees_no("Firefox").await;
    elsewhere.get("/").await.leads_below("/identity/sign-in");
    ann.open("/identity/settings/security").await;
    ann.page("security").await;
}
