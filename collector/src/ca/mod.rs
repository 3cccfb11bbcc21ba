//! The collector's own certificate authority. Two roots can overlap: the new one is handed out before it signs, the
//! old one is trusted until every certificate it signed is replaced.

mod certificate;
mod verifier;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fileward_protocol::enrol::Roots;
use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use rcgen::{Issuer, KeyPair, PublicKeyData};
use ring::digest::{SHA256, digest};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::folder::Folder;
use crate::keys;
use crate::store::roots::{RootSet, RootState};
use crate::store::{By, Store};

pub(crate) use certificate::{Csr, LEAF_LIFE};
pub(crate) use verifier::ClientVerifier;

/// The roots as they stand, and the key of the one that signs.
pub(crate) struct Authority {
    set: RootSet,
    issuer: Issuer<'static, KeyPair>,
    active: CertificateDer<'static>,
}

/// A certificate with its chain and its key, as rustls takes it.
pub(crate) struct ServerIdentity {
    /// The certificate and the root that signed it, so that an agent that enrols can hold it against its token.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

impl Authority {
    /// Reads the roots; makes the first one where there is none. The caller holds the folder's lock.
    pub(crate) async fn load_or_create(folder: &Folder, store: &dyn Store) -> Result<Self> {
        if store.next_root().await? == 1 {
            add_root(folder, store, By::collector()).await?;
        }
        Self::load(folder, store).await
    }

    /// Reads the roots.
    pub(crate) async fn load(folder: &Folder, store: &dyn Store) -> Result<Self> {
        let set = store.roots().await?;
        let Some(active) = set.roots.iter().find(|root| root.state == RootState::Active) else {
            bail!("The database has no CA root that signs; restore it from a backup");
        };
        let key = KeyPair::from_pem(&keys::read_text(folder, &key_file(active.id))?)
            .with_context(|| format!("The key of CA root {} is damaged; restore it from a backup", active.id))?;
        let certificate = CertificateDer::from_pem_slice(active.certificate.as_bytes())
            .context("A CA root in the database is damaged; restore it from a backup")?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&certificate)
            .context("A CA root in the database is damaged; restore it from a backup")?;
        if parsed.public_key().raw != key.subject_public_key_info() {
            bail!(
                "The key of CA root {} is that of another collector; copy the folder keys of the one that made this database",
                active.id
            );
        }
        let issuer = Issuer::from_ca_cert_der(&certificate, key)
            .context("A CA root in the database is damaged; restore it from a backup")?;
        Ok(Self {
            set,
            issuer,
            active: certificate,
        })
    }

    /// The hash of the root that signs, for tokens.
    pub(crate) fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &self.issuer.key().subject_public_key_info()))
    }

    /// Counts up when the roots change.
    pub(crate) const fn serial(&self) -> u64 {
        self.set.serial
    }

    /// What devices are told to trust.
    pub(crate) fn roots(&self) -> Roots {
        Roots {
            roots: self.set.roots.iter().map(|root| root.certificate.clone()).collect(),
            roots_serial: self.set.serial,
        }
    }

    /// Every root that is trusted.
    pub(crate) fn trusted(&self) -> Result<Vec<CertificateDer<'static>>> {
        let roots = self.set.roots.iter();
        roots
            .map(|root| CertificateDer::from_pem_slice(root.certificate.as_bytes()))
            .collect::<Result<_, _>>()
            .context("A CA root in the database is damaged; restore it from a backup")
    }

    /// Signs a device's certificate and gives it in PEM.
    pub(crate) fn sign_device(&self, csr: &Csr, device: DeviceId, now: Timestamp) -> Result<String> {
        let certificate = certificate::device(csr, device, now, &self.issuer)?;
        Ok(certificate.pem())
    }

    /// Makes a key and a certificate for the collector itself.
    pub(crate) fn server_identity(&self, names: &[String], now: Timestamp) -> Result<ServerIdentity> {
        let key = KeyPair::generate().context("Failed to make the server's key")?;
        let certificate = certificate::server(&key, names, now, &self.issuer)?;
        Ok(ServerIdentity {
            chain: vec![certificate.der().clone(), self.active.clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }
}

/// Adds a root and gives its number. The caller holds the folder's lock.
pub(crate) async fn add_root(folder: &Folder, store: &dyn Store, by: By) -> Result<u32> {
    let id = store.next_root().await?;
    let key = KeyPair::generate().context("Failed to make the key of a CA root")?;
    let certificate = certificate::root(&key, id, by.at)?;
    // The key first: a root without its key would be of no use, a key without its root does no harm.
    folder.write(&key_file(id), key.serialize_pem().as_bytes())?;
    store.add_root(id, certificate.pem(), by).await?;
    Ok(id)
}

fn key_file(id: u32) -> String {
    format!("keys/ca-{id}.key")
}

/// SHA-256 of a `SubjectPublicKeyInfo`.
pub(crate) fn key_hash(spki: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, spki).as_ref());
    hash
}
