//! Whom the agent trusts: its collector's own CA and nothing else, at the corrected time.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};

use crate::device::certificate;
use crate::device::clock::Clock;
use crate::device::identity::Enrolment;

/// Which CA is trusted.
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    /// These roots.
    Roots(Arc<RootCertStore>),
    /// The one whose key has this SHA-256, as the token says; it must be in the chain the collector presents.
    Named([u8; 32]),
}

impl Trust {
    /// Trusts these roots.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub(crate) fn roots(roots: &[CertificateDer<'static>]) -> Result<Self, Error> {
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root.clone())?;
        }
        Ok(Self::Roots(Arc::new(store)))
    }

    fn store(&self, presented: &[CertificateDer<'_>]) -> Result<Arc<RootCertStore>, Error> {
        match self {
            Self::Roots(store) => Ok(store.clone()),
            Self::Named(hash) => {
                let named = presented
                    .iter()
                    .find(|one| certificate::key_hash(one).is_ok_and(|found| found == *hash));
                let mut store = RootCertStore::empty();
                store.add(named.ok_or(CertificateError::UnknownIssuer)?.clone().into_owned())?;
                Ok(Arc::new(store))
            }
        }
    }
}

/// At what time a certificate must hold.
#[derive(Clone)]
pub(crate) enum When {
    /// At the corrected time.
    Now(Arc<Clock>),
    /// At some time of its own. Only for asking the collector what time it is, when a clock that is far off makes
    /// its certificate look expired or not yet valid.
    SomeTime,
}

/// Makes the TLS configuration.
///
/// # Errors
/// When the device's key or certificate cannot be used.
pub(crate) fn config(trust: Trust, when: When, client: Option<&Enrolment>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier {
        trust,
        when,
        algorithms: provider.signature_verification_algorithms,
        provider: provider.clone(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some(enrolment) => {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(enrolment.key().serialize_der()));
            builder.with_client_auth_cert(enrolment.certificate().to_vec(), key)?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Whether the certificate would be accepted at another time.
pub(crate) fn is_about_time(error: &Error) -> bool {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(
        error,
        Error::InvalidCertificate(Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. })
    )
}

/// webpki's rules, with this agent's trust and this agent's time.
struct Verifier {
    trust: Trust,
    when: When,
    algorithms: WebPkiSupportedAlgorithms,
    provider: Arc<CryptoProvider>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _system_time: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let time = match &self.when {
            When::Now(clock) => clock.now(),
            When::SomeTime => common_time(end_entity, intermediates)?,
        };
        WebPkiServerVerifier::builder_with_provider(self.trust.store(intermediates)?, self.provider.clone())
            .build()
            .map_err(|error| Error::General(error.to_string()))?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, unix_time(time))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// A time at which all of these certificates hold.
fn common_time(end_entity: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Result<Timestamp, Error> {
    let unreadable = |_| Error::from(CertificateError::BadEncoding);
    let mut common = certificate::validity(end_entity).map_err(unreadable)?;
    for other in others {
        let other = certificate::validity(other).map_err(unreadable)?;
        common.from = common.from.max(other.from);
        common.until = common.until.min(other.until);
    }
    let half = common.until.duration_since(common.from) / 2;
    Ok(common.from.saturating_add(half).unwrap_or(common.from))
}

fn unix_time(time: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(
        time.duration_since(Timestamp::UNIX_EPOCH)
            .try_into()
            .unwrap_or_default(),
    )
}
