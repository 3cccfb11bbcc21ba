//! What the OS refuses. The tests run in a namespace of their own, where limits and mounts concern nobody else.

use std::fs;
use std::process::Command;

use fileward_protocol::health::{Degraded, PlaceState, Unavailable};

use super::site::Site;

const LIMITED: PlaceState = PlaceState::Degraded(Degraded::WatchLimit);
const WATCHES: &str = "/proc/sys/user/max_inotify_watches";

/// Runs the ignored test `name` of this module as root of a new user and mount namespace.
fn in_namespace(name: &str) {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "--"]);
        command
    };
    if !unshare().arg("true").status().is_ok_and(|status| status.success()) {
        println!("skipped: no user namespace may be made here");
        return;
    }
    let program = std::env::current_exe().unwrap();
    let test = format!("{}::{name}", module_path!().split_once("::").unwrap().1);
    let output = unshare()
        .arg(program)
        .args(["--ignored", "--exact", "--nocapture", &test])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{failed}");
}

#[test]
fn a_place_with_more_folders_than_watches_is_polled_until_there_are_enough() {
    in_namespace("too_few_watches");
}

#[test]
#[ignore = "runs within a namespace, started by another test"]
fn too_few_watches() {
    fs::write(WATCHES, "40").unwrap();
    let mut site = Site::new();
    for folder in 0..100 {
        site.write(&format!("{folder}/a.docx"), "one");
    }
    site.start();
    assert_eq!(site.with(|log| log.states[&site.root()]), LIMITED);
    let path = site.write("99/b.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    fs::write(WATCHES, "1000").unwrap();
    site.watch.as_ref().unwrap().resurvey();
    site.until("all is well", |log| log.states[&site.root()] == PlaceState::Ok);
    let path = site.write("50/b.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    site.with(|log| assert_eq!(log.files().len(), 102));
}

#[test]
fn a_place_that_outgrows_the_watches_while_it_is_watched_is_polled() {
    in_namespace("watches_run_out");
}

#[test]
#[ignore = "runs within a namespace, started by another test"]
fn watches_run_out() {
    fs::write(WATCHES, "40").unwrap();
    let site = Site::watched();
    assert_eq!(site.with(|log| log.states[&site.root()]), PlaceState::Ok);
    for folder in 0..100 {
        site.write(&format!("{folder}/a.docx"), "one");
    }
    site.until("all are told", |log| log.files().len() == 100);
    site.until("that is its state", |log| log.states[&site.root()] == LIMITED);
    let path = site.write("99/b.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
}

#[test]
fn files_of_an_unmounted_place_are_not_gone() {
    in_namespace("unmounted");
}

#[test]
#[ignore = "runs within a namespace, started by another test"]
fn unmounted() {
    let mut site = Site::new();
    let root = site.root();
    let run = |program: &str, arguments: &[&str]| {
        assert!(
            Command::new(program)
                .args(arguments)
                .arg(&root)
                .status()
                .unwrap()
                .success()
        );
    };
    let mount = || run("mount", &["-t", "tmpfs", "place"]);
    mount();
    site.start();
    let path = site.write("a/a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    run("umount", &[]);
    site.watch.as_ref().unwrap().resurvey();
    let not_mounted = PlaceState::Unavailable(Unavailable::NotMounted);
    site.until("that is its state", |log| log.states[&site.root()] == not_mounted);
    let beneath = site.write("beneath.docx", "one");
    site.until("what lies beneath is told", |log| log.knows(&beneath));
    site.watch.as_ref().unwrap().reconcile_all();
    site.until_quiet();
    assert!(site.with(|log| log.knows(&path)));
    mount();
    site.watch.as_ref().unwrap().resurvey();
    site.until("all is well", |log| log.states[&site.root()] == PlaceState::Ok);
    let path = site.write("b.docx", "one");
    site.until("what comes is told", |log| log.knows(&path));
}

#[test]
fn another_mount_below_a_place_is_not_part_of_it() {
    in_namespace("mount_below");
}

#[test]
#[ignore = "runs within a namespace, started by another test"]
fn mount_below() {
    let mut site = Site::new();
    let hidden = site.write("mount/a.docx", "one");
    site.start();
    site.until("the file is told", |log| log.knows(&hidden));
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "below"])
        .arg(site.path("mount"))
        .status();
    assert!(mount.unwrap().success());
    let path = site.write("mount/b.docx", "one");
    site.watch.as_ref().unwrap().reconcile_all();
    site.until("it was swept again", |log| log.swept.len() >= 2);
    site.until_quiet();
    site.with(|log| {
        assert!(!log.knows(&path));
        assert!(log.knows(&hidden), "What another mount hides is not gone");
    });
}
