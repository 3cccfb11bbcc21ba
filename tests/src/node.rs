//! Node.js with packages of its own, for the scripts of one folder.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::process::have;
use crate::python::{cache, scripts};

static INSTALLING: Mutex<()> = Mutex::new(());

/// A copy of a folder of scripts with the packages that its `package.json` names beside them. `None`, with a printed
/// reason, where they cannot be had.
pub fn environment(folder: &str) -> Option<PathBuf> {
    if !have(&["node", "npm"]) {
        return None;
    }
    let from = scripts(folder);
    let mut hasher = blake3::Hasher::new();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&from).expect("the scripts are there") {
        let path = entry.expect("the folder can be read").path();
        hasher.update(&std::fs::read(&path).expect("the scripts can be read"));
        files.push(path);
    }
    let made = cache().join(format!("node-{}", &hasher.finalize().to_hex()[..16]));
    // One test installs them, and the others of its program wait.
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if made.join("done").exists() {
        return Some(made);
    }
    eprintln!(
        "installing the packages of tests/{folder}/package.json into {}",
        made.display()
    );
    let _ = std::fs::remove_dir_all(&made);
    std::fs::create_dir_all(&made).expect("the cache is writable");
    for file in &files {
        std::fs::copy(file, made.join(file.file_name().expect("files have names"))).expect("the cache is writable");
    }
    let installed = Command::new("npm")
        .args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ])
        .arg(&made)
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !installed {
        // Past the capture of a test that goes on to pass.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: the packages of tests/{folder}/package.json could not be installed (npm)"
        );
        return None;
    }
    std::fs::write(made.join("done"), "").expect("the cache is writable");
    Some(made)
}
