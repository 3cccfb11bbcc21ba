//! Who this device is to its collector: a key, a certificate and an id; and the company's key for keyed hashes.
//!
//! Everything lies in `<data-dir>/identity/`, each file written whole or not at all. Without enrolment there is only
//! `company.key`, random and of this PC alone, so that findings have lasting ids from the first moment.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fileward_protocol::enrol::Roots;
use fileward_protocol::ids::{CompanyKey, DeviceId};
use fileward_protocol::vocabulary::Binding;
use rcgen::{KeyPair, PublicKeyData as _};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{certificate, enrolling, private, secret};
use crate::config::CollectorAddress;

pub(super) const FOLDER: &str = "identity";
pub(super) const KEY: &str = "key.pem";
pub(super) const CERTIFICATE: &str = "certificate.pem";
pub(super) const ROOTS: &str = "roots.pem";
pub(super) const ENROLMENT: &str = "enrolment.json";
pub(super) const COMPANY_KEY: &str = "company.key";

/// Why an identity cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// A file could not be read.
    #[error("cannot read {}: {source}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", file.display())]
    Unwritable {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it must be.
    #[error(
        "{} is damaged: {what}; run \"fileward-agent unenrol --yes\", then \"fileward-agent enrol --token -\" with a new token",
        file.display()
    )]
    Damaged {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The collector sent something that does not fit.
    #[error("the collector's answer does not fit: {0}")]
    Unfit(String),
    /// The device was enrolled anew meanwhile.
    #[error("the device was enrolled anew meanwhile")]
    Replaced,
    /// No key could be made.
    #[error("cannot make a key: {0}")]
    NoKey(String),
}

pub(crate) type Result<T> = std::result::Result<T, IdentityError>;

/// Who this device is.
pub(crate) struct Identity {
    company_key: CompanyKey,
    enrolment: Option<Enrolment>,
}

/// What an enrolment left behind.
pub(crate) struct Enrolment {
    folder: PathBuf,
    record: Record,
    /// Where the collector is reached instead of where the record says; not kept.
    reached_at: Option<String>,
    key: KeyPair,
    certificate: Vec<CertificateDer<'static>>,
    roots: Vec<CertificateDer<'static>>,
}

/// `enrolment.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) device: DeviceId,
    pub(super) collector: String,
    pub(super) policy_key: String,
    pub(super) roots_serial: u64,
    /// The roots that were in use when the certificate was made.
    pub(super) certified_under: u64,
    pub(super) binding: Binding,
    /// The highest policy bundle ever accepted, so that the policy does not go back even when its file is lost.
    #[serde(default)]
    pub(super) bundle_serial: u64,
}

impl Identity {
    /// Loads the identity kept in the data folder; makes a company key of this PC's own where there is none.
    ///
    /// # Errors
    /// When a file is damaged or cannot be read; the message names it and says what to do.
    pub(crate) fn load(data_dir: &Path) -> Result<Self> {
        enrolling::settle(data_dir)?;
        let folder = data_dir.join(FOLDER);
        private::create_folder(&folder).map_err(unwritable(&folder))?;
        let enrolment = Enrolment::load(&folder)?;
        let company_key = load_company_key(&folder.join(COMPANY_KEY), enrolment.is_some())?;
        Ok(Self { company_key, enrolment })
    }

    /// The same identity, its collector reached at another address. Who may answer there stays: the CA of the enrolment.
    #[must_use]
    pub(crate) fn reached_at(mut self, address: Option<&CollectorAddress>) -> Self {
        if let (Some(enrolment), Some(address)) = (&mut self.enrolment, address) {
            enrolment.reached_at = Some(address.url().to_owned());
        }
        self
    }

    /// The key for keyed hashes: the company's, or this PC's own without enrolment.
    pub(crate) fn company_key(&self) -> &CompanyKey {
        &self.company_key
    }

    /// The enrolment, if there is one.
    pub(crate) fn enrolment(&self) -> Option<&Enrolment> {
        self.enrolment.as_ref()
    }

    /// Hands out the enrolment, if there is one.
    pub(crate) fn into_enrolment(self) -> Option<Enrolment> {
        self.enrolment
    }
}

