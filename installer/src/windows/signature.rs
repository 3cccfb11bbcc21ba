//! Signing by osslsigncode, when a certificate is configured.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run;

/// The variables that configure it.
pub const VARIABLES: &str = "\
FILEWARD_SIGN_PKCS12 with FILEWARD_SIGN_PASSWORD_FILE, or FILEWARD_SIGN_CERTIFICATE with FILEWARD_SIGN_KEY (a file, or a
pkcs11: address with FILEWARD_SIGN_PKCS11_MODULE); FILEWARD_SIGN_TIMESTAMP_URL is the address of a timestamp server";

/// Where the key is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    /// Certificate and key in one file.
    Pkcs12(OsString),
    /// A certificate's file; the key's file, or its address in a token.
    Pair {
        certificate: OsString,
        key: OsString,
        module: Option<OsString>,
    },
}

/// With what to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    key: Key,
    password_file: Option<OsString>,
    timestamp_url: Option<OsString>,
}

impl Signer {
    /// What the environment configures; `None` when it configures nothing.
    ///
    /// # Errors
    /// When it configures a half.
    pub fn from_environment() -> Result<Option<Self>> {
        Self::from_settings(|name| env::var_os(format!("FILEWARD_SIGN_{name}")).filter(|value| !value.is_empty()))
    }

    /// As [`Self::from_environment`], from settings named without their common prefix, such as `PKCS12`.
    ///
    /// # Errors
    /// When they configure a half.
    pub fn from_settings(setting: impl Fn(&str) -> Option<OsString>) -> Result<Option<Self>> {
        let key = match (setting("PKCS12"), setting("CERTIFICATE"), setting("KEY")) {
            (None, None, None) => return Ok(None),
            (Some(file), None, None) => Key::Pkcs12(file),
            (None, Some(certificate), Some(key)) => Key::Pair {
                certificate,
                key,
                module: setting("PKCS11_MODULE"),
            },
            _ => bail!("signing is configured by halves; it takes {VARIABLES}"),
        };
        Ok(Some(Self {
            key,
            password_file: setting("PASSWORD_FILE"),
            timestamp_url: setting("TIMESTAMP_URL"),
        }))
    }

    /// Signs a program or an MSI in place.
    ///
    /// # Errors
    /// When osslsigncode refuses.
    pub fn sign(&self, file: &Path) -> Result<()> {
        let signed = file.with_extension("signed");
        let _ = fs::remove_file(&signed);
        let mut tool = Command::new("osslsigncode");
        tool.args(["sign", "-h", "sha256", "-n", "Fileward"]);
        match &self.key {
            Key::Pkcs12(store) => {
                tool.arg("-pkcs12").arg(store);
            }
            Key::Pair {
                certificate,
                key,
                module,
            } => {
                tool.arg("-certs").arg(certificate).arg("-key").arg(key);
                if let Some(module) = module {
                    tool.arg("-pkcs11module").arg(module);
                }
            }
        }
        // A file, never the password itself: arguments are seen by everybody on the PC.
        if let Some(password) = &self.password_file {
            tool.arg("-readpass").arg(password);
        }
        if let Some(url) = &self.timestamp_url {
            tool.arg("-ts").arg(url);
        }
        run(tool.arg("-in").arg(file).arg("-out").arg(&signed))?;
        fs::rename(&signed, file).with_context(|| format!("Failed to write {}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[(&str, &str)]) -> Result<Option<Signer>> {
        Signer::from_settings(|name| {
            settings
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn nothing_configured_signs_nothing_and_a_half_is_refused() {
        assert_eq!(of(&[]).unwrap(), None);
        assert_eq!(of(&[("TIMESTAMP_URL", "http://t")]).unwrap(), None);
        assert!(of(&[("PKCS12", "a.p12")]).unwrap().is_some());
        assert!(
            of(&[("CERTIFICATE", "a.pem"), ("KEY", "pkcs11:token=x")])
                .unwrap()
                .is_some()
        );
        for half in [
            [("CERTIFICATE", "a.pem"), ("TIMESTAMP_URL", "t")],
            [("PKCS12", "a.p12"), ("KEY", "k")],
        ] {
            assert!(of(&half).unwrap_err().to_string().contains("by halves"));
        }
    }
}
