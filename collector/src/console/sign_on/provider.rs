//! The company's provider: what is asked of it, and that what it answers is true (`OpenID` Connect Core 1.0, the
//! authorisation code flow, with PKCE, RFC 7636).

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreUserInfoClaims,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::settings::{Claim, Settings};

/// The longest one question to the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long what the provider says of itself is taken to be true.
const KNOWN: Duration = Duration::from_mins(5);

/// The most a provider answers, in bytes.
const LARGEST: usize = 1 << 20;

/// How a signature may be made: with a key of the provider's own, never with a shared one.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The provider.
pub(crate) struct Provider {
    pub(super) settings: Settings,
    back: RedirectUrl,
    http: reqwest::Client,
    /// What the provider last said of itself, and when.
    itself: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

/// A log-in that was begun: what its end is checked against. Only the browser that began it has it, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Begun {
    /// Comes back with the browser.
    pub(super) state: String,
    /// Comes back in the provider's signed answer.
    nonce: String,
    /// Shows the provider that who asks is who began.
    verifier: String,
    /// When it began, in seconds.
    pub(super) at: i64,
}

/// Why the provider was not understood.
#[derive(Debug, thiserror::Error)]
enum Unheard {
    #[error("it was not reached")]
    Http(#[from] reqwest::Error),
    #[error("its answer is no HTTP")]
    Form(#[from] axum::http::Error),
    #[error("it answers too much")]
    TooMuch,
}

impl Provider {
    /// The provider of these settings, which sends people back to the console at `url`.
    pub(crate) fn new(settings: Settings, url: &str) -> Result<Self> {
        // The first one to ask for it installs it; all of them ask for the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder()
            // What it answers is followed by browsers, never by the collector.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE);
        if let Some(file) = &settings.ca_file {
            let pem = std::fs::read(file).with_context(|| format!("Failed to read {}", file.display()))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .with_context(|| format!("{} holds no certificates", file.display()))?;
            http = http.tls_certs_merge(certificates);
        }
        Ok(Self {
            settings,
            back: RedirectUrl::new(format!("{url}/sign-on/back"))?,
            http: http.build().context("Failed to make the client for the provider")?,
            itself: Mutex::default(),
        })
    }

    /// What the provider says of itself, its keys among it. Asked once for many: anybody may begin a log-in.
    async fn metadata(&self) -> Result<CoreProviderMetadata> {
        let mut itself = self.itself.lock().await;
        if let Some((at, metadata)) = &*itself
            && at.elapsed() < KNOWN
        {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone())?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &|request| send(self.http.clone(), request))
            .await
            .context("Failed to ask the provider about itself")?;
        *itself = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    /// Where to send a browser, and what its return is checked against.
    pub(super) async fn begin(&self, at: i64) -> Result<(Url, Begun)> {
        let client = CoreClient::from_provider_metadata(self.metadata().await?, self.id(), Some(self.secret()))
            .set_redirect_uri(self.back.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let begun = Begun {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            at,
        };
        Ok((url, begun))
    }

    /// Who came back with this code.
    pub(super) async fn finish(&self, begun: Begun, code: String) -> Result<String> {
        let name = self.exchange(begun, code).await;
        if name.is_err() {
            // Its keys may be others since.
            self.itself.lock().await.take();
        }
        name
    }

    async fn exchange(&self, begun: Begun, code: String) -> Result<String> {
        let client = CoreClient::from_provider_metadata(self.metadata().await?, self.id(), Some(self.secret()))
            .set_redirect_uri(self.back.clone());
        let http = |request| send(self.http.clone(), request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier))
            .request_async(&http)
            .await
            .context("The provider does not take the code")?;
        let token = answer.id_token().context("The provider says nothing of who it is")?;
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let claims = token
            .claims(&verifier, &Nonce::new(begun.nonce))
            .context("What the provider says cannot be trusted")?;
        if let Some(hash) = claims.access_token_hash() {
            let access = answer.access_token();
            if AccessTokenHash::from_token(access, token.signing_alg()?, token.signing_key(&verifier)?)? != *hash {
                bail!("The provider's two tokens do not belong together");
            }
        }
        if let Some(name) = named(claims, self.settings.match_by) {
            return Ok(name);
        }
        // Many providers put no more than the number into the token.
        let asked: CoreUserInfoClaims = client
            .user_info(answer.access_token().clone(), Some(claims.subject().clone()))?
            .request_async(&http)
            .await
            .context("The provider does not say who it is")?;
        let name = match self.settings.match_by {
            Claim::Sub => None,
            Claim::PreferredUsername => asked.preferred_username().map(|name| name.as_str().to_owned()),
            Claim::Email => asked
                .email()
                .filter(|_| asked.email_verified() == Some(true))
                .map(|email| email.as_str().to_owned()),
        };
        name.ok_or_else(|| anyhow!("The provider does not say what people are matched by"))
    }

    fn id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    fn secret(&self) -> ClientSecret {
        ClientSecret::new(self.settings.client_secret.clone())
    }
}

fn named(claims: &CoreIdTokenClaims, by: Claim) -> Option<String> {
    match by {
        Claim::Sub => Some(claims.subject().as_str().to_owned()),
        Claim::PreferredUsername => claims.preferred_username().map(|name| name.as_str().to_owned()),
        Claim::Email => claims
            .email()
            .filter(|_| claims.email_verified() == Some(true))
            .map(|email| email.as_str().to_owned()),
    }
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Unheard> {
    let mut answer = http.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await? {
        if body.len() + part.len() > LARGEST {
            return Err(Unheard::TooMuch);
        }
        body.extend_from_slice(&part);
    }
    let mut read = axum::http::Response::builder().status(answer.status());
    if let Some(headers) = read.headers_mut() {
        *headers = answer.headers().clone();
    }
    Ok(read.body(body)?)
}