/// The id of the enrolment that is kept in the data folder just now; `None` without one.
pub(crate) fn enrolled_device(data_dir: &Path) -> Option<DeviceId> {
    let text = fs::read(data_dir.join(FOLDER).join(ENROLMENT)).ok()?;
    serde_json::from_slice::<Record>(&text).ok().map(|record| record.device)
}

/// Whether the data folder holds an enrolment, be it damaged.
pub(crate) fn is_enrolled(data_dir: &Path) -> bool {
    [FOLDER, enrolling::FOLDER]
        .iter()
        .any(|folder| data_dir.join(folder).join(ENROLMENT).exists())
}

/// Forgets everything of an enrolment, a started one too.
pub(crate) fn remove(data_dir: &Path) -> Result<()> {
    for folder in [data_dir.join(enrolling::FOLDER), data_dir.join(FOLDER)] {
        match fs::remove_dir_all(&folder) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(IdentityError::Unwritable { file: folder, source });
            }
            _ => {}
        }
    }
    Ok(())
}

impl Enrolment {
    fn load(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(ENROLMENT);
        let Some(text) = read(&path)? else { return Ok(None) };
        let record: Record = serde_json::from_str(&text).map_err(|error| damaged(&path, &error))?;
        let key = load_key(&folder.join(KEY))?;
        let certificate = load_certificates(&folder.join(CERTIFICATE))?;
        let fits = certificate::public_key(&certificate[0]).is_ok_and(|public| public == key.der_bytes());
        if !fits {
            let what = format!("it was not made for the key in {KEY}");
            return Err(damaged(&folder.join(CERTIFICATE), &what));
        }
        let roots = load_certificates(&folder.join(ROOTS))?;
        Ok(Some(Self {
            folder: folder.to_owned(),
            record,
            reached_at: None,
            key,
            certificate,
            roots,
        }))
    }

    /// The device's id.
    pub(crate) fn device(&self) -> DeviceId {
        self.record.device
    }

    /// The collector's address, without a slash at its end.
    pub(crate) fn collector(&self) -> &str {
        self.reached_at.as_deref().unwrap_or(&self.record.collector)
    }

    /// The Ed25519 public key that signs policy bundles, base64.
    pub(crate) fn policy_key(&self) -> &str {
        &self.record.policy_key
    }

    /// The device's standing, as last told.
    pub(crate) fn binding(&self) -> Binding {
        self.record.binding
    }

    /// The number of the roots in use.
    pub(crate) fn roots_serial(&self) -> u64 {
        self.record.roots_serial
    }

    /// The highest policy bundle ever accepted.
    pub(crate) fn bundle_serial(&self) -> u64 {
        self.record.bundle_serial
    }

    /// The device's key.
    pub(crate) fn key(&self) -> &KeyPair {
        &self.key
    }

    /// The device's certificate chain, its own first.
    pub(crate) fn certificate(&self) -> &[CertificateDer<'static>] {
        &self.certificate
    }

    /// The CA roots to trust; nothing else is trusted.
    pub(crate) fn roots(&self) -> &[CertificateDer<'static>] {
        &self.roots
    }

    /// Keeps a changed standing.
    pub(crate) fn keep_binding(&mut self, binding: Binding) -> Result<()> {
        self.keep(Record {
            binding,
            ..self.record.clone()
        })
    }

    /// Keeps the number of an accepted policy bundle.
    pub(crate) fn keep_bundle_serial(&mut self, bundle_serial: u64) -> Result<()> {
        self.keep(Record {
            bundle_serial,
            ..self.record.clone()
        })
    }

    /// Keeps changed roots.
    ///
    /// # Errors
    /// When there is none among them, or one is damaged: the old ones stay.
    pub(crate) fn keep_roots(&mut self, roots: &Roots) -> Result<()> {
        let path = self.folder.join(ROOTS);
        let pem = roots.roots.join("\n");
        let certificates = certificate::read_pem(&pem).map_err(unfit)?;
        self.check_not_replaced()?;
        private::write(&path, pem.as_bytes()).map_err(unwritable(&path))?;
        self.roots = certificates;
        self.keep(Record {
            roots_serial: roots.roots_serial,
            ..self.record.clone()
        })
    }

    /// Whether the CA's roots changed since the certificate was made: it may hang on one that will be dropped.
    pub(crate) fn is_certified_under_former_roots(&self) -> bool {
        self.record.certified_under != self.record.roots_serial
    }

