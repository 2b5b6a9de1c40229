use db::{UserId, UserTx};
use jiff::Timestamp;
use web::{App, Choice as _};

use super::{
    OnboardingError,
    documents::DOCUMENTS,
    model::{Progress, Step, StepBody, Taken},
    store,
    view::OnboardingView,
};
use crate::details;

/// Where the person is.
pub(super) async fn progress(app: &App, user: UserId) -> Result<Progress, OnboardingError> {
    let mut tx = app.db.read(user).await?;
    Ok(store::get(&mut tx).await?)
}

pub(super) async fn show(app: &App, user: UserId) -> Result<OnboardingView, OnboardingError> {
    let details = details::show(app, user).await?;
    Ok(progress(app, user).await?.view(details))
}

/// Takes a step, or leaves it out. What is entrusted goes where it is sealed, in the same unit of
/// work as the answers and the place where the person is.
pub(super) async fn take(
    app: &App,
    user: UserId,
    step: Step,
    body: &StepBody,
) -> Result<(), Vec<OnboardingError>> {
    let taken = body.read(step)?;
    store_step(app, user, step, &taken)
        .await
        .map_err(|error| vec![error])
}

async fn store_step(
    app: &App,
    user: UserId,
    step: Step,
    taken: &Taken,
) -> Result<(), OnboardingError> {
    let now = app.clock.now();
    let mut tx = app.db.write(user).await?;
    entrust(app, &mut tx, taken).await?;
    store::begin(&mut tx, now).await?;
    answer(&mut tx, taken, now).await?;
    let mut progress = store::get(&mut tx).await?;
    progress.completed.retain(|known| *known != step);
    let was_taken = !matches!(taken, Taken::Skipped);
    progress.skipped.retain(|known| *known != step);
    if was_taken {
        progress.completed.push(step);
    } else {
        progress.skipped.push(step);
    }
    progress.current = step.next().unwrap_or(step);
    store::update_steps(&mut tx, &progress, now).await?;
    Ok(tx.commit().await?)
}

async fn entrust(app: &App, tx: &mut UserTx, taken: &Taken) -> Result<(), OnboardingError> {
    match taken {
        Taken::Profile {
            phone: Some(phone), ..
        } => details::enter_phone(app, tx, phone).await?,
        Taken::Tax {
            residency,
            tax_id: Some(tax_id),
        } => details::enter_tax_id(app, tx, residency, tax_id).await?,
        _ => {}
    }
    Ok(())
}

async fn answer(tx: &mut UserTx, taken: &Taken, now: Timestamp) -> Result<(), db::Error> {
    match taken {
        Taken::Skipped | Taken::Welcome => Ok(()),
        Taken::Experience(experience) => store::update_experience(tx, experience.as_str()).await,
        Taken::Risk(found) => store::insert_assessment(tx, found, now).await,
        Taken::Horizon(horizon) => store::update_horizon(tx, horizon.as_str()).await,
        Taken::Profile {
            first_name,
            last_name,
            ..
        } => store::update_names(tx, first_name, last_name).await,
        Taken::Tax { residency, .. } => store::update_tax_residency(tx, residency.as_str()).await,
        Taken::Legal => {
            for document in &DOCUMENTS {
                store::insert_consent(tx, document, now).await?;
            }
            Ok(())
        }
    }
}

/// Sends the card on the dashboard away; the steps stay where they are.
pub(super) async fn dismiss(app: &App, user: UserId) -> Result<(), OnboardingError> {
    let now = app.clock.now();
    let mut tx = app.db.write(user).await?;
    store::begin(&mut tx, now).await?;
    store::update_dismissed(&mut tx, now).await?;
    Ok(tx.commit().await?)
}
