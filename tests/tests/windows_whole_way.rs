//! The main job on Windows, with everything real: the MSI, the service, the tray on a screen, the collector on Linux.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test that failed tells why")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fileward_installer::windows::TARGET;
use fileward_installer::windows::msi::{Msi, SERVICE};
use fileward_tests::documents::{Documents, csv};
use fileward_tests::process::{eventually, within};
use fileward_tests::{Collector, Policy, Session, Windows, program};
use serde_json::Value;

const LONG: Duration = Duration::from_mins(10);
const MACHINE: &str = "HKEY_LOCAL_MACHINE";
const AGENT: &str = "fileward-agent.exe";
const USER: &str = "HKEY_CURRENT_USER";

/// An MSI of this version with the programs that ship.
fn package(folder: &Path, version: &str) -> PathBuf {
    let target = program("fileward-collector");
    let target = target.ancestors().nth(2).unwrap();
    let msi = Msi {
        version,
        programs: &target.join(TARGET).join("release"),
    };
    let file = folder.join(msi.name());
    msi.build(&file).unwrap();
    file
}

/// A PC with a session in which the MSI was installed.
struct Installed {
    session: Session,
    pc: Windows,
    collector: Collector,
    folder: tempfile::TempDir,
}

impl Installed {
    /// Installs with a token; `prepare` furnishes the PC before.
    fn new(policy: &Policy, token: &[&str], prepare: impl FnOnce(&Windows)) -> Self {
        let collector = Collector::start(policy);
        let folder = tempfile::tempdir().unwrap();
        let msi = package(folder.path(), "0.1.0");
        let mut pc = Windows::new();
        fs::create_dir(pc.drive_d("工作文件")).unwrap();
        let session = Session::start(&mut pc);
        prepare(&pc);
        let token = collector.token(token);
        let installed = pc.msiexec("/i", &msi, &[&format!("COLLECTOR_TOKEN={token}")]);
        assert_eq!(installed, 0, "the MSI installs");
        let installed = Self {
            session,
            pc,
            collector,
            folder,
        };
        installed.until_running();
        let secret = token.split('.').nth(1).unwrap();
        for key in [MACHINE, USER] {
            let registry = installed.pc.registry(key).unwrap();
            assert!(!registry.contains(secret), "the token is in the registry");
        }
        installed
    }

    fn until_running(&self) {
        eventually("a running service", || {
            (self.pc.service_state(SERVICE)? == "RUNNING").then_some(())
        });
    }

    fn device(&self) -> Value {
        eventually("the device at the collector", || self.collector.devices().pop())
    }

    fn finding(&self, name: &str, state: &str) -> Value {
        eventually(&format!("{name} {state} at the collector"), || {
            self.collector.finding(name, state)
        })
    }

    /// What the agent says to a command.
    fn agent(&self, arguments: &[&str]) -> String {
        let program = r"C:\Program Files\Fileward\fileward-agent.exe";
        let said = self.pc.run(program, arguments);
        assert!(said.status.success(), "{arguments:?}: {said:?}");
        String::from_utf8(said.stdout).unwrap()
    }

    /// Uninstalls, and finds nothing left.
    fn uninstall(&self, msi: &Path) {
        assert_eq!(self.pc.msiexec("/x", msi, &[]), 0);
        assert_eq!(self.pc.service_state(SERVICE), None);
        for key in [MACHINE, USER] {
            let registry = self.pc.registry(key).unwrap().to_lowercase();
            let left: Vec<&str> = registry.lines().filter(|line| line.contains("fileward")).collect();
            assert!(left.is_empty(), "left in the registry: {left:#?}");
        }
        for folder in ["Program Files", "ProgramData"] {
            let left = self.pc.drive_c(folder).join("Fileward");
            let files: Vec<_> = fs::read_dir(&left).into_iter().flatten().collect();
            assert!(!left.exists(), "{} is left, with {files:?}", left.display());
        }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.pc.drive_c("ProgramData/Fileward/logs/agent.log");
            println!("the agent's log: {}", fs::read_to_string(log).unwrap_or_default());
        }
    }
}

