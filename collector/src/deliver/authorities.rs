//! The CAs that a target's certificate is held against.

use anyhow::{Context, Result, bail};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// The most that is kept: the bundle of a whole system fits in.
const LIMIT: usize = 1024 * 1024;

/// Checks that a text holds at least one certificate that can be trusted.
pub(crate) fn check(pem: &str) -> Result<()> {
    if pem.len() > LIMIT {
        bail!("it is larger than {LIMIT} bytes");
    }
    roots(pem).map(drop)
}

/// Reads certificates.
pub(super) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .context("it cannot be read as PEM")
}

/// What to trust.
pub(super) fn roots(pem: &str) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots
            .add(certificate)
            .context("it holds something that is no certificate")?;
    }
    if roots.is_empty() {
        bail!("it holds no certificate");
    }
    Ok(roots)
}
