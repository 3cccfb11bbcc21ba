//! Stores: one that is not encrypted is a finding of its own, and a really encrypted one ends it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use fileward_tests::documents::Documents;
use fileward_tests::process::{eventually, finish, have, output};
use fileward_tests::{Collector, Pc, Policy};

/// A gocryptfs volume that is unmounted at the end, whatever happens.
struct Volume(std::path::PathBuf);

impl Volume {
    fn mount(cipher: &Path, at: &Path) -> Self {
        std::fs::create_dir_all(cipher).unwrap();
        output(
            Command::new("gocryptfs")
                .args(["-q", "-init", "-extpass", "echo secret"])
                .arg(cipher),
        );
        output(
            Command::new("gocryptfs")
                .args(["-q", "-nonempty", "-extpass", "echo secret"])
                .arg(cipher)
                .arg(at),
        );
        Self(at.to_owned())
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        finish(Command::new("fusermount3").arg("-uz").arg(&self.0));
    }
}

#[test]
fn an_unencrypted_store_is_a_finding_until_a_really_encrypted_one_takes_its_place() {
    if !have(&["gocryptfs", "fusermount3"]) || !Path::new("/dev/fuse").exists() {
        eprintln!("SKIPPED: this needs gocryptfs, fuse3 and /dev/fuse");
        return;
    }
    let Some(documents) = Documents::get() else { return };
    let policy = Policy::counting().with("require_encryption = false", "require_encryption = true");
    let collector = Collector::start(&policy);
    let mut pc = Pc::new();
    pc.join(&collector);
    let of_store = |state: &str| {
        let findings = collector.findings().into_iter();
        findings
            .filter(|finding| finding["state"] == state)
            .find(|finding| finding["rule"] == "store_unprotected")
    };
    let open = eventually("the finding about the store", || of_store("open"));
    assert_eq!(open["place"]["kind"], "store");
    assert!(
        open["file"].is_null(),
        "it is about the store, not about a file: {open}"
    );

    let store = pc.home().join("工作文件");
    let _volume = Volume::mount(&pc.root().join("cipher"), &store);
    let resolved = eventually("the store is protected", || of_store("resolved"));
    assert_eq!(resolved["resolution"], "store_protected");

    // A work file moved into the really encrypted store is where it belongs.
    let path = pc.save(&documents.path("report.docx"), "桌面/入库.docx");
    eventually("the finding about the file", || collector.finding("入库.docx", "open"));
    std::fs::copy(&path, store.join("入库.docx")).unwrap();
    std::fs::remove_file(&path).unwrap();
    let finding = eventually("the file is in the store", || {
        collector.finding("入库.docx", "resolved")
    });
    assert_eq!(finding["resolution"], "moved_to_store");
    pc.stop();
}