    /// Keeps a renewed certificate, made while the roots of this number were in use.
    ///
    /// # Errors
    /// When it was not made for this device's key: the old one stays.
    pub(crate) fn keep_certificate(&mut self, pem: &str, certified_under: u64) -> Result<()> {
        let path = self.folder.join(CERTIFICATE);
        let chain = certificate::read_pem(pem).map_err(unfit)?;
        if certificate::public_key(&chain[0]).ok().as_deref() != Some(self.key.der_bytes()) {
            return Err(unfit("it holds a certificate for another key"));
        }
        self.check_not_replaced()?;
        private::write(&path, pem.as_bytes()).map_err(unwritable(&path))?;
        self.certificate = chain;
        self.keep(Record {
            certified_under,
            ..self.record.clone()
        })
    }

    fn keep(&mut self, record: Record) -> Result<()> {
        if record == self.record {
            return Ok(());
        }
        self.check_not_replaced()?;
        write_record(&self.folder, &record)?;
        self.record = record;
        Ok(())
    }

    /// `fileward-agent enrol` may have exchanged the folder while the service runs with the former identity.
    fn check_not_replaced(&self) -> Result<()> {
        let kept = fs::read(self.folder.join(ENROLMENT)).ok();
        let kept = kept.and_then(|text| serde_json::from_slice::<Record>(&text).ok());
        match kept {
            Some(kept) if kept.device != self.record.device => Err(IdentityError::Replaced),
            None if !self.folder.join(ENROLMENT).exists() => Err(IdentityError::Replaced),
            _ => Ok(()),
        }
    }
}

pub(super) fn write_record(folder: &Path, record: &Record) -> Result<()> {
    let path = folder.join(ENROLMENT);
    let text = serde_json::to_vec_pretty(record)
        .map_err(io::Error::other)
        .map_err(unwritable(&path))?;
    private::write(&path, &text).map_err(unwritable(&path))
}

pub(super) fn load_key(path: &Path) -> Result<KeyPair> {
    let bytes = read_secret(path)?.ok_or_else(|| damaged(path, &"it is missing"))?;
    str::from_utf8(&bytes)
        .ok()
        .and_then(|text| KeyPair::from_pkcs8_pem_and_sign_algo(text, &rcgen::PKCS_ECDSA_P256_SHA256).ok())
        .ok_or_else(|| damaged(path, &"it holds no ECDSA P-256 key"))
}

fn load_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = read(path)?.ok_or_else(|| damaged(path, &"it is missing"))?;
    certificate::read_pem(&text).map_err(|error| damaged(path, &error))
}

fn load_company_key(path: &Path, enrolled: bool) -> Result<CompanyKey> {
    match read_secret(path)? {
        Some(bytes) => {
            let bytes = <[u8; 32]>::try_from(bytes.as_slice())
                .map_err(|_| damaged(path, &format!("it must be 32 bytes, not {}", bytes.len())))?;
            Ok(CompanyKey::new(bytes))
        }
        None if enrolled => Err(damaged(path, &"it is missing")),
        None => {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|error| IdentityError::NoKey(error.to_string()))?;
            secret::write(path, &bytes).map_err(unwritable(path))?;
            Ok(CompanyKey::new(bytes))
        }
    }
}

/// A secret that is kept in a file; `None` when it is not there.
fn read_secret(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>> {
    match secret::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(damaged(path, &"it was sealed on another PC, or changed"))
        }
        Err(source) => Err(IdentityError::Unreadable {
            file: path.to_owned(),
            source,
        }),
    }
}

/// The text of a file; `None` when it is not there.
fn read(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| damaged(path, &"it is not text")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(IdentityError::Unreadable {
            file: path.to_owned(),
            source,
        }),
    }
}

pub(super) fn damaged(path: &Path, what: &dyn std::fmt::Display) -> IdentityError {
    IdentityError::Damaged {
        file: path.to_owned(),
        what: what.to_string(),
    }
}

pub(super) fn unfit(what: impl Into<String>) -> IdentityError {
    IdentityError::Unfit(what.into())
}

pub(super) fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> IdentityError {
    let file = path.to_owned();
    move |source| IdentityError::Unwritable { file, source }
}

#[cfg(test)]
#[path = "identity/tests.rs"]
mod tests;
