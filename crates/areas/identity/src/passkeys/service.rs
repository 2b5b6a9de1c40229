use db::UserId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use web::App;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        AuthenticationResult, DiscoverableAuthentication, PasskeyAuthentication,
        PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, WebauthnError,
    },
};

use super::{
    CEREMONY_LIFETIME, Passkey, PasskeyError, PasskeyId, Purpose,
    model::{Ceremony, clean_name},
    store,
};
use crate::{factors, openid::OpenId, recovery, secret, sessions::Principal};

/// Whom passkeys belong to: the host of the public address.
pub(super) fn relying_party(app: &App) -> Result<Webauthn, PasskeyError> {
    let origin = || app.public_origin.to_string();
    let url =
        Url::parse(&app.public_origin).map_err(|_| PasskeyError::NoHost { origin: origin() })?;
    // An IP address is no domain.
    let host = url
        .domain()
        .ok_or_else(|| PasskeyError::NoHost { origin: origin() })?;
    let is_local = host == "localhost" || host.ends_with(".localhost");
    if url.scheme() != "https" && !is_local {
        return Err(PasskeyError::Insecure { origin: origin() });
    }
    Ok(WebauthnBuilder::new(host, &url)?
        .rp_name("Bursar")
        .build()?)
}

/// Whether passkeys work at the address of this server.
pub(crate) fn are_available(app: &App) -> bool {
    relying_party(app).is_ok()
}

/// Asks a browser to make a passkey that can say itself whose it is.
pub(super) async fn begin_registration(
    app: &App,
    who: &Principal,
) -> Result<Ceremony, PasskeyError> {
    let relying_party = relying_party(app)?;
    let mut tx = app.db.read(who.user_id).await?;
    let known = store::list(&mut tx).await?;
    drop(tx);
    let known = known
        .iter()
        .map(|passkey| passkey.credential.cred_id().clone());
    let name = if who.name.is_empty() {
        &who.email
    } else {
        &who.name
    };
    let (challenge, state) = relying_party.start_passkey_registration(
        who.user_id.into(),
        &who.email,
        name,
        Some(known.collect()),
    )?;
    let mut options = serde_json::to_value(&challenge.public_key)?;
    // The library leaves it to the key whether it can be found without a name; signing in without a
    // password needs that.
    let selection = &mut options["authenticatorSelection"];
    selection["residentKey"] = "required".into();
    selection["requireResidentKey"] = true.into();
    remember(
        app,
        Purpose::Register,
        Some(who.user_id),
        &state,
        options.to_string(),
    )
    .await
}

