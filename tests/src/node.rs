//! Node with packages of its own, for the scripts of one folder.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::python::{cache, scripts};

static INSTALLING: Mutex<()> = Mutex::new(());

/// A copy of a folder of scripts that has the packages of its `package-lock.json` beside it. `None`, with a printed
/// reason, where they cannot be had.
pub fn environment(folder: &str) -> Option<PathBuf> {
    let from = scripts(folder);
    let read = |name: &str| std::fs::read(from.join(name)).expect("the scripts are there");
    let wanted = [read("package.json"), read("package-lock.json")].concat();
    let made = cache().join(format!("node-{}", &blake3::hash(&wanted).to_hex()[..16]));
    let done = made.join("done");
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if !done.exists() {
        eprintln!(
            "installing the packages of tests/{folder}/package.json into {}",
            made.display()
        );
        let _ = std::fs::remove_dir_all(&made);
        std::fs::create_dir_all(&made).expect("the cache is writable");
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(from.join(name), made.join(name)).expect("the cache is writable");
        }
        let installed = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&made)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        if !installed.is_ok_and(|status| status.success()) {
            // Past the capture of a test that goes on to pass.
            let _ = writeln!(
                io::stderr(),
                "SKIPPED: the packages of tests/{folder}/package.json could not be installed (nodejs, npm, the npm registry)"
            );
            return None;
        }
        std::fs::write(done, "").expect("the cache is writable");
    }
    for entry in std::fs::read_dir(&from).expect("the scripts are there").flatten() {
        if entry.path().extension().is_some_and(|end| end == "mjs") {
            std::fs::copy(entry.path(), made.join(entry.file_name())).expect("the cache is writable");
        }
    }
    Some(made)
}

/// Runs a script that reads what it is to do from standard input, to its end; what it prints is kept.
pub fn run(script: &Path, asked: &serde_json::Value) -> Output {
    let mut node = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut stdin = node.stdin.take().expect("a pipe");
    stdin.write_all(asked.to_string().as_bytes()).expect("the script reads");
    drop(stdin);
    node.wait_with_output().expect("the script ends")
}
