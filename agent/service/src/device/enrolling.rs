//! An enrolment on its way.
//!
//! The key is made before the first request and kept, so that a request repeated after a crash asks with the same
//! key. The new identity grows in a folder of its own; its last file makes it complete, and it then takes the place
//! of the former one. A device that is enrolled anew gets a new key: a cloned disk shares the old one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fileward_protocol::enrol::EnrolAnswer;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PublicKeyData as _};
use zeroize::Zeroizing;

use super::identity::{self, IdentityError, Record, Result, unfit, unwritable};
use super::{certificate, private, secret};

pub(super) const FOLDER: &str = "enrolling";
const FORMER: &str = "identity.former";

/// An enrolment on its way.
pub(crate) struct Enrolling {
    data_dir: PathBuf,
    folder: PathBuf,
    key: KeyPair,
}

impl Enrolling {
    /// Starts an enrolment, or takes up one that was not completed.
    ///
    /// # Errors
    /// When the data folder cannot be written.
    pub(crate) fn start(data_dir: &Path) -> Result<Self> {
        settle(data_dir)?;
        let folder = data_dir.join(FOLDER);
        private::create_folder(&folder).map_err(unwritable(&folder))?;
        let path = folder.join(identity::KEY);
        let key = match identity::load_key(&path) {
            Ok(key) => key,
            // Nobody knows this key yet: a damaged one is as good as none.
            Err(IdentityError::Damaged { .. }) => make_key(&path)?,
            Err(error) => return Err(error),
        };
        Ok(Self {
            data_dir: data_dir.to_owned(),
            folder,
            key,
        })
    }

    /// The certificate request, in PEM.
    pub(crate) fn request(&self) -> Result<String> {
        request(&self.key)
    }

    /// Keeps what the collector answered: from here on this is the device's identity.
    ///
    /// # Errors
    /// When the answer does not fit the request, or cannot be kept.
    pub(crate) fn finish(self, collector: &str, answer: &EnrolAnswer) -> Result<()> {
        let write = |name: &str, content: &[u8]| {
            let path = self.folder.join(name);
            private::write(&path, content).map_err(unwritable(&path))
        };
        let chain = certificate::read_pem(&answer.certificate).map_err(unfit)?;
        if certificate::public_key(&chain[0]).ok().as_deref() != Some(self.key.der_bytes()) {
            return Err(unfit("it holds a certificate for another key"));
        }
        let roots = answer.roots.join("\n");
        certificate::read_pem(&roots).map_err(unfit)?;
        let company_key = STANDARD
            .decode(&answer.company_key)
            .ok()
            .map(Zeroizing::new)
            .filter(|bytes| bytes.len() == 32);
        let company_key = company_key.ok_or_else(|| unfit("it holds no company key of 32 bytes"))?;

        write(identity::CERTIFICATE, answer.certificate.as_bytes())?;
        write(identity::ROOTS, roots.as_bytes())?;
        let path = self.folder.join(identity::COMPANY_KEY);
        secret::write(&path, &company_key).map_err(unwritable(&path))?;
        let record = Record {
            device: answer.device,
            collector: collector.trim_end_matches('/').to_owned(),
            policy_key: answer.policy_key.clone(),
            roots_serial: answer.roots_serial,
            certified_under: answer.roots_serial,
            binding: answer.binding,
            bundle_serial: 0,
        };
        identity::write_record(&self.folder, &record)?;
        settle(&self.data_dir)
    }
}

/// A certificate request for `key`, in PEM. The collector names the device; the request does not.
pub(crate) fn request(key: &KeyPair) -> Result<String> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters
        .serialize_request(key)
        .and_then(|request| request.pem())
        .map_err(|error| IdentityError::NoKey(error.to_string()))
}

/// Puts a complete new identity in the place of the former one; a crash on the way is made good by the next call.
pub(super) fn settle(data_dir: &Path) -> Result<()> {
    let (new, current, former) = (
        data_dir.join(FOLDER),
        data_dir.join(identity::FOLDER),
        data_dir.join(FORMER),
    );
    if new.join(identity::ENROLMENT).exists() {
        remove_folder(&former)?;
        if current.exists() {
            private::rename_folder(&current, &former).map_err(unwritable(&former))?;
        }
        private::rename_folder(&new, &current).map_err(unwritable(&current))?;
    }
    remove_folder(&former)
}

fn make_key(path: &Path) -> Result<KeyPair> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)
        .map_err(|error| IdentityError::NoKey(error.to_string()))?;
    let text = Zeroizing::new(key.serialize_pem());
    secret::write(path, text.as_bytes()).map_err(unwritable(path))?;
    Ok(key)
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(folder)(error)),
        _ => Ok(()),
    }
}
