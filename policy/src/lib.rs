//! The policy document, its validation, and [`judge()`]. Pure logic: no IO, no clock.
//!
//! [`document`] reads what an officer edits, [`effective`] is what holds for one device, [`facts`] and [`subject`]
//! are what is known of a file and of where it lies, [`judge()`] decides, [`verdict`] is what it says and why,
//! [`words`] says it to people, [`disclosed`] what the company did, [`uninstall`] is the token that removing the agent may need.

mod advice;
pub mod disclosed;
pub mod document;
pub mod effective;
pub mod facts;
pub mod judge;
mod pattern;
pub mod registered;
pub mod subject;
mod summary;
pub mod uninstall;
pub mod verdict;
mod why;
pub mod words;

pub use advice::advice;
pub use document::{DEFAULT, Policy, PolicyError, explain, json_schema};
pub use effective::Effective;
pub use facts::Facts;
pub use judge::{judge, judge_store};
pub use pattern::{BadExpression, check_glob, expression};
pub use subject::Subject;
pub use verdict::Verdict;
