//! The provider: where it is asked, and what of its answers is believed.

use std::{collections::HashSet, fmt, pin::Pin, sync::Arc, time::Duration, time::SystemTime};

use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AccessToken, AsyncHttpClient, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, SubjectIdentifier, TokenResponse as _,
    UserInfoError,
    core::{
        CoreAuthPrompt, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims,
        CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType, CoreUserInfoClaims,
    },
    url::Url,
};
use tokio::sync::Mutex;

use super::{
    OpenIdError,
    model::{self, Purpose, Stated},
};

/// Discovery and keys are asked for anew after this long.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);
/// A signature by an unknown key has them asked for before that, at most this often.
const RENEWED_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// A provider that did not answer is not asked again for this long: it is counted from when it was asked,
/// and an answer may take twenty seconds, so about ten remain.
const FAILED_FOR: SignedDuration = SignedDuration::from_secs(30);
/// Clocks may differ by this much.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// No discovery document, key set or token is as large.
const MAX_BYTES: usize = 1024 * 1024;

/// The provider of this server. Cheap to clone; what it last said of itself is shared.
#[derive(Clone)]
pub struct OpenId(Arc<Inner>);

struct Inner {
    settings: config::OpenId,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    asker: Asker,
    memory: Mutex<Memory>,
}

/// What came of asking the provider.
#[derive(Default)]
struct Memory {
    known: Option<Known>,
    /// When it last failed to answer, and why.
    failed: Option<(Timestamp, String)>,
}

impl Memory {
    /// Why the provider is not asked now.
    fn failure(&self, now: Timestamp) -> Option<OpenIdError> {
        let (at, reason) = self.failed.as_ref()?;
        (now.duration_since(*at) < FAILED_FOR).then(|| OpenIdError::Unavailable {
            reason: format!("{reason} (as it was at {at})"),
        })
    }
}

/// What the provider says of itself, its keys included.
#[derive(Clone)]
struct Known {
    metadata: Arc<CoreProviderMetadata>,
    at: Timestamp,
}

/// Where a browser comes back to.
pub(super) const CALLBACK: &str = "/identity/openid/callback";

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenId")
            .field("issuer", &self.0.settings.issuer)
            .finish_non_exhaustive()
    }
}

