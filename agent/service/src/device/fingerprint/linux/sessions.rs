//! Who is logged on at a desktop or a console: by logind, else by utmp.

use std::fs;
use std::path::Path;

use super::{text, value};

pub(super) fn read(root: &Path) -> Vec<String> {
    match fs::read_dir(root.join("run/systemd/sessions")) {
        Ok(entries) => entries
            .flatten()
            .filter_map(|entry| logind(&text(&entry.path())))
            .collect(),
        Err(_) => utmp(&fs::read(root.join("run/utmp")).unwrap_or_default()),
    }
}

/// The user of one session of logind; not of greeters, background jobs and remote logins.
fn logind(session: &str) -> Option<String> {
    let is = |key, wanted| value(session, key) == Some(wanted);
    let at_a_screen = ["x11", "wayland", "mir", "tty"]
        .into_iter()
        .any(|kind| is("TYPE", kind));
    let stays = !is("STATE", "closing") && !is("REMOTE", "1");
    (is("CLASS", "user") && at_a_screen && stays)
        .then(|| value(session, "USER"))?
        .map(str::to_owned)
}

/// The users of utmp, whose records glibc keeps alike on every 64-bit architecture.
fn utmp(records: &[u8]) -> Vec<String> {
    const RECORD: usize = 384;
    const USER_PROCESS: [u8; 2] = [7, 0];
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    };
    let users = records
        .chunks_exact(RECORD)
        .filter(|record| record[..2] == USER_PROCESS)
        .filter_map(|record| {
            let (line, user, host) = (text(&record[8..40]), text(&record[44..76]), text(&record[76..332]));
            let local = line.starts_with("tty") || line.starts_with(':') || host.starts_with(':');
            (local && !user.is_empty()).then_some(user)
        });
    users.collect()
}
