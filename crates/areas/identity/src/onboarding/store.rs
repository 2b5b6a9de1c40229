use db::{Error, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;
use web::Choice;

use super::{
    documents::Document,
    model::{Experience, Horizon, Progress, Step},
    risk::Assessment,
    view::ConsentView,
};

fn word<T: Choice>(column: &'static str, text: &str) -> Result<T, Error> {
    T::parse(text).ok_or_else(|| Error::Inconsistent {
        table: "identity.onboarding",
        column,
        row: "of the person".to_owned(),
        reason: format!("“{text}” is not known to this version"),
    })
}

fn words(column: &'static str, texts: &[String]) -> Result<Vec<Step>, Error> {
    texts.iter().map(|text| word(column, text)).collect()
}

/// Where the person is; at the beginning, when nothing is stored.
pub(super) async fn get(tx: &mut UserTx) -> Result<Progress, Error> {
    let row = sqlx::query!(
        r#"select u.first_name, u.last_name, o.current_step as "current_step?",
                  o.completed_steps as "completed_steps?", o.skipped_steps as "skipped_steps?",
                  o.experience, o.horizon, o.tax_residency, o.completed_at as "completed_at?",
                  o.dismissed_at is not null as "is_dismissed!"
           from identity.users u
           left join identity.onboarding o on o.user_id = u.id
           where u.id = platform.current_user_id()"#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Progress {
        current: row
            .current_step
            .map_or(Ok(Step::default()), |text| word("current_step", &text))?,
        completed: words("completed_steps", &row.completed_steps.unwrap_or_default())?,
        skipped: words("skipped_steps", &row.skipped_steps.unwrap_or_default())?,
        experience: row
            .experience
            .map(|text| word::<Experience>("experience", &text))
            .transpose()?,
        horizon: row
            .horizon
            .map(|text| word::<Horizon>("horizon", &text))
            .transpose()?,
        tax_residency: row.tax_residency,
        completed_at: row.completed_at.map(jiff_sqlx::Timestamp::to_jiff),
        is_dismissed: row.is_dismissed,
        first_name: row.first_name,
        last_name: row.last_name,
        consents: list_consents(tx).await?,
        risk: get_assessment(tx).await?,
    })
}

async fn list_consents(tx: &mut UserTx) -> Result<Vec<ConsentView>, Error> {
    let rows = sqlx::query!(
        "select document, version, accepted_at from identity.consents
         where user_id = platform.current_user_id()
         order by accepted_at, document, version"
    )
    .fetch_all(tx.conn())
    .await?;
    let consents = rows.into_iter().map(|row| ConsentView {
        document: row.document,
        version: row.version,
        accepted_at: row.accepted_at.to_jiff(),
    });
    Ok(consents.collect())
}

async fn get_assessment(tx: &mut UserTx) -> Result<Option<(Assessment, Timestamp)>, Error> {
    let row = sqlx::query!(
        "select answers, taken_at from identity.risk_assessments
         where user_id = platform.current_user_id()
         order by taken_at desc, id desc
         limit 1"
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let inconsistent = || Error::Inconsistent {
        table: "identity.risk_assessments",
        column: "answers",
        row: "of the person".to_owned(),
        reason: "not five answers of 1 to 5".to_owned(),
    };
    let answers: Vec<u8> = row
        .answers
        .iter()
        .map(|answer| u8::try_from(*answer).unwrap_or(0))
        .collect();
    let answers = answers.try_into().map_err(|_| inconsistent())?;
    let found = Assessment::new(answers).map_err(|_| inconsistent())?;
    Ok(Some((found, row.taken_at.to_jiff())))
}

/// Makes the line of the person, so that it can be locked and changed.
pub(super) async fn begin(tx: &mut UserTx, now: Timestamp) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.onboarding (user_id, started_at, last_active_at)
         values (platform.current_user_id(), $1, $1)
         on conflict (user_id) do nothing",
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        r#"select 1 as "one!" from identity.onboarding
           where user_id = platform.current_user_id()
           for update"#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_steps(
    tx: &mut UserTx,
    progress: &Progress,
    now: Timestamp,
) -> Result<(), Error> {
    let texts = |steps: &[Step]| -> Vec<String> {
        steps.iter().map(|step| step.as_str().to_owned()).collect()
    };
    sqlx::query!(
        "update identity.onboarding
         set current_step = $1, completed_steps = $2, skipped_steps = $3, last_active_at = $4,
             completed_at = case when $5 then coalesce(completed_at, $4) end
         where user_id = platform.current_user_id()",
        progress.current.as_str(),
        &texts(&progress.completed),
        &texts(&progress.skipped),
        now.to_sqlx() as _,
        progress.is_complete(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_experience(tx: &mut UserTx, word: &str) -> Result<(), Error> {
    sqlx::query!(
        "update identity.onboarding set experience = $1 where user_id = platform.current_user_id()",
        word,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_horizon(tx: &mut UserTx, word: &str) -> Result<(), Error> {
    sqlx::query!(
        "update identity.onboarding set horizon = $1 where user_id = platform.current_user_id()",
        word,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_tax_residency(tx: &mut UserTx, country: &str) -> Result<(), Error> {
    sqlx::query!(
        "update identity.onboarding set tax_residency = $1
         where user_id = platform.current_user_id()",
        country,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_names(tx: &mut UserTx, first: &str, last: &str) -> Result<(), Error> {
    sqlx::query!(
        "update identity.users set first_name = $1, last_name = $2
         where id = platform.current_user_id()",
        first,
        last,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_dismissed(tx: &mut UserTx, now: Timestamp) -> Result<(), Error> {
    sqlx::query!(
        "update identity.onboarding set dismissed_at = coalesce(dismissed_at, $1)
         where user_id = platform.current_user_id()",
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_assessment(
    tx: &mut UserTx,
    found: &Assessment,
    now: Timestamp,
) -> Result<(), Error> {
    let answers: Vec<i16> = found.answers.into_iter().map(i16::from).collect();
    sqlx::query!(
        "insert into identity.risk_assessments
             (user_id, id, answers, score, tolerance, profile, taken_at)
         values (platform.current_user_id(), $1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        &answers,
        i16::from(found.score),
        found.tolerance.as_str(),
        found.profile.as_str(),
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was agreed to before keeps its time.
pub(super) async fn insert_consent(
    tx: &mut UserTx,
    document: &Document,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.consents (user_id, document, version, accepted_at)
         values (platform.current_user_id(), $1, $2, $3)
         on conflict (user_id, document, version) do nothing",
        document.word,
        document.version,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
