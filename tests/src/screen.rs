//! A screen that nobody looks at, but for pictures that tests take.

use std::process::Command;

use crate::process::Running;

/// Starts a screen; the display that programs show themselves on.
pub fn start() -> (Running, String) {
    // The server takes the first free display and says which: nothing to guess, nothing to collide with.
    let options = [
        "-displayfd",
        "1",
        "-screen",
        "0",
        "1024x700x24",
        "-nolisten",
        "tcp",
        "-ac",
    ];
    let mut screen = Running::start(Command::new("Xvfb").args(options));
    let display = format!(":{}", screen.line("").trim());
    (screen, display)
}
