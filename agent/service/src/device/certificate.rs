//! Reads what this program needs of X.509 certificates.

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

/// Text or bytes that are not the certificate they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadCertificate {
    /// There is none.
    #[error("there is no certificate in it")]
    Missing,
    /// It cannot be read.
    #[error("a certificate in it cannot be read")]
    Unreadable,
}

impl From<BadCertificate> for String {
    fn from(bad: BadCertificate) -> Self {
        bad.to_string()
    }
}

/// When a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    /// From when.
    pub(crate) from: Timestamp,
    /// Until when.
    pub(crate) until: Timestamp,
}

/// Reads every certificate of a PEM text; at least one.
pub(crate) fn read_pem(pem: &str) -> Result<Vec<CertificateDer<'static>>, BadCertificate> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| BadCertificate::Unreadable)?;
    for certificate in &certificates {
        parse(certificate)?;
    }
    if certificates.is_empty() {
        Err(BadCertificate::Missing)
    } else {
        Ok(certificates)
    }
}

/// When a certificate holds.
pub(crate) fn validity(certificate: &CertificateDer<'_>) -> Result<Validity, BadCertificate> {
    let parsed = parse(certificate)?;
    let time = |seconds| Timestamp::from_second(seconds).map_err(|_| BadCertificate::Unreadable);
    Ok(Validity {
        from: time(parsed.validity().not_before.timestamp())?,
        until: time(parsed.validity().not_after.timestamp())?,
    })
}

/// The public key's point, as in the certificate.
pub(crate) fn public_key(certificate: &CertificateDer<'_>) -> Result<Vec<u8>, BadCertificate> {
    Ok(parse(certificate)?.public_key().subject_public_key.data.to_vec())
}

/// SHA-256 of the `SubjectPublicKeyInfo`: what a token names a CA by.
pub(crate) fn key_hash(certificate: &CertificateDer<'_>) -> Result<[u8; 32], BadCertificate> {
    let parsed = parse(certificate)?;
    let digest = ring::digest::digest(&ring::digest::SHA256, parsed.public_key().raw);
    digest.as_ref().try_into().map_err(|_| BadCertificate::Unreadable)
}

fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, BadCertificate> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| BadCertificate::Unreadable)?;
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_certificate_is_told_from_a_damaged_one() {
        assert_eq!(read_pem("").unwrap_err(), BadCertificate::Missing);
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(read_pem(damaged).unwrap_err(), BadCertificate::Unreadable);
    }

    #[test]
    fn a_certificate_tells_its_key_and_its_validity() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(vec!["collector.example".to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2026, 11, 1);
        parameters.not_after = rcgen::date_time_ymd(2026, 12, 1);
        let certificate = parameters.self_signed(&key).unwrap();
        let read = read_pem(&certificate.pem()).unwrap();
        assert_eq!(public_key(&read[0]).unwrap(), key.public_key_raw());
        let validity = validity(&read[0]).unwrap();
        assert_eq!(validity.from, "2026-11-01T00:00:00Z".parse().unwrap());
        assert_eq!(validity.until, "2026-12-01T00:00:00Z".parse().unwrap());
    }
}
