//! A Windows PC under Wine: a prefix of the test's own, in which the real installer and programs run.
//!
//! One prefix is made in each run of the tests and copied for each test: making it takes Wine longer than copying.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::process::{finish, output};

const WINE: &str = "/usr/lib/wine/wine64";
const WINE_SERVER: &str = "/usr/lib/wine/wineserver64";

/// Windows has had `ProcessPrng` since 8.1 and Rust's library asks for it; Wine 8 has not. This stands in for it in the
/// prefix of the tests, and is no part of any package.
const PRNG: &str = "
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) { return SystemFunction036(data, (ULONG)length); }
";

/// Chinese glyphs for the tray, for which Wine 8 does not look by itself; and one desktop for all programs, so that an
/// icon has a taskbar.
const LOOKS: &str = r#"REGEDIT4

[HKEY_CURRENT_USER\Software\Wine\Fonts\Replacements]
"Segoe UI"="Noto Sans CJK SC"
"Tahoma"="Noto Sans CJK SC"
"MS Shell Dlg"="Noto Sans CJK SC"
"MS Shell Dlg 2"="Noto Sans CJK SC"

[HKEY_CURRENT_USER\Software\Wine\Explorer]
"Desktop"="office"

[HKEY_CURRENT_USER\Software\Wine\Explorer\Desktops]
"office"="1024x700"
"#;

/// A PC with Windows 10 and two drives.
#[derive(Debug)]
pub struct Windows {
    folder: TempDir,
    /// Where its programs show themselves.
    display: Option<String>,
}

impl Windows {
    /// A PC on which nothing was installed yet.
    pub fn new() -> Self {
        static FRESH: OnceLock<TempDir> = OnceLock::new();
        let fresh = FRESH.get_or_init(make_prefix);
        let folder = TempDir::new().expect("a temporary folder");
        output(
            Command::new("cp")
                .args(["-a", "--reflink=auto"])
                .arg(fresh.path().join("prefix"))
                .arg(folder.path().join("prefix")),
        );
        let pc = Self { folder, display: None };
        fs::create_dir(pc.drive_d("")).expect("the folder is writable");
        let letter = pc.prefix().join("dosdevices/d:");
        std::os::unix::fs::symlink(pc.drive_d(""), letter).expect("the prefix is writable");
        pc
    }

    /// Lets programs that are started from now on show themselves on an X display.
    pub fn show_on(&mut self, display: &str) {
        self.display = Some(display.to_owned());
    }

    fn prefix(&self) -> PathBuf {
        self.folder.path().join("prefix")
    }

    /// Where a path of drive C lies on this PC, such as `Program Files/Fileward`.
    pub fn drive_c(&self, path: &str) -> PathBuf {
        self.prefix().join("drive_c").join(path)
    }

    /// Where a path of drive D lies on this PC.
    pub fn drive_d(&self, path: &str) -> PathBuf {
        self.folder.path().join("d").join(path)
    }

    /// Where a path below the user's own folder lies on this PC, such as `Desktop`.
    pub fn home(&self, path: &str) -> PathBuf {
        let users = fs::read_dir(self.drive_c("users")).expect("the prefix has users");
        let user = users
            .map(|user| user.expect("the folder can be read").path())
            .find(|user| !user.ends_with("Public"));
        user.expect("the prefix has a user").join(path)
    }

