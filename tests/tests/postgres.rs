//! The real collector with a real PostgreSQL: the whole job, a restart of the database, two collectors on one of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::Command;
use std::time::Duration;

use fileward_tests::officer::Officer;
use fileward_tests::postgres::{Disk, PASSWORD, Server};
use fileward_tests::process::{command, eventually, finish, within};
use fileward_tests::{Collector, Pc, Policy};

/// Work that has to be in the store.
fn save(pc: &Pc, name: &str) {
    fs::write(pc.home().join("桌面").join(name), "品名,数量\n采购合同,2\n".repeat(100)).unwrap();
}

fn page(collector: &Collector, name: &str, path: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let look = async {
        let officer = Officer::new(collector, name, "security_officer", &[]).await;
        officer.page(path).await
    };
    runtime.unwrap().block_on(look)
}

#[test]
fn a_collector_in_postgresql_does_the_whole_job_through_a_restart_and_from_a_backup() {
    let server = Server::start(Disk::Durable);
    let mut collector = Collector::start_in(&Policy::counting(), &server);
    let mut pc = Pc::new();
    pc.join(&collector);
    save(&pc, "报价单.csv");
    eventually("the finding", || collector.finding("报价单.csv", "open"));
    assert!(page(&collector, "han", "/findings").contains("报价单.csv"));

    server.restart();
    save(&pc, "合同.csv");
    eventually("what was found after the restart", || {
        collector.finding("合同.csv", "open")
    });
    fs::remove_file(pc.home().join("桌面/报价单.csv")).unwrap();
    eventually("what was put right", || collector.finding("报价单.csv", "resolved"));

    // Whoever sees the settings, or the processes of this machine, does not see the password.
    let settings = fs::read_to_string(collector.folder().join("settings.json")).unwrap();
    assert!(settings.contains("postgres://") && !settings.contains(PASSWORD));
    let arguments = fs::read(format!("/proc/{}/cmdline", collector.pid())).unwrap();
    assert!(!String::from_utf8_lossy(&arguments).contains(PASSWORD));

    let backup = collector.folder().join("backup");
    collector.run(&["backup", backup.to_str().unwrap()]);
    let again = collector.attempt(&["restore", backup.to_str().unwrap()]);
    assert!(!again.status.success(), "nothing is restored over what is there");
    collector.kill();
    let restored = collector.restored(&backup, &server);
    restored.run(&["verify"]);
    assert!(restored.finding("合同.csv", "open").is_some());
    // The PC goes on with it as if nothing had been.
    save(&pc, "清单.csv");
    eventually("what was found after the restore", || {
        restored.finding("清单.csv", "open")
    });
    restored.run(&["verify"]);
}

#[test]
fn what_one_of_two_collectors_changes_the_other_serves() {
    let mut one = Collector::start_in(&Policy::counting(), Server::shared());
    let two = one.twin();
    let mut pc = Pc::new();
    pc.join(&one);
    save(&pc, "报价单.csv");
    eventually("the finding at the other", || two.finding("报价单.csv", "open"));
    assert!(page(&two, "han", "/findings").contains("报价单.csv"));

    // What the other publishes reaches the PC within a minute.
    let before = pc.json(&["status"])["policy_version"].as_u64().unwrap();
    two.publish(&Policy::counting());
    within(Duration::from_mins(1), "the policy at the PC", || {
        (pc.json(&["status"])["policy_version"] == before + 1).then_some(())
    });

    // One of them is gone; the device's next address is a matter of the company's network, not of the database.
    one.kill();
    let device = two.devices().pop().unwrap();
    two.run(&["device", "suspend", device["id"].as_str().unwrap()]);
    one.resume();
    assert_eq!(one.devices().pop().unwrap()["binding"], "suspended");
    two.run(&["verify"]);
}

#[test]
fn a_password_on_the_command_line_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let address = "postgres://fileward:s3cret@127.0.0.1:1/fileward";
    let verify = |prepare: &dyn Fn(&mut Command)| {
        let mut verify = command("fileward-collector", &["verify", "--data-dir"]);
        prepare(verify.arg(folder.path()));
        let told = String::from_utf8(finish(&mut verify).stderr).unwrap();
        assert!(!told.contains("s3cret"), "{told}");
        told
    };
    let told = verify(&|verify| {
        verify.args(["--database", address]);
    });
    assert!(
        told.contains("PGPASSWORD") && told.contains("keys/database.password"),
        "{told}"
    );
    let told = verify(&|verify| {
        verify.env("FILEWARD_DATABASE", address);
    });
    assert!(told.contains("Failed to connect"), "{told}");
}

#[test]
fn a_server_over_the_network_must_show_a_certificate_that_is_trusted() {
    let names = ["127.0.0.1", "localhost"].map(str::to_owned);
    let signed = rcgen::generate_simple_self_signed(names).unwrap();
    let server = Server::start(Disk::Careless);
    server.demand_tls(&signed.cert.pem(), &signed.signing_key.serialize_pem());
    let folder = tempfile::tempdir().unwrap();
    let authorities = folder.path().join("authorities.pem");
    fs::write(&authorities, signed.cert.pem()).unwrap();
    let address = format!("{}?sslmode=require", server.remote(&server.create()));
    let run = |arguments: &[&str], trusts: bool| {
        let mut run = command("fileward-collector", arguments);
        run.args(["--database", &address, "--data-dir"])
            .arg(folder.path().join("data"));
        run.env("PGPASSWORD", PASSWORD);
        if trusts {
            run.env("PGSSLROOTCERT", &authorities);
        }
        finish(&mut run)
    };
    let refused = run(&["verify"], false);
    assert!(!refused.status.success());
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("certificate"), "{told}");
    let backup = folder.path().join("backup");
    for arguments in [&["verify"][..], &["backup", backup.to_str().unwrap()]] {
        let done = run(arguments, true);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}
