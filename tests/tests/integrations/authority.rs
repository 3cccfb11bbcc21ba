//! A CA of the test's own, and a certificate of it for servers on loopback.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// A CA with one server's certificate, as PEM.
pub(crate) struct Authority {
    pub(crate) certificate: String,
    pub(crate) server: String,
    pub(crate) server_key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let server_key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec![
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "siem.example".to_owned(),
        ])
        .unwrap();
        Self {
            certificate,
            server: server.signed_by(&server_key, &issuer).unwrap().pem(),
            server_key: server_key.serialize_pem(),
        }
    }

    /// The CA's certificate as a file of this folder.
    pub(crate) fn file(&self, folder: &Path) -> PathBuf {
        let file = folder.join("authority.pem");
        std::fs::write(&file, &self.certificate).unwrap();
        file
    }
}