impl OpenId {
    /// The provider of these settings, for people who reach the server under `public_origin`. Nothing is
    /// asked yet: a provider that is down does not keep the server from starting.
    pub fn new(settings: config::OpenId, public_origin: &str) -> Result<Self, OpenIdError> {
        let refused = |reason: String| OpenIdError::Setting { reason };
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|e| refused(e.to_string()))?;
        let origin = public_origin.trim_end_matches('/');
        let redirect = RedirectUrl::new(format!("{origin}{CALLBACK}"))
            .map_err(|error| refused(error.to_string()))?;
        let asker = Asker::new(issuer.url().scheme() == "http")?;
        Ok(Self(Arc::new(Inner {
            settings,
            issuer,
            redirect,
            asker,
            memory: Mutex::default(),
        })))
    }

    /// What people call the provider.
    pub(crate) fn label(&self) -> &str {
        &self.0.settings.label
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.settings.issuer
    }

    pub(super) fn admits(&self, email: &str) -> bool {
        self.0.settings.admits(email)
    }

    pub(super) fn names(&self, email: &str) -> bool {
        self.0.settings.names(email)
    }

    /// Where a browser with this secret in its cookie is sent.
    pub(super) async fn way_there(
        &self,
        token: &str,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Url, OpenIdError> {
        let known = self.known(now).await?;
        let (state, nonce) = (model::state(token), model::nonce(token));
        let verifier = PkceCodeVerifier::new(model::verifier(token));
        let client = CoreClient::from_provider_metadata(
            known.metadata.as_ref().clone(),
            ClientId::new(self.0.settings.client_id.clone()),
            None,
        )
        .set_redirect_uri(self.0.redirect.clone());
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if purpose == Purpose::Confirm {
            // To be signed in with the provider proves nothing about who sits there now.
            request = request
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(Duration::ZERO);
        }
        Ok(request.url().0)
    }

    /// Exchanges a code for what the provider states, and verifies it. The address is left to the caller
    /// to judge; one that the provider has not verified is refused.
    pub(super) async fn redeem(
        &self,
        code: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<Stated, OpenIdError> {
        let known = self.known(now).await?;
        let settings = &self.0.settings;
        let client = CoreClient::from_provider_metadata(
            known.metadata.as_ref().clone(),
            ClientId::new(settings.client_id.clone()),
            Some(ClientSecret::new(
                settings.client_secret.expose().to_owned(),
            )),
        )
        .set_redirect_uri(self.0.redirect.clone())
        .set_auth_type(auth_type(&known.metadata));
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| unavailable(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(model::verifier(token)))
            .request_async(&self.0.asker)
            .await
            .map_err(of_token_request)?;
        let id_token = answer.id_token().ok_or_else(|| OpenIdError::Untrusted {
            reason: "there is no ID token".to_owned(),
        })?;
        let nonce = Nonce::new(model::nonce(token));
        let claims = match self.verified(&known, id_token, &nonce, now) {
            Err(error) if is_key_unknown(&error) => {
                let newer = self.renewed(&known, now).await?;
                self.verified(&newer, id_token, &nonce, now)
            }
            outcome => outcome,
        };
        let claims = claims.map_err(|error| OpenIdError::Untrusted {
            reason: with_causes(&error),
        })?;
        if claims.email().is_some() {
            return stated_in_token(&claims);
        }
        // Some providers tell addresses only where the token of access is shown.
        let subject = claims.subject().clone();
        let told = self
            .user_info(&known, answer.access_token().clone(), subject)
            .await?;
        stated_beside_token(&claims, &told)
    }

    fn verified(
        &self,
        known: &Known,
        id_token: &CoreIdToken,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        let client = CoreClient::from_provider_metadata(
            known.metadata.as_ref().clone(),
            ClientId::new(self.0.settings.client_id.clone()),
            None,
        );
        let time = SystemTime::from(now.checked_sub(CLOCKS_DIFFER).unwrap_or(now));
        // Whatever the provider lists: neither signatures by a shared secret nor none at all.
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(HashSet::from([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                CoreJwsSigningAlgorithm::EcdsaP384Sha384,
                CoreJwsSigningAlgorithm::EdDsa,
            ]))
            .set_time_fn(move || time.into());
        id_token.claims(&verifier, nonce).cloned()
    }

    async fn user_info(
        &self,
        known: &Known,
        access: AccessToken,
        subject: SubjectIdentifier,
    ) -> Result<CoreUserInfoClaims, OpenIdError> {
        let client = CoreClient::from_provider_metadata(
            known.metadata.as_ref().clone(),
            ClientId::new(self.0.settings.client_id.clone()),
            None,
        );
        let Ok(request) = client.user_info(access, Some(subject)) else {
            return Err(OpenIdError::Unverified);
        };
        request
            .request_async(&self.0.asker)
            .await
            .map_err(|error| match error {
                UserInfoError::ClaimsVerification(error) => OpenIdError::Untrusted {
                    reason: with_causes(&error),
                },
                error => unavailable(&error),
            })
    }

    /// What the provider says of itself. Whoever comes while it is asked waits for the same answer, a
    /// failure included. When it does not answer, what it said earlier still holds.
    async fn known(&self, now: Timestamp) -> Result<Known, OpenIdError> {
        let mut memory = self.0.memory.lock().await;
        if let Some(known) = &memory.known
            && now.duration_since(known.at) < KNOWN_FOR
        {
            return Ok(known.clone());
        }
        match (self.ask_anew(&mut memory, now).await, &memory.known) {
            (Err(error), Some(older)) => {
                tracing::warn!(%error, asked_at = %older.at, "going by what the provider said earlier");
                Ok(older.clone())
            }
            (outcome, _) => outcome,
        }
    }

    /// The same after a key was not among those known before, which are of no use then.
    async fn renewed(&self, before: &Known, now: Timestamp) -> Result<Known, OpenIdError> {
        let mut memory = self.0.memory.lock().await;
        if let Some(known) = &memory.known
            && (known.at > before.at || now.duration_since(known.at) < RENEWED_EVERY)
        {
            return Ok(known.clone());
        }
        self.ask_anew(&mut memory, now).await
    }

    /// Asks, unless the provider failed to answer just now, and remembers what came of it.
    async fn ask_anew(&self, memory: &mut Memory, now: Timestamp) -> Result<Known, OpenIdError> {
        if let Some(error) = memory.failure(now) {
            return Err(error);
        }
        match self.discover(now).await {
            Ok(fresh) => {
                memory.known = Some(fresh.clone());
                memory.failed = None;
                Ok(fresh)
            }
            Err(error) => {
                memory.failed = Some((now, error.to_string()));
                Err(error)
            }
        }
    }

    async fn discover(&self, now: Timestamp) -> Result<Known, OpenIdError> {
        let issuer = self.0.issuer.clone();
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.0.asker)
            .await
            .map_err(|error| unavailable(&error))?;
        // The browser follows this one; the others are asked from here.
        self.0
            .asker
            .check(metadata.authorization_endpoint().url().scheme())
            .map_err(|error| unavailable(&error))?;
        Ok(Known {
            metadata: Arc::new(metadata),
            at: now,
        })
    }
}

