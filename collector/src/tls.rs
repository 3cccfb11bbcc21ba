//! TLS for both listeners, kept up with the CA: roots may change and the server's certificate grows old while it runs.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;

use crate::ca::{Authority, ClientVerifier, LEAF_LIFE};
use crate::collector::Collector;

/// How often a change of the roots is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What new connections are met with.
pub(crate) struct Tls {
    current: RwLock<Arc<Current>>,
    names: Vec<String>,
}

struct Current {
    authority: Arc<Authority>,
    agents: Arc<ServerConfig>,
    console: Arc<ServerConfig>,
    renew_at: Timestamp,
}

impl Tls {
    /// Sets up both listeners' TLS for a server that is reached by `names`.
    pub(crate) async fn new(collector: &Collector, names: Vec<String>) -> Result<Self> {
        let current = Current::new(collector.authority().await?, &names, Timestamp::now())?;
        Ok(Self {
            current: RwLock::new(Arc::new(current)),
            names,
        })
    }

    /// The CA as it stands.
    pub(crate) fn authority(&self) -> Arc<Authority> {
        Arc::clone(&self.current().authority)
    }

    /// For agents: their certificate is asked for, and checked by each route that needs one.
    pub(crate) fn agents(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current().agents)
    }

    /// For browsers.
    pub(crate) fn console(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current().console)
    }

    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Follows changes of the roots, and renews the server's certificate in time. Never ends.
    pub(crate) async fn follow(&self, collector: &Collector) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let Err(error) = self.refresh(collector, Timestamp::now()).await {
                tracing::error!("Failed to follow the CA; the former certificates stay in use: {error:#}");
            }
        }
    }

    /// Takes over the roots as they stand, if they changed, and renews the server's certificate, if it is time.
    pub(crate) async fn refresh(&self, collector: &Collector, now: Timestamp) -> Result<()> {
        let current = self.current();
        let serial = collector.store.roots().await?.serial;
        if serial == current.authority.serial() && now < current.renew_at {
            return Ok(());
        }
        let next = Current::new(collector.authority().await?, &self.names, now)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }
}

impl Current {
    fn new(authority: Authority, names: &[String], now: Timestamp) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = ClientVerifier::new(authority.trusted()?, Arc::clone(&provider))?;
        let identity = authority.server_identity(names, now)?;
        let versions = |provider: Arc<CryptoProvider>| {
            ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .context("Failed to set up TLS")
        };
        let agents = versions(Arc::clone(&provider))?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(identity.chain.clone(), identity.key.clone_key());
        let console = versions(provider)?
            .with_no_client_auth()
            .with_single_cert(identity.chain, identity.key);
        let life = SignedDuration::try_from(LEAF_LIFE * 2 / 3).context("Failed to reckon the certificate's life")?;
        Ok(Self {
            authority: Arc::new(authority),
            agents: http(agents.context("Failed to set up the agents' TLS")?),
            console: http(console.context("Failed to set up the console's TLS")?),
            renew_at: now + life,
        })
    }
}

fn http(mut config: ServerConfig) -> Arc<ServerConfig> {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}
