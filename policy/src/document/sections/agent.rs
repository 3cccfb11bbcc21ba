//! `[agent]`.

use super::super::reader::Reader;
use crate::effective::Agent;

/// The keys that this version knows.
pub(super) const KEYS: [&str; 1] = ["uninstall_token_hash"];

pub(super) fn agent(agent: &mut Reader<'_>) -> Agent {
    let about = "The hash of the token without which Windows does not uninstall the agent; \
                 \"fileward-collector policy uninstall-token\" makes both.";
    Agent {
        uninstall_token_hash: agent.optional(KEYS[0], about),
    }
}
