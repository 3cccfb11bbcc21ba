//! A line of text from the user, by whatever dialog program the desktop brought along.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

use crate::desktop::TextQuestion;

/// Whether there is a dialog program.
pub(crate) fn can_ask_text() -> bool {
    dialog_program().is_some()
}

/// Asks for a line of text; `None` when the user gives none.
pub(crate) async fn ask_text(question: TextQuestion<'_>) -> Option<String> {
    let TextQuestion {
        title,
        text,
        send,
        cancel,
    } = question;
    let (program, path) = dialog_program()?;
    let mut command = Command::new(path);
    match program {
        Program::Zenity => command.args(["--entry", "--title", title, "--text", text]).args([
            "--ok-label",
            send,
            "--cancel-label",
            cancel,
        ]),
        // Its buttons speak the desktop's language.
        Program::Kdialog => command.args(["--title", title, "--inputbox", text]),
    };
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .ok()?;
    let typed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !typed.is_empty()).then_some(typed)
}

#[derive(Clone, Copy)]
enum Program {
    Zenity,
    Kdialog,
}

fn dialog_program() -> Option<(Program, PathBuf)> {
    let zenity = on_path("zenity").map(|path| (Program::Zenity, path));
    let kdialog = on_path("kdialog").map(|path| (Program::Kdialog, path));
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    if desktop.split(':').any(|name| name == "KDE") {
        kdialog.or(zenity)
    } else {
        zenity.or(kdialog)
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
