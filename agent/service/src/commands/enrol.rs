//! `fileward-agent enrol`: makes this PC a device of the company's collector.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use fileward_protocol::enrol::Token;
use fileward_protocol::vocabulary::Binding;

use super::setup;
use crate::config::Config;
use crate::device::identity::Identity;
use crate::device::{clock, fingerprint, private};
use crate::host;
use crate::uplink::{self, EnrolError, Enrolled, Failure, bundle};

/// A token is far shorter; whatever else was piped in is not read to its end.
const LONGEST_TOKEN: u64 = 64 * 1024;

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The enrolment token; `-` reads it from standard input, which keeps it out of the list of processes.
    #[arg(long)]
    pub(crate) token: String,
}

/// Enrols this PC with `token`; `-` stands for standard input.
///
/// # Errors
/// One sentence: what failed, why, and what to do. A former enrolment stays in force then.
pub(crate) fn run(data_dir: &Path, token: &str) -> anyhow::Result<()> {
    let token = read_token(token, io::stdin().lock())?;
    let aside = private::create_data_folder(data_dir).with_context(|| {
        format!(
            "Failed to make the state folder {}; run this as root or administrator",
            data_dir.display()
        )
    })?;
    if let Some(aside) = aside {
        writeln!(
            io::stdout(),
            "The state folder was somebody else's; it lies in {} now.",
            aside.display()
        )?;
    }
    let config = Config::load(data_dir)?;
    clock::service().keep_in(data_dir);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let enrolled = runtime.block_on(enrol(data_dir, &token, &config)).map_err(explain)?;
    let next = match enrolled.binding {
        Binding::Pending => "it waits for approval by an administrator",
        _ => "it is approved",
    };
    writeln!(
        io::stdout(),
        "This PC is enrolled as device {}; {next}.",
        enrolled.device
    )?;
    if let Err(why) = runtime.block_on(fetch_policy(data_dir, config))? {
        writeln!(io::stdout(), "Its policy follows with the first contact: {why}.")?;
    }
    let is_system = data_dir == crate::config::system_state();
    if is_system && host::service::restart_if_running()? {
        writeln!(io::stdout(), "The service was restarted with its new identity.")?;
    }
    Ok(())
}

/// Enrols, and forgets a token that was kept for it.
pub(super) async fn enrol(data_dir: &Path, token: &Token, config: &Config) -> Result<Enrolled, EnrolError> {
    let enrolled = uplink::enrol(
        data_dir,
        token,
        fingerprint::take(None),
        clock::service(),
        config.proxy.as_ref(),
    )
    .await?;
    if let Err(error) = setup::forget_token(data_dir) {
        tracing::warn!("{error:#}");
    }
    Ok(enrolled)
}

/// Fetches the policy of a PC that was just enrolled; inside, why it could not be fetched yet.
pub(super) async fn fetch_policy(data_dir: &Path, config: Config) -> anyhow::Result<Result<(), String>> {
    let Some(enrolment) = Identity::load(data_dir)?.into_enrolment() else {
        return Ok(Ok(()));
    };
    let fetched = bundle::fetch_first(data_dir, enrolment, clock::service().clone(), config.proxy).await;
    Ok(fetched.map(drop))
}

pub(super) fn read_token(token: &str, input: impl io::Read) -> anyhow::Result<Token> {
    let mut piped = String::new();
    let text = if token == "-" {
        input
            .take(LONGEST_TOKEN)
            .read_to_string(&mut piped)
            .context("Failed to read the token from standard input")?;
        &piped
    } else {
        token
    };
    if text.trim().is_empty() {
        bail!("there is no token: give it as --token TOKEN, or with --token - on standard input");
    }
    Ok(Token::decode(text)?)
}

pub(super) fn explain(error: EnrolError) -> anyhow::Error {
    let advice = match &error {
        EnrolError::Failure(Failure::Untrusted(_)) => {
            "what answers is not the collector this token belongs to, or something on the way opens the connection; ask your IT department"
        }
        EnrolError::Failure(Failure::Offline(_)) => "check the network and the proxy, then run the same command again",
        EnrolError::Failure(Failure::Status { .. } | Failure::Answer(_)) => {
            "something else than the collector may answer, such as a proxy; check the address and the proxy"
        }
        _ => return error.into(),
    };
    anyhow::anyhow!("{error}; {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token {
            url: "https://127.0.0.1:9".into(),
            ca_hash: "aGFzaA".into(),
            secret: "c2VjcmV0".into(),
        }
    }

    #[test]
    fn a_token_comes_as_an_argument_or_by_standard_input() {
        let text = token().encode();
        assert_eq!(read_token(&text, io::empty()).unwrap(), token());
        assert_eq!(read_token("-", format!("{text}\r\n").as_bytes()).unwrap(), token());
    }

    #[test]
    fn what_is_no_token_is_told_without_repeating_it() {
        for (text, piped, wanted) in [
            ("-", "", "there is no token"),
            (" ", "", "there is no token"),
            ("secret-but-no-token", "", "must begin with \"fw1.\""),
            ("-", "fw1.c2VjcmV0", "is damaged"),
        ] {
            let error = read_token(text, piped.as_bytes()).unwrap_err().to_string();
            assert!(
                error.contains(wanted) && !error.contains("secret") && !error.contains("c2Vj"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_collector_that_is_not_there_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let ca_hash = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, [7; 32]);
        let error = run(folder.path(), &Token { ca_hash, ..token() }.encode())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("cannot be reached") && error.contains("run the same command again"),
            "{error}"
        );
    }
}