/// In the header unless the provider takes the secret in the body alone.
fn auth_type(metadata: &CoreProviderMetadata) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
    if takes(CoreClientAuthMethod::ClientSecretPost)
        && !takes(CoreClientAuthMethod::ClientSecretBasic)
    {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

fn is_key_unknown(error: &ClaimsVerificationError) -> bool {
    matches!(
        error,
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)
    )
}

fn stated_in_token(claims: &CoreIdTokenClaims) -> Result<Stated, OpenIdError> {
    let name = claims.name().and_then(|name| name.get(None));
    stated(
        claims,
        claims.email().map(|email| email.as_str()),
        claims.email_verified(),
        name.map(|name| name.as_str()),
    )
}

fn stated_beside_token(
    claims: &CoreIdTokenClaims,
    told: &CoreUserInfoClaims,
) -> Result<Stated, OpenIdError> {
    let name = told.name().and_then(|name| name.get(None));
    stated(
        claims,
        told.email().map(|email| email.as_str()),
        told.email_verified(),
        name.map(|name| name.as_str()),
    )
}

fn stated(
    claims: &CoreIdTokenClaims,
    email: Option<&str>,
    is_verified: Option<bool>,
    name: Option<&str>,
) -> Result<Stated, OpenIdError> {
    let (Some(email), Some(true)) = (email, is_verified) else {
        return Err(OpenIdError::Unverified);
    };
    let authenticated_at = claims.auth_time().map(SystemTime::from);
    Ok(Stated {
        issuer: claims.issuer().to_string(),
        subject: claims.subject().to_string(),
        email: email.parse().map_err(|_| OpenIdError::Unverified)?,
        name: name.unwrap_or_default().to_owned(),
        authenticated_at: authenticated_at.and_then(|at| Timestamp::try_from(at).ok()),
    })
}

fn of_token_request<R, T>(error: RequestTokenError<R, T>) -> OpenIdError
where
    R: std::error::Error + 'static,
    T: openidconnect::ErrorResponse + 'static,
{
    match error {
        RequestTokenError::ServerResponse(refusal) => OpenIdError::Denied {
            reason: refusal.to_string(),
        },
        error => unavailable(&error),
    }
}

fn unavailable(error: &dyn std::error::Error) -> OpenIdError {
    OpenIdError::Unavailable {
        reason: with_causes(error),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    let texts = std::iter::once(error.to_string()).chain(causes.map(ToString::to_string));
    texts.collect::<Vec<_>>().join(": ")
}

/// Asks the provider. Not on behalf of people: whoever runs the instance has named it, and it may stand in
/// the same house. Redirects are not followed, so that it leads nowhere else.
struct Asker {
    http: reqwest::Client,
    /// A provider on this machine may speak without TLS.
    is_local: bool,
}

#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("{scheme} is not encrypted, and only a provider on this machine may do without")]
    Scheme { scheme: String },
    #[error("the provider does not answer")]
    Http(#[from] reqwest::Error),
    #[error("the provider's answer is longer than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("the provider's answer cannot be passed on")]
    Form(#[from] axum::http::Error),
}

impl Asker {
    fn new(is_local: bool) -> Result<Self, OpenIdError> {
        // Fails when the process has one already, which does as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent(concat!("bursar/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| OpenIdError::Setting {
                reason: with_causes(&error),
            })?;
        Ok(Self { http, is_local })
    }

    fn check(&self, scheme: &str) -> Result<(), AskError> {
        if scheme == "https" || (scheme == "http" && self.is_local) {
            return Ok(());
        }
        Err(AskError::Scheme {
            scheme: scheme.to_owned(),
        })
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, AskError> {
        self.check(request.uri().scheme_str().unwrap_or_default())?;
        let mut answer = self.http.execute(request.try_into()?).await?;
        let mut response = HttpResponse::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        while let Some(chunk) = answer.chunk().await? {
            if response.body().len() + chunk.len() > MAX_BYTES {
                return Err(AskError::TooLarge);
            }
            response.body_mut().extend(chunk);
        }
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Asker {
    type Error = AskError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, AskError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
