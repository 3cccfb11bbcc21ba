//! The custom actions of the MSI that hand tokens to the agent: the one to enrol with, and the one to uninstall with.
//!
//! A program started by the installer can be given a token only on its command line, which any audit of processes
//! writes down. A library is asked by the installer itself: it takes the token from the action's hidden data and hands
//! it on by standard input.

#[cfg(windows)]
mod windows;
