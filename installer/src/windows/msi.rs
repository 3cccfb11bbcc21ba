//! The MSI: `windows/fileward.wxs` by wixl, and what wixl cannot do.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use ::msi::{CodePage, Expr, Package, Select, Update, Value};
use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::programs::{PROGRAMS, SETUP};
use crate::run;

const SOURCE: &str = "windows/fileward.wxs";
const ICON: &str = "windows/resource/fileward.ico";

/// The service's name.
pub const SERVICE: &str = "fileward-agent";

/// The one feature.
const FEATURE: &str = "Fileward";

/// Properties that reach the installing service although an administrator sets them.
const SECURE: &str = "COLLECTOR_TOKEN;KEEP_STATE;NEWER_FOUND;OLDER_FOUND;UNINSTALL_TOKEN";

/// The type of a custom action that is kept out of logs, `msidbCustomActionTypeHideTarget`.
const HIDDEN: i32 = 0x2000;
/// The type of a custom action that runs only when an installation is taken back, `msidbCustomActionTypeRollback`.
const ROLLBACK: i32 = 0x100;

/// What wixl does not know to set in the types of custom actions.
const ACTION_TYPES: [(&str, i32); 5] = [
    ("SetCheckUninstallToken", HIDDEN),
    ("CheckUninstallToken", HIDDEN),
    ("SetKeepToken", HIDDEN),
    ("KeepToken", HIDDEN),
    ("ForgetToken", ROLLBACK),
];

/// The Chinese of the texts people see, by the English that the source has: wixl 0.101 crashes on it.
const CHINESE: [(&str, &str, &str, &str); 4] = [
    (
        "LaunchCondition",
        "Description",
        "A newer version",
        "此电脑已安装更新版本的文件卫士（Fileward），请先将其卸载。",
    ),
    (
        "LaunchCondition",
        "Description",
        "Fileward needs",
        "文件卫士（Fileward）需要 64 位 Windows 10 1809 或更高版本。",
    ),
    (
        "Property",
        "Value",
        "Keeps work files",
        "让工作文件留在批准的加密存储里。",
    ),
    (
        "ServiceInstall",
        "Description",
        "Finds work files",
        "发现不在批准存储里的工作文件并提醒用户。",
    ),
];

/// What an MSI is made of.
#[derive(Clone, Copy, Debug)]
pub struct Msi<'a> {
    /// Three numbers with dots; Windows Installer compares no more.
    pub version: &'a str,
    /// The folder with the programs and the custom action.
    pub programs: &'a Path,
}

impl Msi<'_> {
    /// The usual name of the file.
    pub fn name(&self) -> String {
        format!("fileward-{}-x64.msi", self.version)
    }

    /// Builds it as `file`: equal programs give equal bytes.
    ///
    /// # Errors
    /// When a program is missing, or wixl fails.
    pub fn build(&self, file: &Path) -> Result<()> {
        let numbers: Vec<&str> = self.version.split('.').collect();
        ensure!(
            numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u16>().is_ok()),
            "an MSI's version is three numbers, not {}",
            self.version
        );
        let folder = file.parent().context("Failed to find the MSI's folder")?;
        let stage = folder.join(".msi");
        let _ = fs::remove_dir_all(&stage);
        fs::create_dir_all(&stage).with_context(|| format!("Failed to make {}", stage.display()))?;
        let built = self.build_in(&stage);
        let moved =
            built.and_then(|msi| fs::rename(&msi, file).with_context(|| format!("Failed to write {}", file.display())));
        let _ = fs::remove_dir_all(&stage);
        moved
    }

    fn build_in(&self, stage: &Path) -> Result<PathBuf> {
        let seed = self.gather(stage)?;
        let msi = stage.join("out.msi");
        run(Command::new("wixl")
            .current_dir(stage)
            .env("TZ", "UTC")
            .args(["--arch", "x64", "--output", "out.msi"])
            .arg(format!("--define=Version={}", self.version))
            .arg(format!("--define=ProductCode={}", code(&seed, "product")))
            .arg("fileward.wxs"))?;
        ensure!(msi.exists(), "wixl wrote no MSI");
        finish(&msi, code(&seed, "package"))?;
        let whole = stage.join("whole.msi");
        write_anew(&msi, &whole).with_context(|| format!("Failed to write {}", whole.display()))?;
        Ok(whole)
    }

    /// Copies everything beside each other, as wixl wants it, with one date; a hash of it all.
    fn gather(&self, stage: &Path) -> Result<[u8; 32]> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let programs = PROGRAMS.iter().chain([&SETUP]).map(|name| self.programs.join(name));
        let mut hash = Sha256::new_with_prefix(self.version);
        for source in programs.chain([own.join(ICON), own.join(SOURCE)]) {
            let content = fs::read(&source).with_context(|| format!("Failed to read {}", source.display()))?;
            hash.update(content.len().to_le_bytes());
            hash.update(&content);
            let copy = stage.join(source.file_name().context("Failed to name a file")?);
            let written = File::create(&copy).and_then(|mut file| {
                file.write_all(&content)?;
                file.set_modified(date())
            });
            written.with_context(|| format!("Failed to write {}", copy.display()))?;
        }
        Ok(hash.finalize().into())
    }
}