fn save(document: &Path, path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::copy(document, path).unwrap();
}

#[test]
fn installed_bound_told_moved_upgraded_and_uninstalled() {
    let documents = Documents::get().expect("LibreOffice makes the documents");
    let installed = Installed::new(&Policy::counting(), &[], |_| {});
    let Installed {
        session,
        pc,
        collector,
        folder,
    } = &installed;
    let device = installed.device();
    assert_eq!(device["binding"], "pending");
    assert!(
        device["os"]["name"].as_str().unwrap().contains("Windows"),
        "the fingerprint is there: {device}"
    );
    session.log_on(pc);
    eventually("the tray, by the Run key", || {
        pc.processes("fileward-tray.exe").first().copied()
    });

    // While pending the employee is told, and the collector hears nothing.
    let received = pc.home("Documents/xwechat_files/wxid_a1_0f/msg/file/2026-11/报价单.docx");
    save(&documents.path("report.docx"), &received);
    session.await_balloon("windows-balloon.png");
    assert!(collector.findings().is_empty(), "a pending device reports no finding");

    let id = device["id"].as_str().unwrap().to_owned();
    collector.run(&["device", "approve", &id]);
    let finding = installed.finding("报价单.docx", "open");
    assert_eq!(finding["place"]["kind"], "chat_cache");
    assert_eq!(finding["place"]["app"], "wechat");
    assert_eq!(finding["file"]["kind"], "docx");

    let report = pc.home("Desktop/季度报告.docx");
    save(&documents.path("report.docx"), &report);
    let finding = installed.finding("季度报告.docx", "open");
    assert_eq!(finding["place"]["kind"], "desktop");
    // The newest finding comes first, below the title; its first button moves it.
    session.choose(&[(1, 1), (3, 1)], "windows-menu.png");
    let moved = pc.drive_d("工作文件/季度报告.docx");
    eventually("the file in the store", || {
        (moved.exists() && !report.exists()).then_some(())
    });
    assert_eq!(
        fs::read(&moved).unwrap(),
        fs::read(documents.path("report.docx")).unwrap()
    );
    let finding = installed.finding("季度报告.docx", "resolved");
    assert_eq!(finding["resolution"], "moved_to_store");

    let journal = installed.agent(&["journal", "--json"]);
    assert!(journal.contains("季度报告.docx"));
    assert!(!journal.contains("wxid_a1"), "no account leaves the PC");
    assert!(!journal.contains("xwechat_files"), "no path leaves the PC");

    let newer = package(folder.path(), "0.2.0");
    assert_eq!(pc.msiexec("/i", &newer, &[]), 0);
    installed.until_running();
    save(&documents.path("table.xlsx"), &pc.home("Desktop/升级之后.xlsx"));
    installed.finding("升级之后.xlsx", "open");
    let after = installed.finding("报价单.docx", "open");
    let before = collector.finding("报价单.docx", "open").unwrap();
    assert_eq!(after["id"], before["id"], "the open finding is the same");
    let devices = collector.devices();
    assert_eq!(
        (devices.len(), &devices[0]["id"]),
        (1, &Value::from(id)),
        "one device still"
    );
    assert_eq!(devices[0]["binding"], "bound");

    installed.uninstall(&newer);
}

