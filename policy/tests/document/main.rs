//! The policy document: what is accepted, what is refused and where, what groups change.

mod accepted;
mod keys;
mod laws;
mod refused;

use fileward_policy::{Policy, PolicyError, explain};

const EXAMPLE: &str = include_str!("../../example.toml");
const LEAST: &str = "format = 1\n[[store]]\npath = '/srv/work'\n";

fn valid(source: &str) -> Policy {
    Policy::parse(source).unwrap_or_else(|errors| panic!("{}", explain("policy.toml", &errors)))
}

fn errors(source: &str) -> Vec<PolicyError> {
    Policy::parse(source)
        .err()
        .unwrap_or_else(|| panic!("accepted: {source}"))
}

/// `LEAST` followed by `more`, which starts on line 4.
fn with(more: &str) -> String {
    format!("{LEAST}{more}")
}
