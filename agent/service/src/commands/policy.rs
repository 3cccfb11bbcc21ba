//! `policy`: the effective policy in words; and which policy holds for a command.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use fileward_ipc::{ToClient, ToService};
use fileward_policy::Effective;

use super::client::{Client, unexpected};
use super::folders::Folders;
use super::output;
use crate::device::identity::Identity;
use crate::pipeline::Force;
use crate::uplink::bundle;

pub(super) fn tell(folders: &Folders) -> Result<()> {
    let policy = match asked(folders)? {
        Some(policy) => policy,
        None => in_force(folders)?.policy,
    };
    output::line(policy.in_words(output::language()))
}

/// The policy of the running service.
pub(super) fn asked(folders: &Folders) -> Result<Option<Effective>> {
    let Some(mut client) = Client::connect(folders)? else {
        return Ok(None);
    };
    match client.ask(&ToService::Policy)? {
        ToClient::Policy { effective, .. } => {
            let policy = serde_json::from_value(effective).context("Failed to read the service's policy")?;
            Ok(Some(policy))
        }
        other => unexpected(&other),
    }
}

/// The policy that lies in the state folder: the collector's last, else the built-in one.
pub(super) fn in_force(folders: &Folders) -> Result<Force> {
    let data = folders.data()?;
    if crate::device::identity::enrolled_device(data).is_none() {
        return built_in();
    }
    of_enrolment(data, &Identity::load(data)?)
}

/// The collector's last policy; the built-in one until the first has come.
pub(super) fn of_enrolment(data: &Path, identity: &Identity) -> Result<Force> {
    let Some(enrolment) = identity.enrolment() else {
        return built_in();
    };
    match bundle::load(data, enrolment.policy_key(), enrolment.bundle_serial()) {
        Ok(Some(accepted)) => {
            Force::bundle(accepted.bundle).map_err(|errors| invalid("the collector's policy", &errors))
        }
        Ok(None) => built_in(),
        Err(refused) => {
            tracing::warn!(%refused, "the policy kept on this PC is not used; the built-in one holds until the next contact");
            built_in()
        }
    }
}

/// A policy document on this PC.
pub(super) fn of_file(file: &Path) -> Result<Force> {
    let document = fs::read_to_string(file).with_context(|| format!("Failed to read the policy {}", file.display()))?;
    Force::local(&document).map_err(|errors| invalid(&file.display().to_string(), &errors))
}

pub(super) fn built_in() -> Result<Force> {
    Force::local(fileward_policy::DEFAULT).map_err(|errors| invalid("the built-in policy", &errors))
}

fn invalid(name: &str, errors: &[fileward_policy::PolicyError]) -> anyhow::Error {
    let lines = fileward_policy::explain(name, errors);
    anyhow!("the policy cannot be used: {}", lines.trim_end().replace('\n', "; "))
}