/// Registers what the browser made. Returns recovery codes with the first factor.
pub(super) async fn register(
    app: &App,
    user_id: UserId,
    name: &str,
    token: &str,
    answer: &str,
) -> Result<Option<Vec<String>>, PasskeyError> {
    let name = clean_name(name)?;
    let state: PasskeyRegistration = recall(app, Purpose::Register, Some(user_id), token).await?;
    let answer: RegisterPublicKeyCredential = read(answer)?;
    let credential = relying_party(app)?
        .finish_passkey_registration(&answer, &state)
        .map_err(PasskeyError::Refused)?;
    let json = serde_json::to_value(&credential)?;
    let now = app.clock.now();
    let mut tx = app.db.write(user_id).await?;
    store::insert(&mut tx, &name, credential.cred_id(), &json, now)
        .await
        .map_err(|error| match error.constraint() {
            Some("passkeys_credential_id_key") => PasskeyError::Known,
            _ => error.into(),
        })?;
    let codes = recovery::ensure(&mut tx, now).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Asks a browser for a passkey: one of the person's, or whichever it has.
pub(crate) async fn begin_authentication(
    app: &App,
    purpose: Purpose,
    user_id: Option<UserId>,
) -> Result<Ceremony, PasskeyError> {
    let relying_party = relying_party(app)?;
    let Some(user) = user_id else {
        let (challenge, state) = relying_party.start_discoverable_authentication()?;
        let options = serde_json::to_string(&challenge.public_key)?;
        return remember(app, purpose, None, &state, options).await;
    };
    let mut tx = app.db.system("ask for a passkey of a person").await?;
    let passkeys = store::list_of(&mut tx, user).await?;
    drop(tx);
    let usable: Vec<_> = passkeys
        .into_iter()
        .filter(|passkey| passkey.suspected_at.is_none())
        .map(|passkey| passkey.credential)
        .collect();
    if usable.is_empty() {
        return Err(PasskeyError::Unknown);
    }
    let (challenge, state) = relying_party.start_passkey_authentication(&usable)?;
    let options = serde_json::to_string(&challenge.public_key)?;
    remember(app, purpose, user_id, &state, options).await
}

/// Checks the answer of a browser. Returns whose passkey it was.
pub(crate) async fn authenticate(
    app: &App,
    purpose: Purpose,
    user_id: Option<UserId>,
    token: &str,
    answer: &str,
) -> Result<UserId, PasskeyError> {
    let relying_party = relying_party(app)?;
    let state = recall(app, purpose, user_id, token).await?;
    let answer: PublicKeyCredential = read(answer)?;
    let mut tx = app.db.system("find the passkey of an answer").await?;
    let found = store::get_by_credential(&mut tx, answer.get_credential_id()).await?;
    let (owner, mut passkey) = found.ok_or(PasskeyError::Unknown)?;
    if user_id.is_some_and(|user| user != owner) {
        return Err(PasskeyError::Unknown);
    }
    if passkey.suspected_at.is_some() {
        return Err(PasskeyError::Suspected { name: passkey.name });
    }
    let now = app.clock.now();
    match check(
        &relying_party,
        &answer,
        state,
        owner,
        &passkey,
        user_id.is_some(),
    ) {
        Ok(result) => {
            passkey.credential.update_credential(&result);
            let json = serde_json::to_value(&passkey.credential)?;
            store::update_used(&mut tx, owner, passkey.id, &json, now).await?;
            tx.commit().await?;
            Ok(owner)
        }
        Err(PasskeyError::Refused(WebauthnError::CredentialPossibleCompromise)) => {
            store::suspect(&mut tx, owner, passkey.id, now).await?;
            let which = json!({ "passkey": passkey.id });
            tx.note_activity(owner, "identity.passkeys.suspected", &which)
                .await?;
            tx.commit().await?;
            tracing::warn!(
                user_id = %owner,
                passkey = %passkey.id.0,
                "the counter of a passkey went backwards; it may have been copied and is refused"
            );
            Err(PasskeyError::Suspected { name: passkey.name })
        }
        Err(error) => Err(error),
    }
}

fn check(
    relying_party: &Webauthn,
    answer: &PublicKeyCredential,
    state: serde_json::Value,
    owner: UserId,
    passkey: &Passkey,
    was_asked_by_name: bool,
) -> Result<AuthenticationResult, PasskeyError> {
    if was_asked_by_name {
        let state: PasskeyAuthentication = serde_json::from_value(state)?;
        let result = relying_party
            .finish_passkey_authentication(answer, &state)
            .map_err(PasskeyError::Refused)?;
        // The library compares with the counter of when it was asked; another answer came since, perhaps.
        if passkey.counter > 0 && result.counter() <= passkey.counter {
            return Err(PasskeyError::Refused(
                WebauthnError::CredentialPossibleCompromise,
            ));
        }
        return Ok(result);
    }
    let (user, _) = relying_party
        .identify_discoverable_authentication(answer)
        .map_err(PasskeyError::Refused)?;
    if UserId(user) != owner {
        return Err(PasskeyError::Unknown);
    }
    let state: DiscoverableAuthentication = serde_json::from_value(state)?;
    relying_party
        .finish_discoverable_authentication_v2(answer, state, &passkey.credential)
        .map_err(PasskeyError::Refused)
}

pub(super) async fn rename(
    app: &App,
    user_id: UserId,
    id: PasskeyId,
    name: &str,
) -> Result<(), PasskeyError> {
    let mut tx = app.db.write(user_id).await?;
    if !store::exists(&mut tx, id).await? {
        return Err(PasskeyError::NotFound);
    }
    store::rename(&mut tx, id, &clean_name(name)?).await?;
    Ok(tx.commit().await?)
}

/// Takes a passkey from an account that can be entered in another way.
pub(super) async fn revoke(
    app: &App,
    provider: Option<&OpenId>,
    user_id: UserId,
    id: PasskeyId,
) -> Result<(), PasskeyError> {
    let mut tx = app.db.write(user_id).await?;
    let has_other_way = factors::has_other_way(app, provider, tx.conn(), user_id, id.0).await?;
    if !store::delete(&mut tx, id).await? {
        return Err(PasskeyError::NotFound);
    }
    if !has_other_way {
        return Err(PasskeyError::LastWay);
    }
    factors::forget_unneeded_codes(&mut tx).await?;
    Ok(tx.commit().await?)
}

async fn remember(
    app: &App,
    purpose: Purpose,
    user_id: Option<UserId>,
    state: &impl Serialize,
    options: String,
) -> Result<Ceremony, PasskeyError> {
    let token = secret::generate();
    let now = app.clock.now();
    let expires_at = now.checked_add(CEREMONY_LIFETIME).unwrap_or(now);
    let state = serde_json::to_value(state)?;
    let hash = secret::hash(&token);
    let mut tx = app.db.system("remember what a passkey was asked").await?;
    store::insert_ceremony(&mut tx, &hash, purpose, user_id, &state, expires_at).await?;
    tx.commit().await?;
    Ok(Ceremony { token, options })
}

async fn recall<T: DeserializeOwned>(
    app: &App,
    purpose: Purpose,
    user_id: Option<UserId>,
    token: &str,
) -> Result<T, PasskeyError> {
    let hash = secret::hash(token);
    let mut tx = app.db.system("recall what a passkey was asked").await?;
    let state = store::consume_ceremony(&mut tx, &hash, purpose, user_id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(serde_json::from_value(state.ok_or(PasskeyError::Expired)?)?)
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, PasskeyError> {
    serde_json::from_str(answer).map_err(|_| PasskeyError::Unreadable)
}
