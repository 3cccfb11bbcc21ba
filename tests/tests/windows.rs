//! The Windows programs and their installer, under Wine.
//!
//! The installer is tested with a stand-in for the programs, a real Windows service that writes down what it was asked
//! to do; what the programs do themselves is tested with the ones that ship.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fileward_installer::windows::TARGET;
use fileward_installer::windows::msi::{Msi, SERVICE};
use fileward_installer::windows::programs::{self, PROGRAMS, SETUP, SETUP_PACKAGE};
use fileward_installer::windows::signature::Signer;
use fileward_installer::windows::toolchain::Toolchain;
use fileward_tests::process::{command, eventually, finish, output};
use fileward_tests::{Collector, Policy, Session, Windows, program};
use object::Object as _;

/// What Windows 10 version 1809 has in System32, of what the programs use. Whoever adds one looks up since when Windows has
/// it, and for an `api-ms-win-*` set also since which version of the set.
const IN_WINDOWS: &[&str] = &[
    "advapi32.dll",
    "api-ms-win-core-synch-l1-2-0.dll",
    "api-ms-win-core-winrt-error-l1-1-0.dll",
    "api-ms-win-core-winrt-l1-1-0.dll",
    "api-ms-win-core-winrt-string-l1-1-0.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "combase.dll",
    "comctl32.dll",
    "crypt32.dll",
    "gdi32.dll",
    "iphlpapi.dll",
    "kernel32.dll",
    "msi.dll",
    "msvcrt.dll",
    "netapi32.dll",
    "ntdll.dll",
    "ole32.dll",
    "oleaut32.dll",
    "pdh.dll",
    "powrprof.dll",
    "propsys.dll",
    "psapi.dll",
    "secur32.dll",
    "shell32.dll",
    "shlwapi.dll",
    "user32.dll",
    "userenv.dll",
    "uxtheme.dll",
    "winmm.dll",
    "ws2_32.dll",
    "wtsapi32.dll",
];

/// Where the event log looks up whose entries it shows, and the shell whose toasts.
const EVENT_SOURCE: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\EventLog\Application\Fileward";
const TOASTS: &str = r"HKEY_LOCAL_MACHINE\SOFTWARE\Classes\AppUserModelId\Fileward.Tray";

/// The folder of the programs that ship.
fn shipped() -> PathBuf {
    let target = program("fileward-collector")
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let folder = target.join(TARGET).join("release");
    assert!(
        folder.join(SETUP).exists(),
        "{} is not built; run cargo xtask test",
        folder.join(SETUP).display()
    );
    folder
}

/// An MSI of this version whose programs are stand-ins.
fn package(folder: &Path, version: &str) -> PathBuf {
    let programs = folder.join("programs");
    if !programs.exists() {
        fs::create_dir(&programs).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stand_in.c");
        for name in PROGRAMS {
            let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
            output(compiler.args(["-O1", "-o"]).arg(programs.join(name)).arg(&source));
        }
        fs::copy(shipped().join(SETUP), programs.join(SETUP)).unwrap();
    }
    let msi = Msi {
        version,
        programs: &programs,
    };
    let file = folder.join(msi.name());
    msi.build(&file).unwrap();
    file
}

/// An MSI of the programs that ship.
fn shipped_package(folder: &Path, version: &str) -> PathBuf {
    let msi = Msi {
        version,
        programs: &shipped(),
    };
    let file = folder.join(msi.name());
    msi.build(&file).unwrap();
    file
}

/// The agent that was installed.
const AGENT: &str = r"C:\Program Files\Fileward\fileward-agent.exe";

fn runs(pc: &Windows) {
    eventually("a running service", || {
        (pc.service_state(SERVICE)? == "RUNNING").then_some(())
    });
}

/// What the stand-ins were asked to do, in order; being started as a service counts only the first time in a row, for Wine
/// starts it again whenever it was idle.
fn commands(pc: &Windows) -> Vec<String> {
    let log = fs::read_to_string(pc.drive_c("commands.log")).unwrap_or_default();
    let mut commands: Vec<String> = log.lines().map(|line| line.trim().to_owned()).collect();
    commands.dedup();
    commands
}

