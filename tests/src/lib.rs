//! What the end-to-end tests share: a real collector, a real agent on a PC of its own, a real desktop, real documents.
//!
//! Everything lives in temporary folders and listens on loopback; what a test starts, it ends.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![expect(clippy::print_stderr, reason = "a skipped test says why")]

pub mod accuracy;
pub mod clock;
pub mod collector;
pub mod company;
pub mod corpus;
pub mod damage;
pub mod desktop;
pub mod device;
pub mod documents;
pub mod employee;
pub mod mounts;
pub mod node;
pub mod officer;
pub mod pc;
pub mod policy;
pub mod process;
pub mod program;
pub mod python;
pub mod screen;
pub mod session;
pub mod wine;

pub use collector::Collector;
pub use desktop::Desktop;
pub use device::Device;
pub use employee::Employee;
pub use mounts::Mounts;
pub use pc::Pc;
pub use policy::Policy;
pub use process::{eventually, program};
pub use session::Session;
pub use wine::Windows;
