//! Python with packages of its own, for the scripts of one folder.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

static INSTALLING: Mutex<()> = Mutex::new(());

/// The folder that outlives the clone.
pub(crate) fn cache() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    base.or_else(home).unwrap_or_else(std::env::temp_dir).join("fileward")
}

/// A folder of scripts.
pub fn scripts(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// A Python with the packages that a folder's `requirements.txt` names. `None`, with a printed reason, where they cannot
/// be had.
pub fn environment(folder: &str) -> Option<PathBuf> {
    let requirements = scripts(folder).join("requirements.txt");
    let wanted = std::fs::read(&requirements).expect("the scripts are there");
    let made = cache().join(format!("python-{}", &blake3::hash(&wanted).to_hex()[..16]));
    let python = made.join("bin/python3");
    let done = made.join("done");
    // One test installs them, and the others of its program wait.
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if done.exists() {
        return Some(python);
    }
    eprintln!(
        "installing the packages of tests/{folder}/requirements.txt into {}",
        made.display()
    );
    let quiet = |command: &mut Command| {
        command
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let _ = std::fs::remove_dir_all(&made);
    let installed = quiet(Command::new("python3").args(["-m", "venv"]).arg(&made))
        && quiet(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(requirements),
        );
    if !installed {
        // Past the capture of a test that goes on to pass.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: the packages of tests/{folder}/requirements.txt could not be installed (python3-venv, PyPI)"
        );
        return None;
    }
    std::fs::write(done, "").expect("the cache is writable");
    Some(python)
}
