//! Encryption of stores by the real gocryptfs and by the kernel's own file encryption. They need root, the tools and
//! kernel support; a test that lacks one prints which.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic as they do")]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fileward_places::{MountChanges, Options, protection};
use fileward_policy::subject::Protection;
use fileward_protocol::health::PlaceState;
use fileward_protocol::vocabulary::PlaceKind;
use support::{Pc, the, with_store};

/// Something mounted, until the test ends in one way or the other.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        if run(Command::new("umount").arg(&self.0)).is_err() {
            // Whatever still holds it, the mount must not outlive the test.
            let _ = run(Command::new("umount").arg("--lazy").arg(&self.0));
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    run_with_input(command, "")
}

fn run_with_input(command: &mut Command, input: &str) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name}: {error}"))?;
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

fn encrypted(by: &str) -> Protection {
    Protection::Encrypted(by.into())
}

/// Gives what the body made, or says why the test cannot run here and ends it.
macro_rules! or_skip {
    ($made:expr) => {
        match $made {
            Ok(made) => made,
            Err(why) => {
                println!("skipped: {why}");
                return;
            }
        }
    };
}

fn gocryptfs(cipher: &Path, plain: &Path) -> Result<Mounted, String> {
    fs::create_dir(cipher).unwrap();
    let secret = ["-q", "-extpass", "echo secret"];
    run(Command::new("gocryptfs")
        .args(["-init", "-scryptn", "10"])
        .args(secret)
        .arg(cipher))?;
    run(Command::new("gocryptfs")
        .args(["-allow_other"])
        .args(secret)
        .arg(cipher)
        .arg(plain))?;
    Ok(Mounted(plain.into()))
}

/// Mounts a new ext4 in a file.
fn ext4(image: &Path, point: &Path) -> Result<Mounted, String> {
    if !rustix::process::geteuid().is_root() {
        return Err("only root can mount an image".into());
    }
    fs::create_dir_all(point).unwrap();
    fs::File::create(image).unwrap().set_len(32 << 20).unwrap();
    run(Command::new("mkfs.ext4").args(["-q", "-O", "encrypt"]).arg(image))?;
    run(Command::new("mount").args(["-o", "loop"]).arg(image).arg(point))?;
    Ok(Mounted(point.into()))
}

#[test]
fn a_store_in_gocryptfs_is_encrypted_while_it_is_mounted() {
    let pc = Pc::new();
    let store = pc.folder("工作 文件");
    let policy = with_store("~/工作 文件");
    let protection = || {
        the(&pc.survey_with(&policy, Options::default()), PlaceKind::Store)
            .store
            .clone()
            .unwrap()
            .protection
    };
    let before = protection();
    assert_ne!(before, encrypted("gocryptfs"));

    let changes = MountChanges::watch().unwrap();
    let mounted = or_skip!(gocryptfs(&pc.outside().join("cipher"), &store));
    assert!(changes.wait(Duration::from_secs(10)).unwrap());
    pc.own(&store);
    assert_eq!(protection(), encrypted("gocryptfs"));
    let place = the(&pc.survey_with(&policy, Options::default()), PlaceKind::Store);
    assert_eq!((&place.root, place.state, place.events), (&store, PlaceState::Ok, true));

    drop(mounted);
    assert_eq!(protection(), before);
}

#[test]
fn an_image_inside_gocryptfs_is_encrypted_and_one_beside_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let around = protection(&root);
    let _beside = or_skip!(ext4(&root.join("beside.img"), &root.join("beside")));
    assert_eq!(protection(&root.join("beside")), around);

    let vault = root.join("vault");
    fs::create_dir(&vault).unwrap();
    let _vault = or_skip!(gocryptfs(&root.join("cipher"), &vault));
    let _inside = or_skip!(ext4(&vault.join("inside.img"), &root.join("inside")));
    assert_eq!(protection(&root.join("inside")), encrypted("gocryptfs"));
}

#[test]
fn a_folder_that_the_kernel_encrypts_is_encrypted_and_its_neighbour_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let point = root.join("volume");
    let _volume = or_skip!(ext4(&root.join("volume.img"), &point));
    let (secret, open) = (point.join("工作文件"), point.join("open"));
    fs::create_dir(&secret).unwrap();
    fs::create_dir(&open).unwrap();
    let mut add_key = Command::new("e4crypt");
    add_key.args(["add_key", "-S", "s:fileward"]).arg(&secret);
    or_skip!(run_with_input(&mut add_key, "secret\n"));
    fs::create_dir(secret.join("deep")).unwrap();
    assert_eq!(protection(&secret), encrypted("fscrypt"));
    assert_eq!(protection(&secret.join("deep")), encrypted("fscrypt"));
    assert_ne!(protection(&open), encrypted("fscrypt"));
}

#[test]
fn memory_is_plain() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can mount a tmpfs");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let point = folder.path().canonicalize().unwrap();
    or_skip!(run(Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(&point)));
    let _mounted = Mounted(point.clone());
    assert_eq!(protection(&point), Protection::Plain);
}
