//! What the policy says of a file: case by case, and as laws that hold for every file and every policy.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only functions that are tests themselves for tests"
)]

mod cases;
mod laws;
mod subject;

const EXAMPLE: &str = include_str!("../../example.toml");
