use db::{UserId, UserTx};
use seal::Place;
use web::App;

use super::{
    DetailsError, Phone, TaxCountry, TaxId,
    jobs::TellOfChange,
    model::{ApiKey, DetailsView, MaskedView, Provider, ProviderKeyView, TaxIdView},
    store,
};

fn phone_place(user: UserId) -> Place {
    Place::new("identity.phones", "phone", [user])
}

fn tax_id_place(user: UserId, country: &str) -> Place {
    Place::new("identity.tax_ids", "tax_id", [&user.to_string(), country])
}

fn provider_key_place(user: UserId, provider: &str) -> Place {
    Place::new(
        "identity.provider_keys",
        "api_key",
        [&user.to_string(), provider],
    )
}

/// All that the person entrusted, masked.
pub(crate) async fn show(app: &App, user: UserId) -> Result<DetailsView, DetailsError> {
    let mut tx = app.db.read(user).await?;
    let phone = store::get_phone(&mut tx).await?;
    let tax_ids = store::list_tax_ids(&mut tx).await?;
    let keys = store::list_provider_keys(&mut tx).await?;
    drop(tx);
    let mut view = DetailsView::default();
    if let Some(phone) = phone {
        view.phone = Some(MaskedView {
            masked: app.sealer.open_masked(&phone_place(user), &phone.value)?,
            updated_at: phone.updated_at,
        });
    }
    for stored in tax_ids {
        let place = tax_id_place(user, &stored.name);
        view.tax_ids.push(TaxIdView {
            masked: app.sealer.open_masked(&place, &stored.value)?,
            country: stored.name,
            updated_at: stored.updated_at,
        });
    }
    for stored in keys {
        let place = provider_key_place(user, &stored.name);
        view.provider_keys.push(ProviderKeyView {
            masked: app.sealer.open_masked(&place, &stored.value)?,
            provider: stored.name,
            updated_at: stored.updated_at,
        });
    }
    Ok(view)
}

pub(super) async fn put_phone(app: &App, user: UserId, phone: &Phone) -> Result<(), DetailsError> {
    let mut tx = app.db.write(user).await?;
    enter_phone(app, &mut tx, phone).await?;
    Ok(tx.commit().await?)
}

/// Seals a phone number in the caller's unit of work.
pub(crate) async fn enter_phone(
    app: &App,
    tx: &mut UserTx,
    phone: &Phone,
) -> Result<(), DetailsError> {
    let user = tx.user();
    let sealed = app
        .sealer
        .seal(&phone_place(user), phone.as_str().as_bytes())?;
    let now = app.clock.now();
    store::put_phone(tx, &sealed, now).await?;
    jobs::enqueue(tx, &TellOfChange::new(user, "phone", now)).await?;
    Ok(())
}

pub(super) async fn remove_phone(app: &App, user: UserId) -> Result<(), DetailsError> {
    let mut tx = app.db.write(user).await?;
    if !store::delete_phone(&mut tx).await? {
        return Err(DetailsError::NotFound);
    }
    jobs::enqueue(&mut tx, &TellOfChange::new(user, "phone", app.clock.now())).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn put_tax_id(
    app: &App,
    user: UserId,
    country: &TaxCountry,
    tax_id: &TaxId,
) -> Result<(), DetailsError> {
    let mut tx = app.db.write(user).await?;
    enter_tax_id(app, &mut tx, country, tax_id).await?;
    Ok(tx.commit().await?)
}

/// Seals a tax number in the caller's unit of work.
pub(crate) async fn enter_tax_id(
    app: &App,
    tx: &mut UserTx,
    country: &TaxCountry,
    tax_id: &TaxId,
) -> Result<(), DetailsError> {
    let user = tx.user();
    let place = tax_id_place(user, country.as_str());
    let sealed = app.sealer.seal(&place, tax_id.as_str().as_bytes())?;
    let now = app.clock.now();
    store::put_tax_id(tx, country.as_str(), &sealed, now).await?;
    jobs::enqueue(tx, &TellOfChange::new(user, "tax_id", now)).await?;
    Ok(())
}

pub(super) async fn remove_tax_id(
    app: &App,
    user: UserId,
    country: &TaxCountry,
) -> Result<(), DetailsError> {
    let mut tx = app.db.write(user).await?;
    if !store::delete_tax_id(&mut tx, country.as_str()).await? {
        return Err(DetailsError::NotFound);
    }
    jobs::enqueue(&mut tx, &TellOfChange::new(user, "tax_id", app.clock.now())).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn put_provider_key(
    app: &App,
    user: UserId,
    provider: Provider,
    key: &ApiKey,
) -> Result<(), DetailsError> {
    let place = provider_key_place(user, provider.as_str());
    let sealed = app.sealer.seal(&place, key.as_str().as_bytes())?;
    let mut tx = app.db.write(user).await?;
    store::put_provider_key(&mut tx, provider.as_str(), &sealed, app.clock.now()).await?;
    jobs::enqueue(
        &mut tx,
        &TellOfChange::new(user, "provider_key", app.clock.now()),
    )
    .await?;
    Ok(tx.commit().await?)
}

pub(super) async fn remove_provider_key(
    app: &App,
    user: UserId,
    provider: Provider,
) -> Result<(), DetailsError> {
    let mut tx = app.db.write(user).await?;
    if !store::delete_provider_key(&mut tx, provider.as_str()).await? {
        return Err(DetailsError::NotFound);
    }
    jobs::enqueue(
        &mut tx,
        &TellOfChange::new(user, "provider_key", app.clock.now()),
    )
    .await?;
    Ok(tx.commit().await?)
}