    /// A command that runs a Windows program, by its name or by a path of this PC.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = wine(&self.prefix());
        if let Some(display) = &self.display {
            command.env("DISPLAY", display);
        }
        command.arg(program);
        command
    }

    /// Runs a Windows program to its end.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        finish(self.command(program).args(arguments))
    }

    /// Runs Windows Installer; its exit status, of which this PC sees the lower eight bits. What it prints is not read: when it
    /// is the first to wake this PC, the services keep its output open.
    pub fn msiexec(&self, action: &str, msi: &Path, properties: &[&str]) -> i32 {
        let mut msiexec = self.command("msiexec");
        msiexec.arg(action).arg(msi).arg("/qn").args(properties);
        let quiet = msiexec.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = quiet.status().expect("Wine starts");
        status.code().expect("msiexec ends by itself")
    }

    /// What the service manager says of a service: `RUNNING` and so on; `None` when it knows none of this name.
    pub fn service_state(&self, name: &str) -> Option<String> {
        let said = self.run("sc", &["query", name]);
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let line = text.lines().find(|line| line.trim_start().starts_with("STATE"))?;
        line.split_whitespace().last().map(str::to_owned)
    }

    /// Sets a text of the registry.
    pub fn set_registry(&self, key: &str, name: &str, value: &str) {
        let said = self.run("reg", &["add", key, "/v", name, "/d", value, "/f"]);
        assert!(said.status.success(), "{said:?}");
    }

    /// The ids of the processes that run a program of this PC, given by its file name.
    pub fn processes(&self, program: &str) -> Vec<u32> {
        let prefix = format!("WINEPREFIX={}", self.prefix().display());
        let all = fs::read_dir("/proc").expect("there is a /proc").filter_map(Result::ok);
        let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let runs_it = |id: &u32| {
            let read = |file: &str| fs::read(format!("/proc/{id}/{file}")).unwrap_or_default();
            // Wine makes one argument of the whole command line.
            let command = String::from_utf8_lossy(&read("cmdline")).into_owned();
            let environment = read("environ");
            let mut variables = environment.split(|byte| *byte == 0);
            command.contains(&format!("\\{program}")) && variables.any(|variable| variable == prefix.as_bytes())
        };
        ids.filter(runs_it).collect()
    }

    /// What a value of the registry holds; `None` when there is no such value.
    pub fn registry_value(&self, key: &str, name: &str) -> Option<String> {
        let said = self.run("reg", &["query", key, "/v", name]);
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let line = text.lines().find(|line| line.trim_start().starts_with(name))?;
        // Name, kind and content.
        line.trim().splitn(3, "    ").nth(2).map(str::to_owned)
    }

    /// A key of the registry with its values, as `regedit` exports it; `None` when there is no such key.
    pub fn registry(&self, key: &str) -> Option<String> {
        let file = self.drive_c("exported.reg");
        let _ = fs::remove_file(&file);
        self.run("regedit", &["/E", r"C:\exported.reg", key]);
        let bytes = fs::read(&file).ok()?;
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let text = String::from_utf16_lossy(&units);
        text.contains('[').then_some(text)
    }
}

impl Default for Windows {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        end(&self.prefix());
    }
}

fn wine(prefix: &Path) -> Command {
    let mut command = Command::new(WINE);
    command
        .env("WINEPREFIX", prefix)
        .env("WINEARCH", "win64")
        .env("WINEDEBUG", "-all")
        .env_remove("DISPLAY");
    command
}

/// Ends every Windows program of this prefix, and of no other.
fn end(prefix: &Path) {
    let _ = Command::new(WINE_SERVER).arg("-k").env("WINEPREFIX", prefix).output();
}

fn make_prefix() -> TempDir {
    assert!(
        Path::new(WINE).exists(),
        "{WINE} is missing; cargo xtask test installs wine64"
    );
    let folder = TempDir::new().expect("a temporary folder");
    let prefix = folder.path().join("prefix");
    output(wine(&prefix).args(["wineboot", "--init"]));
    output(wine(&prefix).args(["winecfg", "-v", "win10"]));
    let looks = folder.path().join("looks.reg");
    fs::write(&looks, LOOKS).expect("the folder is writable");
    output(wine(&prefix).arg("regedit").arg(&looks));
    unlink_home(&prefix);
    let source = folder.path().join("prng.c");
    fs::write(&source, PRNG).expect("the folder is writable");
    output(
        Command::new("x86_64-w64-mingw32-gcc")
            .args(["-shared", "-O1", "-o"])
            .arg(prefix.join("drive_c/windows/system32/bcryptprimitives.dll"))
            .arg(&source)
            .arg("-ladvapi32"),
    );
    // So that what is copied is on the disk, and nothing of it in a server's memory.
    end(&prefix);
    let _ = Command::new(WINE_SERVER).arg("-w").env("WINEPREFIX", &prefix).output();
    folder
}

/// Makes folders of what Wine made links to the folders of whoever runs the tests.
fn unlink_home(prefix: &Path) {
    for user in fs::read_dir(prefix.join("drive_c/users")).expect("the prefix has users") {
        let user = user.expect("the folder can be read").path();
        for entry in fs::read_dir(user).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_symlink() {
                fs::remove_file(&path).expect("the prefix is writable");
                fs::create_dir(&path).expect("the prefix is writable");
            }
        }
    }
}
