//! What identifies this device to people; see [`fileward_protocol::fingerprint`].
