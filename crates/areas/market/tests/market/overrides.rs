#![expect(clippy::float_cmp, reason = "what was stored comes back as it was")]
use axum::http::{Method, StatusCode};
use serde_json::Value;

use crate::{
    bars_of,
    site::{Answer, Site},
};

async fn send(site: &Site, token: &str, path: &str, body: &str) -> Answer {
    let call = site.call(Method::POST, path, token);
    call.header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .send(body.to_owned())
        .await
}

#[tokio::test]
async fn a_close_is_stated_by_hand_kept_with_its_history_and_withdrawn() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let instrument = site
        .get(&format!("/market/instruments/{id}"), &site.ann)
        .await
        .text;
    let path = format!("/market/instruments/{id}/overrides");
    assert!(
        instrument.contains(&format!("href=\"{path}\"")),
        "reached from the instrument"
    );
    let empty = site.get(&path, &site.owner).await.text;
    assert!(
        empty.contains("Nobody has stated a close of ACME"),
        "{empty}"
    );
    assert!(
        empty.contains("No daily price has been corrected yet."),
        "{empty}"
    );
    assert!(
        empty.contains("Nobody has stated or withdrawn a close yet."),
        "{empty}"
    );

    let form = "date=2024-05-31&close=10.5&reason=Typed+from+the+paper";
    let done = send(&site, &site.owner, &path, form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = site.get(&path, &site.ann).await.text;
    assert!(page.contains("Typed from the paper"), "{page}");
    assert!(page.contains("What daily prices were before"), "{page}");
    let history = page.split_once("What daily prices were before").unwrap().1;
    assert!(
        history.contains("value=\"11\"") && history.contains("value=\"10.5\""),
        "{history}"
    );
    assert!(
        history.contains(">test<") && history.contains(">a person<"),
        "{history}"
    );
    let closes = site.closes(id).await;
    assert_eq!(closes.last().unwrap().1, 10.5);
    let shown = site
        .get(&format!("/market/instruments/{id}"), &site.ann)
        .await
        .text;
    assert!(shown.contains(">a person<"), "{shown}");

    let withdraw = format!("{path}/2024-05-31/withdraw");
    let refused = send(&site, &site.ann, &withdraw, "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let done = send(&site, &site.owner, &withdraw, "").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(
        site.closes(id).await.last().unwrap().1,
        11.0,
        "the source speaks again"
    );
    let gone = send(&site, &site.owner, &withdraw, "").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_history_names_who_stated_and_who_withdrew() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let path = format!("/market/instruments/{id}/overrides");
    let stated = "date=2024-05-31&close=10.5&reason=Typed+from+the+paper";
    send(&site, &site.owner, &path, stated).await;
    let other = site.admin("Olga Other").await;
    send(&site, &other, &format!("{path}/2024-05-31/withdraw"), "").await;

    let api = format!("/api/v1/market/instruments/{id}/overrides");
    let seen = async |token: &str| {
        let changes = site.get(&api, token).await.json()["changes"].clone();
        let changes = changes.as_array().unwrap().clone();
        let view = |change: &Value| {
            (
                change["close"].as_f64(),
                change["is_own"].as_bool().unwrap(),
                change["by"].as_str().map(str::to_owned),
            )
        };
        changes.iter().map(view).collect::<Vec<_>>()
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(
        seen(&site.owner).await,
        [(None, false, named("Olga Other")), (Some(10.5), true, None)]
    );
    let owner = "owner@example.org";
    assert_eq!(
        seen(&other).await,
        [(None, true, None), (Some(10.5), false, named(owner))],
        "an account without a name by its address"
    );
    assert_eq!(
        seen(&site.ann).await,
        [(None, false, None), (Some(10.5), false, None)],
        "names are for administrators"
    );

    let history = async |token: &str| {
        let page = site.get(&path, token).await.text;
        let (_, rest) = page.split_once("Who stated and withdrew closes").unwrap();
        rest.split_once("What daily prices were")
            .unwrap()
            .0
            .to_owned()
    };
    let page = history(&site.owner).await;
    for part in [
        ">you<",
        ">Olga Other<",
        ">withdrawn<",
        "Typed from the paper",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = history(&site.ann).await;
    assert!(
        page.contains(">an administrator<") && !page.contains("Olga") && !page.contains(owner),
        "{page}"
    );

    // Who has left keeps what they did, without a name; who is no administrator any more still knows their own.
    site.change("update identity.users set status = 'deleted' where name = 'Olga Other'")
        .await;
    assert!(
        history(&site.owner)
            .await
            .contains(">somebody who has left<")
    );
    site.change(&format!(
        "update identity.users set role = 'user' where email = '{owner}'"
    ))
    .await;
    assert_eq!(
        seen(&site.owner).await,
        [(None, false, None), (Some(10.5), true, None)]
    );
    site.change("update market.override_changes set changed_by = null")
        .await;
    assert!(
        history(&site.owner).await.contains("it was not kept yet"),
        "of before"
    );
}

#[tokio::test]
async fn what_cannot_be_a_close_is_refused_beside_its_field() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let path = format!("/market/instruments/{id}/overrides");
    for (form, said) in [
        (
            "date=2024-05-31&close=0&reason=x",
            "The close must be a price above zero.",
        ),
        (
            "date=2030-01-01&close=5&reason=x",
            "The day must not lie in the future.",
        ),
        ("date=2024-05-31&close=5&reason=", "State the reason"),
    ] {
        let refused = send(&site, &site.owner, &path, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.text.contains(said), "{form}: {}", refused.text);
    }
    let form = "date=2024-05-31&close=5&reason=x";
    assert_eq!(
        send(&site, &site.ann, &path, form).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        site.closes(id).await.last().unwrap().1,
        11.0,
        "nothing was changed"
    );
    let page = site.get(&path, &site.ann).await.text;
    assert!(
        !page.contains("name=\"close\""),
        "no form for those who may not: {page}"
    );
}
