//! Whether an uninstallation may go on: the company's policy may ask for a token.

use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use fileward_policy::uninstall::TokenHash;

use super::{output, policy};
use crate::device::identity::{self, Identity};

/// What the package's action takes for a no (`installer/windows/setup`). Everything else lets the agent go: one that is
/// broken must not stay for ever.
const REFUSED: u8 = 3;
/// A token is far shorter.
const LONGEST: u64 = 1024;

/// Reads the token from standard input and says whether the policy in force is content with it.
///
/// # Errors
/// When the policy cannot be read.
pub(super) fn check(data_dir: &Path, input: impl io::Read) -> Result<ExitCode> {
    let Some(why) = refusal(data_dir, input)? else {
        return Ok(ExitCode::SUCCESS);
    };
    output::error(&anyhow::anyhow!(why));
    Ok(ExitCode::from(REFUSED))
}

fn refusal(data_dir: &Path, input: impl io::Read) -> Result<Option<&'static str>> {
    if !identity::is_enrolled(data_dir) {
        return Ok(None);
    }
    let force = policy::of_enrolment(data_dir, &Identity::load(data_dir)?)?;
    refusal_by(force.policy.agent.uninstall_token_hash.as_ref(), input)
}

fn refusal_by(hash: Option<&TokenHash>, input: impl io::Read) -> Result<Option<&'static str>> {
    let Some(hash) = hash else {
        return Ok(None);
    };
    let mut token = String::new();
    input
        .take(LONGEST)
        .read_to_string(&mut token)
        .context("Failed to read the token from standard input")?;
    Ok(match token.trim() {
        "" => Some("the company's policy asks for an uninstall token, and there is none"),
        token if hash.fits(token) => None,
        _ => Some("the uninstall token is wrong"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$argon2id$v=19$m=64,t=1,p=1$HXLUlepy/N/clKESbczpxw$Pmfxi2Y0bSHh/l/VTPyAMjldeSS4PJ9Qgy3qJoWibTE";

    #[test]
    fn a_policy_that_asks_for_a_token_is_content_with_the_right_one_alone() {
        let hash = TokenHash::parse(HASH).unwrap();
        let refusal = |token: &str| refusal_by(Some(&hash), token.as_bytes()).unwrap();
        assert_eq!(refusal("7KQF-2MWX\r\n"), None);
        assert!(refusal("").unwrap().contains("there is none"));
        let wrong = refusal("7KQF-2MWY").unwrap();
        assert!(wrong.contains("wrong") && !wrong.contains("7KQF"), "{wrong}");
        assert_eq!(refusal_by(None, io::empty()).unwrap(), None);
    }

    #[test]
    fn a_pc_without_a_company_or_with_a_damaged_identity_is_not_held() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(refusal(folder.path(), io::empty()).unwrap(), None);
        std::fs::create_dir(folder.path().join("identity")).unwrap();
        std::fs::write(folder.path().join("identity/enrolment.json"), "{").unwrap();
        assert!(refusal(folder.path(), io::empty()).is_err(), "which is no refusal");
    }
}
