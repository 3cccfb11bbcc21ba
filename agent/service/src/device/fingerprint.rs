//! What identifies this device to people; see [`fileward_protocol::fingerprint`].

/// Stand-in.
pub(crate) fn take(_key: &fileward_protocol::ids::CompanyKey) -> fileward_protocol::fingerprint::Fingerprint {
    fileward_protocol::fingerprint::Fingerprint::default()
}
