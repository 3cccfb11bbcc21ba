//! The whole stage on real folders.

mod behaviour;
mod site;