#[test]
fn folders_that_the_user_moved_are_watched_and_their_files_put_right() {
    let documents = Documents::get().expect("LibreOffice makes the documents");
    let installed = Installed::new(&Policy::counting(), &["--auto-approve"], |pc| {
        // WeChat 4 writes the folder in the system's code page: GBK for D:\聊天记录.
        let config = pc.home("AppData/Roaming/Tencent/xwechat/config");
        fs::create_dir_all(&config).unwrap();
        fs::write(config.join("a.ini"), b"D:\\\xc1\xc4\xcc\xec\xbc\xc7\xc2\xbc").unwrap();
        let qq = pc.drive_c("users/Public/Documents/Tencent/QQ");
        fs::create_dir_all(&qq).unwrap();
        let ini = "[UserDataSet]\r\nUserDataSavePathType=2\r\nUserDataSavePath=D:\\Tencent Files\r\n";
        fs::write(qq.join("UserDataInfo.ini"), ini).unwrap();
        for folder in [
            "聊天记录/xwechat_files/lisi_2b3c/msg/file/2026-11",
            "Tencent Files/10001/FileRecv",
            "桌面",
        ] {
            fs::create_dir_all(pc.drive_d(folder)).unwrap();
        }
        let folders = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";
        pc.set_registry(folders, "Desktop", r"D:\桌面");
    });
    let cases = [
        (
            "聊天记录/xwechat_files/lisi_2b3c/msg/file/2026-11/合同.docx",
            "chat_cache",
            "wechat",
        ),
        ("Tencent Files/10001/FileRecv/报价.docx", "chat_cache", "qq"),
        ("桌面/计划.docx", "desktop", ""),
    ];
    for (path, kind, app) in cases {
        let file = installed.pc.drive_d(path);
        save(&documents.path("report.docx"), &file);
        let name = file.file_name().unwrap().to_str().unwrap();
        let finding = installed.finding(name, "open");
        assert_eq!(finding["place"]["kind"], kind, "{finding}");
        assert_eq!(finding["place"]["app"].as_str().unwrap_or_default(), app, "{finding}");
        let tray = r"C:\Program Files\Fileward\fileward-tray.exe";
        let said = installed.pc.run(tray, &["move", finding["id"].as_str().unwrap()]);
        assert!(said.status.success(), "{said:?}");
        let finding = installed.finding(name, "resolved");
        assert_eq!(finding["resolution"], "moved_to_store");
        assert!(
            installed.pc.drive_d("工作文件").join(name).exists() && !file.exists(),
            "{name}"
        );
    }
}

#[test]
fn kills_in_a_burst_lose_nothing_and_double_nothing() {
    const FILES: usize = 10_000;
    let installed = Installed::new(&Policy::counting(), &["--auto-approve"], |_| {});
    let Installed { pc, collector, .. } = &installed;
    eventually("a bound device", || {
        (collector.devices().first()?["binding"] == "bound").then_some(())
    });
    let folder = pc.home("Desktop/突发");
    fs::create_dir(&folder).unwrap();
    let writer = std::thread::spawn(move || {
        for number in 0..FILES {
            fs::write(folder.join(format!("表{number}.csv")), csv(number)).unwrap();
        }
    });
    for _ in 0..3 {
        std::thread::sleep(Duration::from_secs(2));
        let service = pc.processes(AGENT);
        assert!(!service.is_empty(), "the service runs");
        for id in service {
            let id = rustix::process::Pid::from_raw(id.cast_signed()).unwrap();
            // The worker may have ended by itself meanwhile.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
        eventually("the service's end", || pc.processes(AGENT).is_empty().then_some(()));
        // Windows does it by itself; Wine knows no failure actions, and tells a killed service from a running one only
        // when it is asked to start it.
        pc.run("sc", &["start", SERVICE]);
        eventually("the service again", || (!pc.processes(AGENT).is_empty()).then_some(()));
    }
    writer.join().unwrap();
    within(LONG, "every file at the collector", || {
        (collector.open_findings() >= FILES).then_some(())
    });
    let findings = collector.findings();
    let names: BTreeSet<&str> = findings
        .iter()
        .filter_map(|finding| finding["file"]["name"].as_str())
        .collect();
    assert_eq!((names.len(), findings.len()), (FILES, FILES), "each is there, once");
    for finding in &findings {
        let history = finding["history"].as_array().unwrap();
        let opened = history.iter().filter(|step| step["what"] == "open").count();
        assert_eq!(opened, 1, "each was opened once: {finding}");
    }
}
