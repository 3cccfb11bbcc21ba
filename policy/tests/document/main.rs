//! The policy document: what is accepted, what is refused and where, what groups change.

mod accepted;
mod keys;
mod laws;
mod published;
mod refused;

use fileward_policy::{Policy, PolicyError, explain};

const EXAMPLE: &str = include_str!("../../example.toml");
const LEAST: &str = "format = 1\n[[store]]\npath = '/srv/work'\n";

fn valid(source: &str) -> Policy {
    let policy = Policy::parse(source).unwrap_or_else(|errors| panic!("{}", explain("policy.toml", &errors)));
    assert_eq!(
        Policy::parse_published(source).as_ref(),
        Ok(&policy),
        "published, it means the same"
    );
    policy
}

fn errors(source: &str) -> Vec<PolicyError> {
    let errors = Policy::parse(source)
        .err()
        .unwrap_or_else(|| panic!("accepted: {source}"));
    let published = Policy::parse_published(source).err().unwrap_or_default();
    let forgiven = |error: &&PolicyError| !published.contains(error);
    if let Some(error) = errors.iter().find(forgiven) {
        assert!(
            error.key.contains(".detectors.") || error.key.contains("agent."),
            "published, this is accepted: {error}"
        );
    }
    errors
}

/// `LEAST` followed by `more`, which starts on line 4.
fn with(more: &str) -> String {
    format!("{LEAST}{more}")
}
