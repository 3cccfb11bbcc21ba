//! `fileward-agent setup`: what a package does when it is installed or removed.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use fileward_protocol::enrol::Token;

use super::{enrol, run, trays, uninstall_token};
use crate::device::{identity, private};

/// Holds the enrolment token from the installation to the first contact with the collector.
const TOKEN: &str = "enrolment-token";

/// What to do.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Keeps the enrolment token from standard input for the service, unless the PC is enrolled.
    KeepToken,
    /// Forgets a token that was kept.
    ForgetToken,
    /// Says whether the policy in force is content with the uninstall token from standard input.
    CheckUninstallToken,
    /// Ends the trays of all sessions, so that their program can be removed.
    EndTrays,
    /// Removes everything that the agent keeps on this PC.
    RemoveState,
}

/// Does it.
///
/// # Errors
/// When the token is none, the state folder cannot be read or written, or an agent still runs that uses it.
pub(crate) fn run(data_dir: &Path, action: Action) -> Result<ExitCode> {
    match action {
        Action::KeepToken => keep_token(data_dir, io::stdin().lock())?,
        Action::ForgetToken => forget_token(data_dir)?,
        Action::CheckUninstallToken => return uninstall_token::check(data_dir, io::stdin().lock()),
        Action::EndTrays => trays::end(&std::env::current_exe().context("Failed to find this program")?)?,
        Action::RemoveState => remove_state(data_dir)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn keep_token(data_dir: &Path, input: impl io::Read) -> Result<()> {
    let token = enrol::read_token("-", input)?;
    if identity::is_enrolled(data_dir) {
        return Ok(());
    }
    private::create_data_folder(data_dir)
        .and_then(|_| private::write(&data_dir.join(TOKEN), token.encode().as_bytes()))
        .with_context(|| format!("Failed to keep the token in {}", data_dir.display()))
}

/// The token that was kept for the first contact; `None` without one, and on a PC that is enrolled.
pub(super) fn kept_token(data_dir: &Path) -> Result<Option<Token>> {
    let path = data_dir.join(TOKEN);
    if identity::is_enrolled(data_dir) || !path.exists() {
        return Ok(None);
    }
    let file = fs::File::open(&path).with_context(|| format!("Failed to open {}", path.display()))?;
    enrol::read_token("-", file).map(Some)
}

/// Forgets a token that was kept; does nothing where there is none.
pub(super) fn forget_token(data_dir: &Path) -> Result<()> {
    let path = data_dir.join(TOKEN);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("Failed to remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn remove_state(data_dir: &Path) -> Result<()> {
    if !data_dir.exists() {
        return Ok(());
    }
    // Whoever holds the lock would write on into a folder that is going.
    drop(run::lock(data_dir)?);
    // First what may lie elsewhere too, in the OS's keystore.
    identity::remove(data_dir)?;
    fs::remove_dir_all(data_dir).with_context(|| format!("Failed to remove {}", data_dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        let token = Token {
            url: "https://127.0.0.1:9".into(),
            ca_hash: "aGFzaA".into(),
            secret: "c2VjcmV0".into(),
        };
        token.encode()
    }

    #[test]
    fn a_token_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("state");
        keep_token(&data, format!("{}\r\n", token()).as_bytes()).unwrap();
        assert_eq!(kept_token(&data).unwrap().unwrap().encode(), token());
        forget_token(&data).unwrap();
        forget_token(&data).unwrap();
        assert!(kept_token(&data).unwrap().is_none());
    }

    #[test]
    fn what_is_no_token_is_not_kept_and_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let error = keep_token(folder.path(), &b"secret"[..]).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
        assert!(!folder.path().join(TOKEN).exists());
    }

    #[test]
    fn an_enrolled_pc_keeps_its_identity_and_no_token() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("identity")).unwrap();
        fs::write(folder.path().join("identity/enrolment.json"), "{}").unwrap();
        keep_token(folder.path(), token().as_bytes()).unwrap();
        assert!(!folder.path().join(TOKEN).exists());
    }

    #[test]
    fn the_state_goes_whole_but_not_from_under_a_running_agent() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("state");
        fs::create_dir_all(data.join("identity")).unwrap();
        let running = run::lock(&data).unwrap();
        assert!(remove_state(&data).unwrap_err().to_string().contains("stop it first"));
        drop(running);
        remove_state(&data).unwrap();
        remove_state(&data).unwrap();
        assert!(!data.exists());
    }
}
