//! The whole stage on real folders.

mod behaviour;
mod limits;
mod places;
mod random;
mod site;
mod storms;
