//! Who is at the other end of a connection.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::problem::Code;
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use x509_parser::parse_x509_certificate;

use super::problem::Refused;
use crate::ca;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Its address.
    pub address: IpAddr,
    certificate: Option<Certificate>,
}

/// What matters of a device's certificate, which TLS has verified.
#[derive(Clone, Copy, Debug)]
struct Certificate {
    device: DeviceId,
    key_hash: [u8; 32],
    until: Timestamp,
}

impl Peer {
    /// Takes what matters from the peer's certificate.
    pub(crate) fn new(address: SocketAddr, certificate: Option<&CertificateDer<'_>>) -> Self {
        Self {
            address: address.ip(),
            certificate: certificate.and_then(read),
        }
    }
}

fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    let name = certificate.subject().iter_common_name().next()?.as_str().ok()?;
    Some(Certificate {
        device: name.parse().ok()?,
        key_hash: ca::key_hash(certificate.public_key().raw),
        until: Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()?,
    })
}

/// A device that showed its certificate, perhaps an expired one. Whether it is welcome is still to be asked.
pub(super) struct ExpiredOrNot {
    /// The device.
    pub device: DeviceId,
    /// The hash of its key.
    pub key_hash: [u8; 32],
}

/// A device that showed a certificate in force.
pub(super) struct Device(pub DeviceId);

fn certificate(parts: &Parts) -> Result<Certificate, Refused> {
    let peer = parts.extensions.get::<Peer>();
    peer.and_then(|peer| peer.certificate).ok_or_else(|| {
        Refused::new(
            Code::CertificateRequired,
            "this address needs the device's certificate; enrol first",
        )
    })
}

impl<S: Sync> FromRequestParts<S> for ExpiredOrNot {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let certificate = certificate(parts)?;
        Ok(Self {
            device: certificate.device,
            key_hash: certificate.key_hash,
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Device {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let certificate = certificate(parts)?;
        if certificate.until < Timestamp::now() {
            let detail = "the device's certificate has expired; renew it";
            return Err(Refused::new(Code::CertificateRequired, detail));
        }
        Ok(Self(certificate.device))
    }
}
