//! The custom action of the MSI that hands the enrolment token to the agent.
//!
//! A program started by the installer can be given the token only on its command line, which any audit of processes
//! writes down. A library is asked by the installer itself: it takes the token from the action's hidden data and hands
//! it on by standard input.

#[cfg(windows)]
mod windows;