fn uninstall_entry(pc: &Windows) -> Option<String> {
    let all = pc.registry(r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Uninstall")?;
    let entries = all.split("\r\n\r\n");
    entries
        .filter(|entry| entry.contains("\"DisplayName\"=\"Fileward\""))
        .map(str::to_owned)
        .next()
}

fn run_key(pc: &Windows) -> String {
    pc.registry(r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Run")
        .unwrap_or_default()
}

#[test]
fn installing_upgrading_and_uninstalling_leave_what_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let [older, newer] = ["1.2.3", "1.3.0"].map(|version| package(folder.path(), version));
    let pc = Windows::new();

    assert_eq!(pc.msiexec("/i", &older, &["COLLECTOR_TOKEN=fw1.stand-in"]), 0);
    for name in PROGRAMS {
        assert!(pc.drive_c("Program Files/Fileward").join(name).exists(), "{name}");
    }
    runs(&pc);
    let run = run_key(&pc);
    assert!(
        run.contains(r#""Fileward"="\"C:\\Program Files\\Fileward\\fileward-tray.exe\"""#),
        "{run}"
    );
    let entry = uninstall_entry(&pc).unwrap();
    for wanted in [
        r#""DisplayVersion"="1.2.3""#,
        r#""NoModify"=dword:00000001"#,
        r#""Contact"="IT department""#,
    ] {
        assert!(entry.contains(wanted), "{wanted} in {entry}");
    }
    // The token went by standard input, before the service was started.
    assert_eq!(commands(&pc), ["setup keep-token <fw1.stand-in>", "service run"]);
    let machine = pc.registry("HKEY_LOCAL_MACHINE").unwrap();
    assert!(!machine.contains("fw1.stand-in"), "the token is in the registry");

    let messages = pc.registry_value(EVENT_SOURCE, "EventMessageFile").unwrap();
    assert_eq!(messages.to_lowercase(), r"c:\windows\system32\eventcreate.exe");
    assert_eq!(pc.registry_value(TOASTS, "DisplayName").unwrap(), "Fileward");

    assert_eq!(pc.msiexec("/i", &newer, &[]), 0);
    runs(&pc);
    assert!(uninstall_entry(&pc).unwrap().contains(r#""DisplayVersion"="1.3.0""#));
    assert!(
        !commands(&pc).contains(&"setup remove-state".to_owned()),
        "an upgrade keeps the state"
    );

    assert_ne!(pc.msiexec("/i", &older, &[]), 0, "an older version is refused");
    assert!(uninstall_entry(&pc).unwrap().contains(r#""DisplayVersion"="1.3.0""#));

    fs::remove_file(pc.drive_c("Program Files/Fileward/fileward-tray.exe")).unwrap();
    // What `/fa` stands for, which Wine's msiexec does not know.
    assert_eq!(pc.msiexec("/i", &newer, &["REINSTALL=ALL", "REINSTALLMODE=amus"]), 0);
    assert!(
        pc.drive_c("Program Files/Fileward/fileward-tray.exe").exists(),
        "repaired"
    );

    assert_ne!(pc.msiexec("/x", &newer, &["UNINSTALL_TOKEN=wrong"]), 0);
    assert!(uninstall_entry(&pc).is_some(), "a refusal changes nothing");
    assert_eq!(pc.service_state(SERVICE).as_deref(), Some("RUNNING"));

    assert_eq!(pc.msiexec("/x", &newer, &["UNINSTALL_TOKEN=7KQF-2MWX"]), 0);
    assert!(commands(&pc).ends_with(&[
        "setup check-uninstall-token <7KQF-2MWX>".to_owned(),
        "setup end-trays".to_owned(),
        "setup remove-state".to_owned(),
    ]));
    assert!(!pc.drive_c("Program Files/Fileward").exists());
    assert_eq!(pc.service_state(SERVICE), None);
    assert!(!run_key(&pc).contains("Fileward"));
    assert_eq!(uninstall_entry(&pc), None);
    for key in [EVENT_SOURCE, TOASTS] {
        assert_eq!(pc.registry(key), None, "{key} is gone");
    }
}

#[test]
fn uninstalling_with_keep_state_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let msi = package(folder.path(), "1.2.3");
    let pc = Windows::new();
    assert_eq!(pc.msiexec("/i", &msi, &[]), 0);
    assert_eq!(pc.msiexec("/x", &msi, &["KEEP_STATE=1"]), 0);
    assert_eq!(pc.service_state(SERVICE), None);
    assert_eq!(
        commands(&pc),
        ["service run", "setup check-uninstall-token <>", "setup end-trays"]
    );
}

#[test]
fn a_service_without_a_token_runs_and_waits_until_the_pc_is_enrolled_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let msi = shipped_package(folder.path(), "0.1.0");
    let collector = Collector::start(&Policy::quick());
    let mut pc = Windows::new();
    let _session = Session::start(&mut pc);
    assert_eq!(pc.msiexec("/i", &msi, &[]), 0);
    runs(&pc);
    let log = pc.drive_c("ProgramData/Fileward/logs/agent.log");
    let log = || fs::read_to_string(&log).unwrap_or_default();
    eventually("a service that waits", || {
        log().contains("nothing is watched").then_some(())
    });

    let token = collector.token(&["--auto-approve"]);
    let enrolled = pc.run(AGENT, &["enrol", "--token", &token]);
    assert!(
        enrolled.status.success(),
        "{}",
        String::from_utf8_lossy(&enrolled.stderr)
    );
    assert_eq!(collector.devices().len(), 1);
    runs(&pc);
    assert_eq!(log().matches("nothing is watched").count(), 1, "it was started once");

    // Its policy asks for no token.
    assert_eq!(pc.msiexec("/x", &msi, &[]), 0);
    assert_eq!(pc.service_state(SERVICE), None);
    assert!(!pc.drive_c("ProgramData/Fileward").exists());
}

#[test]
fn a_kept_token_outlives_a_collector_out_of_reach_and_a_policy_can_ask_for_an_uninstall_token() {
    let folder = tempfile::tempdir().unwrap();
    let [msi, newer] = ["0.1.0", "0.1.1"].map(|version| shipped_package(folder.path(), version));
    let made = output(&mut command(
        "fileward-collector",
        &["policy", "uninstall-token", "--json"],
    ));
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let [uninstall_token, hash] = ["token", "uninstall_token_hash"].map(|key| made[key].as_str().unwrap());
    let section = format!("[agent]\nuninstall_token_hash = \"{hash}\"\n[sensitivity.core_secret]\n");
    let mut collector = Collector::start(&Policy::quick().with("[sensitivity.core_secret]", &section));
    let token = collector.token(&["--auto-approve"]);
    collector.kill();

    let mut pc = Windows::new();
    let _session = Session::start(&mut pc);
    assert_eq!(pc.msiexec("/i", &msi, &[&format!("COLLECTOR_TOKEN={token}")]), 0);
    runs(&pc);
    assert!(pc.drive_c("ProgramData/Fileward/enrolment-token").exists());
    collector.resume();
    eventually("the company's policy", || {
        pc.drive_c("ProgramData/Fileward/policy.json").exists().then_some(())
    });
    assert!(!pc.drive_c("ProgramData/Fileward/enrolment-token").exists());
    assert_eq!(pc.msiexec("/i", &newer, &[]), 0, "an upgrade needs no token");
    runs(&pc);

    for wrong in [&[] as &[&str], &["UNINSTALL_TOKEN=7KQF-2MWX"]] {
        assert_ne!(pc.msiexec("/x", &newer, wrong), 0, "{wrong:?}");
        assert_eq!(pc.service_state(SERVICE).as_deref(), Some("RUNNING"));
        assert!(uninstall_entry(&pc).is_some());
        assert!(pc.drive_c("ProgramData/Fileward/policy.json").exists());
    }
    let right = format!("UNINSTALL_TOKEN={uninstall_token}");
    assert_eq!(pc.msiexec("/x", &newer, &[&right]), 0);
    assert_eq!(pc.service_state(SERVICE), None);
    assert!(!pc.drive_c("Program Files/Fileward").exists());
    assert!(!pc.drive_c("ProgramData/Fileward").exists());
    let machine = pc.registry("HKEY_LOCAL_MACHINE").unwrap();
    assert!(!machine.contains(uninstall_token), "the token is in the registry");
}

#[test]
fn the_shipped_programs_start_and_tell_their_version() {
    let pc = Windows::new();
    for name in PROGRAMS {
        let output = pc.run(shipped().join(name).to_str().unwrap(), &["--version"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let wanted = format!("{} {}", name.trim_end_matches(".exe"), env!("CARGO_PKG_VERSION"));
        assert_eq!(said.trim(), wanted, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_shipped_programs_need_only_what_windows_has() {
    for name in PROGRAMS.iter().chain([&SETUP]) {
        let bytes = fs::read(shipped().join(name)).unwrap();
        let file = object::File::parse(&*bytes).unwrap();
        let imports: BTreeSet<String> = file
            .imports()
            .unwrap()
            .map(|import| String::from_utf8_lossy(import.unwrap().library()).to_lowercase())
            .collect();
        assert!(imports.contains("kernel32.dll"), "the imports of {name} were read");
        for library in imports {
            assert!(
                IN_WINDOWS.contains(&library.as_str()),
                "{name} needs {library}, which Windows 10 1809 may not have"
            );
        }
    }
}

#[test]
fn the_shipped_programs_tell_nothing_of_where_and_when_they_were_built() {
    let home = std::env::var("HOME").unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    for name in PROGRAMS.iter().chain([&SETUP]) {
        let bytes = fs::read(shipped().join(name)).unwrap();
        for path in [format!("{home}/.cargo"), format!("{workspace}/")] {
            let is_there = bytes.windows(path.len()).any(|window| window == path.as_bytes());
            assert!(!is_there, "{name} holds {path}");
        }
        let header = usize::try_from(u32::from_le_bytes(bytes[0x3c..0x40].try_into().unwrap())).unwrap();
        assert_eq!(&bytes[header..header + 4], b"PE\0\0");
        assert_eq!(
            bytes[header + 8..header + 12],
            [0; 4],
            "{name} holds the time of its build"
        );
    }
}

#[test]
fn equal_sources_give_equal_programs_whatever_the_folder_of_the_build() {
    // The linker sorts by names, and the system's libraries are in `/usr`: one folder before it, one behind.
    let built = ["/tmp", "/var/tmp"].map(|above| {
        let target = tempfile::tempdir_in(above).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folder = programs::build(Toolchain::find().unwrap(), root, target.path(), &[SETUP_PACKAGE]).unwrap();
        fs::read(folder.join(SETUP)).unwrap()
    });
    let differing = built[0].iter().zip(&built[1]).filter(|(a, b)| a != b).count();
    assert_eq!((built[0].len(), differing), (built[1].len(), 0));
}

#[test]
fn what_is_signed_is_verified_and_what_is_changed_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let subject = "/CN=Fileward test";
    let mut request = Command::new("openssl");
    request.args([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject,
    ]);
    request
        .args(["-addext", "extendedKeyUsage=codeSigning", "-keyout"])
        .arg(at("key.pem"));
    output(request.arg("-out").arg(at("certificate.pem")));
    fs::write(at("password"), "only for this test").unwrap();
    let mut store = Command::new("openssl");
    store
        .args(["pkcs12", "-export", "-inkey"])
        .arg(at("key.pem"))
        .arg("-in")
        .arg(at("certificate.pem"));
    output(
        store
            .arg("-passout")
            .arg(format!("file:{}", at("password").display()))
            .arg("-out")
            .arg(at("store.p12")),
    );
    let signer = Signer::from_settings(|name| match name {
        "PKCS12" => Some(at("store.p12").into()),
        "PASSWORD_FILE" => Some(at("password").into()),
        _ => None,
    });
    let signer = signer.unwrap().unwrap();

    let msi = package(folder.path(), "1.2.3");
    for file in [msi, at("programs").join(PROGRAMS[0])] {
        let is_valid = || {
            let mut verify = Command::new("osslsigncode");
            verify
                .arg("verify")
                .arg("-CAfile")
                .arg(at("certificate.pem"))
                .arg("-in")
                .arg(&file);
            finish(&mut verify).status.success()
        };
        assert!(!is_valid(), "{} is not signed yet", file.display());
        signer.sign(&file).unwrap();
        assert!(is_valid(), "{}", file.display());
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
        assert!(!is_valid(), "{} was changed", file.display());
    }
}