/// The date of everything in the MSI, 2020-01-01: archives cannot tell one before 1980.
fn date() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(18_262 * 24)
}

/// A code that stands for this content: Windows Installer takes packages with one code for the same.
fn code(seed: &[u8; 32], purpose: &str) -> Uuid {
    let hash = Sha256::new_with_prefix(seed).chain_update(purpose).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Sets what wixl cannot.
fn finish(msi: &Path, package_code: Uuid) -> Result<()> {
    let file = File::options().read(true).write(true).open(msi);
    let mut package = file
        .and_then(Package::open)
        .with_context(|| format!("Failed to read {}", msi.display()))?;
    add_chinese(&mut package).context("Failed to add the Chinese texts")?;
    set_properties_and_types(&mut package).context("Failed to set properties")?;
    let summary = package.summary_info_mut();
    summary.set_uuid(package_code);
    summary.set_creation_time(date());
    summary.set_last_save_time(date());
    package
        .flush()
        .with_context(|| format!("Failed to write {}", msi.display()))
}

/// Writes the compound file stream by stream: one that was changed in place is more than osslsigncode 2.9 can read.
fn write_anew(from: &Path, to: &Path) -> io::Result<()> {
    let mut old = cfb::open(from)?;
    let mut new = cfb::CompoundFile::create_with_version(cfb::Version::V3, File::create_new(to)?)?;
    new.set_storage_clsid("/", *old.root_entry().clsid())?;
    let streams: Vec<PathBuf> = old
        .walk()
        .filter(cfb::Entry::is_stream)
        .map(|entry| entry.path().to_owned())
        .collect();
    for path in streams {
        io::copy(&mut old.open_stream(&path)?, &mut new.create_stream(&path)?)?;
    }
    new.flush()
}

fn add_chinese(package: &mut Package<File>) -> Result<()> {
    package.set_database_codepage(CodePage::Utf8);
    for (table, column, english, chinese) in CHINESE {
        let mut rows = package.select_rows(Select::table(table).columns(&[column]))?;
        let text = rows.find_map(|row| {
            row[0]
                .as_str()
                .filter(|text| text.starts_with(english))
                .map(str::to_owned)
        });
        let text = text.with_context(|| format!("{SOURCE} has no text \"{english}…\""))?;
        let both = Value::from(format!("{text} {chinese}"));
        let is_it = Expr::col(column).eq(Expr::string(text));
        package.update_rows(Update::table(table).set(column, both).with(is_it))?;
    }
    Ok(())
}

fn set_properties_and_types(package: &mut Package<File>) -> Result<()> {
    let secure = Expr::col("Property").eq(Expr::string("SecureCustomProperties"));
    package.update_rows(Update::table("Property").set("Value", Value::from(SECURE)).with(secure))?;
    // An older version is removed by the name of its one feature: Windows then sets REMOVE to ALL and UPGRADINGPRODUCTCODE
    // beside it; Wine, which knows no UPGRADINGPRODUCTCODE, leaves the name. So neither removes the state.
    let older = Expr::col("ActionProperty").eq(Expr::string("OLDER_FOUND"));
    package.update_rows(Update::table("Upgrade").set("Remove", Value::from(FEATURE)).with(older))?;
    for (action, more) in ACTION_TYPES {
        let is_it = || Expr::col("Action").eq(Expr::string(action));
        let types = Select::table("CustomAction").columns(&["Type"]).with(is_it());
        let kind = package.select_rows(types)?.find_map(|row| row[0].as_int());
        let kind = kind.with_context(|| format!("{SOURCE} has no action {action}"))?;
        package.update_rows(
            Update::table("CustomAction")
                .set("Type", Value::from(kind | more))
                .with(is_it()),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with something in the programs' place.
    fn programs() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in PROGRAMS.iter().chain([&SETUP]) {
            fs::write(folder.path().join(name), name).unwrap();
        }
        folder
    }

    #[test]
    fn equal_programs_give_equal_packages_and_others_another_code() {
        let [one, two, other] = [programs(), programs(), programs()];
        fs::write(other.path().join(PROGRAMS[0]), "changed").unwrap();
        let build = |folder: &tempfile::TempDir| {
            let file = folder.path().join("fileward.msi");
            let msi = Msi {
                version: "1.2.3",
                programs: folder.path(),
            };
            msi.build(&file).unwrap();
            let mut package = Package::open(File::open(&file).unwrap()).unwrap();
            let code = package.summary_info().uuid().unwrap();
            let secure = Expr::col("Property").eq(Expr::string("SecureCustomProperties"));
            let rows = package
                .select_rows(Select::table("Property").columns(&["Value"]).with(secure))
                .unwrap();
            let values: Vec<_> = rows.map(|row| row[0].as_str().unwrap().to_owned()).collect();
            assert_eq!(values, [SECURE]);
            (fs::read(file).unwrap(), code)
        };
        let first = build(&one);
        // Dates in archives count in steps of two seconds.
        std::thread::sleep(Duration::from_millis(2100));
        let second = build(&two);
        let differing = first.0.iter().zip(&second.0).filter(|(a, b)| a != b).count();
        assert_eq!((first.0.len(), differing), (second.0.len(), 0));
        assert_eq!(first.1, second.1);
        assert_ne!(first.1, build(&other).1);
    }

    #[test]
    fn tokens_are_hidden_and_only_a_rollback_forgets_one() {
        let folder = programs();
        let file = folder.path().join("fileward.msi");
        let msi = Msi {
            version: "1.2.3",
            programs: folder.path(),
        };
        msi.build(&file).unwrap();
        let mut package = Package::open(File::open(&file).unwrap()).unwrap();
        let hidden = Expr::col("Property").eq(Expr::string("MsiHiddenProperties"));
        let mut rows = package
            .select_rows(Select::table("Property").columns(&["Value"]).with(hidden))
            .unwrap();
        assert_eq!(
            rows.next().unwrap()[0].as_str(),
            Some("COLLECTOR_TOKEN;KeepToken;UNINSTALL_TOKEN;CheckUninstallToken")
        );
        let columns = ["Action", "Type"];
        let rows = package
            .select_rows(Select::table("CustomAction").columns(&columns))
            .unwrap();
        let types: std::collections::BTreeMap<_, _> = rows
            .map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_int().unwrap()))
            .collect();
        // https://learn.microsoft.com/windows/win32/msi/summary-list-of-all-custom-action-types
        assert_eq!(types["SetKeepToken"] & !0x800, 51 + 0x2000);
        assert_eq!(types["KeepToken"], 1 + 0x400 + 0x800 + 0x2000);
        assert_eq!(types["SetCheckUninstallToken"] & !0x800, 51 + 0x2000);
        assert_eq!(types["CheckUninstallToken"], 1 + 0x400 + 0x800 + 0x2000);
        assert_eq!(types["ForgetToken"], 18 + 0x40 + 0x100 + 0x400 + 0x800);
        assert_eq!(types["RemoveState"], 18 + 0x40 + 0x400 + 0x800);
    }

    #[test]
    fn what_windows_installer_cannot_compare_is_no_version() {
        let folder = programs();
        for version in ["1.2", "1.2.3.4", "1.2.3-rc1", "1.2.70000"] {
            let msi = Msi {
                version,
                programs: folder.path(),
            };
            let error = msi.build(&folder.path().join("x.msi")).unwrap_err().to_string();
            assert!(error.contains(version), "{error}");
        }
    }
}
