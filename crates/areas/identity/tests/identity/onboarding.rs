use axum::http::Method;
use serde_json::json;

use crate::browser::Server;

const API: &str = "/api/v1/identity/onboarding";
const PAGE: &str = "/identity/onboarding";

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one story from the first step to the last"
)]
async fn the_steps_are_left_and_resumed_without_losing_answers() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get(PAGE).await.leads_to("/identity/onboarding/welcome");
    ann.get("/identity/onboarding/welcome")
        .await
        .shows("0 percent");
    ann.post("/identity/onboarding/welcome", &[])
        .await
        .leads_to("/identity/onboarding/experience");
    ann.post(
        "/identity/onboarding/experience",
        &[("experience", "advanced")],
    )
    .await
    .leads_to("/identity/onboarding/risk");

    // Days later, in another browser.
    let mut ann = server.signed_in("ann@example.org").await;
    ann.get(PAGE).await.leads_to("/identity/onboarding/risk");
    let back = ann.get("/identity/onboarding/experience").await;
    back.shows("value=\"advanced\" selected");
    back.shows("28 percent");
    let answers = [
        ("answer_1", "4"),
        ("answer_2", "4"),
        ("answer_3", "4"),
        ("answer_4", "3"),
        ("answer_5", "3"),
    ];
    ann.post("/identity/onboarding/risk", &answers)
        .await
        .leads_to("/identity/onboarding/horizon");
    let seen = ann.get("/identity/onboarding/risk").await;
    seen.shows("Aggressive");
    seen.shows("18 of 25 points");
    ann.post("/identity/onboarding/horizon", &[("skip", "true")])
        .await
        .leads_to("/identity/onboarding/profile");
    let profile = [
        ("first_name", "Ann"),
        ("last_name", "Miller"),
        ("phone", "+49 170 1234567"),
    ];
    ann.post("/identity/onboarding/profile", &profile)
        .await
        .leads_to("/identity/onboarding/tax");
    ann.get("/identity/onboarding/profile")
        .await
        .shows("•••• 4567");
    let tax = [("tax_residency", "DE"), ("tax_id", "86095742719")];
    ann.post("/identity/onboarding/tax", &tax)
        .await
        .leads_to("/identity/onboarding/legal");
    let refused = ann
        .post("/identity/onboarding/legal", &[("terms", "true")])
        .await;
    assert_eq!(refused.status, 422);
    refused.shows("2 things need to be changed");
    let agreed = [("terms", "true"), ("privacy", "true"), ("risk", "true")];
    ann.post("/identity/onboarding/legal", &agreed)
        .await
        .leads_to(PAGE);

    let all = ann.get(API).await.json();
    assert_eq!(
        (&all["completion_percent"], &all["is_complete"]),
        (&json!(100), &json!(true))
    );
    assert_eq!(all["skipped_steps"], json!(["horizon"]));
    assert_eq!(all["completed_at"], "2026-03-02T09:30:00Z");
    assert_eq!(all["consents"].as_array().map(Vec::len), Some(3));
    let consent = all["consents"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["document"] == "risk"));
    assert_eq!(
        consent.expect("of the risk"),
        &json!({ "document": "risk", "version": "2026-11-21", "accepted_at": "2026-03-02T09:30:00Z" })
    );
    assert_eq!(all["details"]["tax_ids"][0]["masked"], "•••• 2719");
    assert_eq!(
        ann.get("/api/v1/identity/profile").await.json()["last_name"],
        "Miller"
    );
    assert!(!all.to_string().contains("86095742719"), "{all}");
}

#[tokio::test]
async fn the_questions_about_risk_can_be_answered_again() {
    let server = Server::start().await;
    let (id, mut ann) = server.add_signed_in("ann@example.org").await;
    ann.get("/identity/settings").await;
    let steps = format!("{API}/steps/risk");
    for (answers, tolerance, profile) in [
        (["1", "1", "2", "2", "2"], "very_low", "conservative"),
        (["5", "1", "5", "5", "5"], "moderate", "moderate"),
        (["5", "5", "5", "5", "5"], "very_high", "aggressive"),
    ] {
        let body = json!({
            "answer_1": answers[0], "answer_2": answers[1], "answer_3": answers[2],
            "answer_4": answers[3], "answer_5": answers[4],
        });
        let taken = ann.call(Method::PUT, &steps, Some(body)).await.json();
        assert_eq!(
            (&taken["risk"]["tolerance"], &taken["risk"]["profile"]),
            (&json!(tolerance), &json!(profile)),
            "{answers:?}"
        );
    }
    let mut tx = server.system().await;
    let kept = sqlx::query_scalar!(
        r#"select profile from identity.risk_assessments where user_id = $1 order by id"#,
        id.0,
    )
    .fetch_all(tx.conn())
    .await
    .expect("assessments");
    assert_eq!(kept, ["conservative", "moderate", "aggressive"]);
    let wrong = ann
        .call(Method::PUT, &steps, Some(json!({ "answer_1": "6" })))
        .await;
    let problem = wrong.refused(422, "/problems/invalid-input");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(5));
    assert_eq!(problem["errors"][0]["pointer"], "answer_1");
}

#[tokio::test]
async fn some_steps_are_taken_and_none_is_somebody_elses() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let (_, mut eve) = server.add_signed_in("eve@example.org").await;
    ann.get("/identity/settings").await;
    eve.get("/identity/settings").await;
    for step in ["welcome", "legal"] {
        let path = format!("{API}/steps/{step}");
        let refused = ann
            .call(Method::PUT, &path, Some(json!({ "skip": true })))
            .await;
        let problem = refused.refused(422, "/problems/invalid-input");
        assert_eq!(problem["errors"][0]["code"], "not_skippable");
    }
    let unknown = ann
        .call(Method::PUT, &format!("{API}/steps/pets"), Some(json!({})))
        .await;
    unknown.refused(404, "/problems/not-found");
    ann.call(
        Method::PUT,
        &format!("{API}/steps/experience"),
        Some(json!({ "experience": "none" })),
    )
    .await;
    let of_eve = eve.get(API).await.json();
    assert_eq!(
        (&of_eve["completion_percent"], &of_eve["experience"]),
        (&json!(0), &json!(null))
    );
    let sent = ann
        .call(Method::PUT, &format!("{API}/dismissal"), None)
        .await;
    assert_eq!(sent.status, 204, "{}", sent.body);
}
