//! The three kinds of certificates: root, device, server.

use std::time::Duration;

use anyhow::{Context, Result};
use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber,
};

const DAY: Duration = Duration::from_hours(24);

/// How long a root holds: ten years.
const ROOT_LIFE: Duration = Duration::from_secs(3650 * DAY.as_secs());

/// How long every other certificate holds: four weeks.
pub(crate) const LEAF_LIFE: Duration = Duration::from_secs(28 * DAY.as_secs());

/// Certificates begin a little early, for clocks that are a little late.
const BACK_DATED: Duration = Duration::from_mins(5);

/// The most bytes of a certificate request; real ones have about 500.
const CSR_LIMIT: usize = 16 * 1024;

/// A certificate request whose signature was checked: whoever sent it holds the key.
pub(crate) struct Csr(CertificateSigningRequestParams);

/// Text that is no certificate request that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("csr: must be a PKCS#10 request in PEM, signed by its own ECDSA P-256 key")]
pub(crate) struct BadCsr;

impl Csr {
    /// Reads a request and checks its signature.
    pub(crate) fn read(pem: &str) -> Result<Self, BadCsr> {
        if pem.len() > CSR_LIMIT {
            return Err(BadCsr);
        }
        let csr = CertificateSigningRequestParams::from_pem(pem).map_err(|_| BadCsr)?;
        if *csr.public_key.algorithm() != rcgen::PKCS_ECDSA_P256_SHA256 {
            return Err(BadCsr);
        }
        Ok(Self(csr))
    }

    /// The hash of its public key.
    pub(crate) fn key_hash(&self) -> [u8; 32] {
        super::key_hash(&self.0.public_key.subject_public_key_info())
    }
}

/// Makes a root.
pub(super) fn root(key: &KeyPair, number: u32, now: Timestamp) -> Result<Certificate> {
    let mark = uuid::Uuid::new_v4().simple().to_string();
    // Each root has a name of its own, or verifiers would mistake one for the other.
    let mut params = params(&format!("Fileward CA {number} {}", &mark[..8]), now, ROOT_LIFE)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.self_signed(key).context("Failed to sign a CA root")
}

/// Signs a device's certificate. Of the request only the key is taken.
pub(super) fn device(csr: &Csr, device: DeviceId, now: Timestamp, issuer: &Issuer<'_, KeyPair>) -> Result<Certificate> {
    let mut params = params(&device.to_string(), now, LEAF_LIFE)?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
        .signed_by(&csr.0.public_key, issuer)
        .context("Failed to sign a device's certificate")
}

/// Signs the collector's own certificate.
pub(super) fn server(
    key: &KeyPair,
    names: &[String],
    now: Timestamp,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<Certificate> {
    let mut params = params("Fileward collector", now, LEAF_LIFE)?;
    let with_names =
        CertificateParams::new(names).context("Failed to write the server's names into its certificate")?;
    params.subject_alt_names = with_names.subject_alt_names;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
        .signed_by(key, issuer)
        .context("Failed to sign the server's certificate")
}

fn params(name: &str, now: Timestamp, life: Duration) -> Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = u64::try_from(now.as_second()).context("The clock stands before 1970")?;
    let begin = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(now) - BACK_DATED;
    params.not_before = begin;
    params.not_after = begin + BACK_DATED + life;
    params.serial_number = Some(SerialNumber::from_slice(uuid::Uuid::new_v4().as_bytes()));
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
