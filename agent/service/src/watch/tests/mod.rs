//! The whole stage on real folders.

mod behaviour;
#[cfg(target_os = "linux")]
mod limits;
mod places;
mod random;
mod site;
mod storms;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as os;
#[cfg(windows)]
use windows as os;
