//! The service manager of Windows; without it, a console.

use std::io;

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
};

use super::Change;

#[path = "windows/event_log.rs"]
mod event_log;
#[path = "windows/manager.rs"]
mod manager;
#[path = "windows/service.rs"]
pub(crate) mod service;
#[path = "windows/settings.rs"]
mod settings;
#[path = "windows/token.rs"]
pub(crate) mod token;

pub(super) use event_log::record;

/// What asks for a stop.
pub(super) enum Requests {
    /// The service manager.
    Manager,
    /// Whoever sits at the console, or the OS when it closes it.
    Console(Box<Console>),
}

pub(super) struct Console {
    interrupt: CtrlC,
    terminate: CtrlBreak,
    close: CtrlClose,
    shutdown: CtrlShutdown,
}

impl Requests {
    pub(super) fn listen() -> io::Result<Self> {
        if manager::is_in_charge() {
            return Ok(Self::Manager);
        }
        Ok(Self::Console(Box::new(Console {
            interrupt: ctrl_c()?,
            terminate: ctrl_break()?,
            close: ctrl_close()?,
            shutdown: ctrl_shutdown()?,
        })))
    }

    pub(super) async fn next(&mut self) {
        match self {
            Self::Manager => manager::stop_asked().await,
            Self::Console(console) => tokio::select! {
                _ = console.interrupt.recv() => (),
                _ = console.terminate.recv() => (),
                _ = console.close.recv() => (),
                _ = console.shutdown.recv() => (),
            },
        }
    }
}

pub(super) fn serve(main: impl FnOnce() -> anyhow::Result<()> + Send + 'static) -> anyhow::Result<()> {
    manager::serve(Box::new(main))
}

/// The service manager drops what a service writes to its standard streams.
pub(super) fn keeps_output() -> bool {
    !manager::is_in_charge()
}

pub(super) fn follow(listener: impl Fn(Change) + Send + 'static) {
    manager::follow(Box::new(listener));
}

pub(super) fn starting() {
    manager::starting();
}

pub(super) fn ready() {
    manager::ready();
}

/// The service manager was told when it asked; an end from inside may be a new beginning with another identity.
pub(super) fn stopping() {}
