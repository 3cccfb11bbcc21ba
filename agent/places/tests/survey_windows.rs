//! Surveys of Windows PCs as users really have them: a recorded registry, and trees in a folder of the test's own.
#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic as they do")]

#[path = "support/policy.rs"]
#[allow(dead_code, reason = "each test file uses a part")]
mod policy;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use fileward_places::{Options, Recorded, Survey, System, User, UserId, Volume, plain};
use fileward_policy::{Effective, effective};
use fileward_protocol::health::{PlaceState, Unavailable};
use fileward_protocol::vocabulary::{App, PlaceKind};
use policy::{of_kind, policy, the, with_store};

const SHELL_FOLDERS: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";
const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
const SYNC_ROOTS: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\SyncRootManager";
const OUTSIDE: PlaceState = PlaceState::Unavailable(Unavailable::OutsideUser);
const MISSING: PlaceState = PlaceState::Unavailable(Unavailable::Missing);

struct Pc {
    _folder: tempfile::TempDir,
    root: PathBuf,
    recorded: Recorded,
    user: User,
}

impl Pc {
    /// A user with a profile, a drive `d` and a public folder.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let root = PathBuf::from(real.to_str().unwrap().trim_start_matches(r"\\?\"));
        let home = root.join(r"Users\zhang");
        for folder in [&home, &root.join("d"), &root.join(r"Users\Public")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let id = UserId::current();
        let mut recorded = Recorded {
            drives: vec![root.join("d")],
            ..Recorded::default()
        };
        let public = root.join(r"Users\Public");
        recorded
            .registry
            .machine
            .set(PROFILES, "Public", public.to_str().unwrap());
        recorded.registry.users.entry(id).or_default();
        Self {
            _folder: folder,
            root,
            recorded,
            user: User {
                id,
                name: "zhang".into(),
                home,
            },
        }
    }

    fn set(&mut self, key: &str, name: &str, data: &str) {
        self.recorded
            .registry
            .users
            .entry(self.user.id)
            .or_default()
            .set(key, name, data);
    }

    fn sync_root(&mut self, id: &str, folder: &Path) {
        let (key, user) = (format!(r"{SYNC_ROOTS}\{id}\UserSyncRoots"), self.user.id.to_string());
        self.recorded
            .registry
            .machine
            .set(&key, &user, folder.to_str().unwrap());
    }

    fn at(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    fn home(&self, below: &str) -> PathBuf {
        self.user.home.join(below)
    }

    fn folder(&self, below: &str) -> PathBuf {
        let path = self.at(below);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    fn file(&self, below: &str, content: &[u8]) {
        let path = self.at(below);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn survey(&self) -> Survey {
        self.survey_with(&policy())
    }

    fn survey_with(&self, policy: &Effective) -> Survey {
        let system = System {
            recorded: Some(Arc::new(self.recorded.clone())),
        };
        system.survey(std::slice::from_ref(&self.user), policy, Options::default())
    }
}

/// The chat places with what they were found by and their accounts.
fn chats(survey: &Survey) -> Vec<(PathBuf, String, Option<String>)> {
    of_kind(survey, PlaceKind::ChatCache)
        .iter()
        .filter(|place| place.state == PlaceState::Ok)
        .map(|place| (place.root.clone(), place.found.by.clone(), place.account.clone()))
        .collect()
}

fn found(root: PathBuf, by: &str, account: &str) -> (PathBuf, String, Option<String>) {
    (root, by.into(), Some(account.into()))
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

#[test]
fn a_redirected_desktop_and_the_usual_downloads_are_found() {
    let mut pc = Pc::new();
    let desktop = pc.folder(r"d\Desktop");
    let downloads = pc.folder(r"Users\zhang\Downloads");
    pc.set(SHELL_FOLDERS, "Desktop", desktop.to_str().unwrap());
    let survey = pc.survey();
    let place = the(&survey, PlaceKind::Desktop);
    assert_eq!((&place.root, place.state), (&desktop, PlaceState::Ok));
    assert_eq!(place.found.by, "user-shell-folders");
    assert_eq!(the(&survey, PlaceKind::Downloads).root, downloads);
    assert_eq!(the(&survey, PlaceKind::Downloads).found.by, "default-folder");
}

#[test]
fn a_desktop_that_onedrive_took_over_is_found_in_any_spelling() {
    let mut pc = Pc::new();
    let desktop = pc.folder(r"Users\zhang\OneDrive\桌面");
    pc.set(SHELL_FOLDERS, "Desktop", r"%UserProfile%\ONEDRIVE\桌面\");
    let survey = pc.survey();
    let place = the(&survey, PlaceKind::Desktop);
    assert_eq!((&place.root, place.state), (&desktop, PlaceState::Ok));
    let file = pc.home(r"onedrive\桌面\报价.docx");
    let (place, path) = survey.locate(&file).unwrap();
    assert_eq!((&place.root, path), (&desktop, desktop.join("报价.docx")));
}

#[test]
fn no_path_is_shown_with_the_prefix_of_long_ones() {
    let mut pc = Pc::new();
    let long = |path: &Path| format!(r"\\?\{}", path.display());
    let downloads = pc.folder(r"d\收到");
    pc.set(SHELL_FOLDERS, "Desktop", &long(&pc.home("Desk")));
    pc.set(
        SHELL_FOLDERS,
        "{374DE290-123F-4565-9164-39C4925E467B}",
        &long(&downloads),
    );
    let store = pc.folder(r"d\保险库");
    for stored in [store.clone(), pc.at(r"d\none")] {
        let survey = pc.survey_with(&with_store(&long(&stored)));
        assert_eq!(the(&survey, PlaceKind::Desktop).root, pc.home("Desk"));
        assert_eq!(the(&survey, PlaceKind::Downloads).root, downloads);
        let place = the(&survey, PlaceKind::Store);
        let state = if stored == store { PlaceState::Ok } else { MISSING };
        assert_eq!((&place.root, place.state), (&stored, state));
        assert!(survey.anchors.contains(&pc.user.home));
        let paths = survey.places.iter().map(|place| &place.root).chain(&survey.anchors);
        assert!(paths.into_iter().all(|path| !path.starts_with(r"\\?\")), "{survey:#?}");
    }
    let file = downloads.join("报价.docx");
    std::fs::write(&file, "one").unwrap();
    let survey = pc.survey();
    let (place, path) = survey.locate(&plain(&file.canonicalize().unwrap())).unwrap();
    assert_eq!((place.kind, path), (PlaceKind::Downloads, file));
}

#[test]
fn a_desktop_that_is_not_there_is_told() {
    let mut pc = Pc::new();
    pc.set(SHELL_FOLDERS, "Desktop", r"%USERPROFILE%\Desk");
    let survey = pc.survey();
    let place = the(&survey, PlaceKind::Desktop);
    assert_eq!((&place.root, place.state), (&pc.home("Desk"), MISSING));
    assert!(survey.anchors.contains(&pc.user.home));
}

#[test]
fn no_setting_of_a_user_leads_the_service_to_a_server_that_the_policy_does_not_name() {
    for desktop in [
        r"\\127.0.0.1\none\桌面",
        r"\\?\UNC\127.0.0.1\none\桌面",
        r"\\?\GLOBALROOT\Device\Mup\127.0.0.1\none\桌面",
    ] {
        let mut pc = Pc::new();
        pc.set(SHELL_FOLDERS, "Desktop", desktop);
        assert_eq!(the(&pc.survey(), PlaceKind::Desktop).state, OUTSIDE, "{desktop}");
    }
    let mut pc = Pc::new();
    pc.set(SHELL_FOLDERS, "Desktop", r"\\127.0.0.1\none\桌面");
    let survey = pc.survey_with(&with_store(r"\\127.0.0.1\NONE\工作"));
    assert_ne!(
        the(&survey, PlaceKind::Desktop).state,
        OUTSIDE,
        "a share of the policy's"
    );
}

#[test]
fn wechat_4_is_found_wherever_its_files_say() {
    let pc = Pc::new();
    let config = r"Users\zhang\AppData\Roaming\Tencent\xwechat\config";
    let utf8 = pc.folder(r"d\微信文件\xwechat_files\wxid_a_1a2b\msg\file");
    pc.file(
        &format!(r"{config}\1.ini"),
        pc.at(r"d\微信文件").to_str().unwrap().as_bytes(),
    );
    let itself = pc.folder(r"d\聊天\XWeChat_Files\b_0002\msg\file");
    pc.file(
        &format!(r"{config}\2.ini"),
        &gbk(pc.at(r"d\聊天\xwechat_files").to_str().unwrap()),
    );
    let documents = pc.folder(r"Users\zhang\Documents\xwechat_files\c_0003\msg\file");
    pc.file(&format!(r"{config}\3.ini"), b"MyDocument:");
    pc.folder(r"d\微信文件\xwechat_files\all_users\msg\file");
    let at_drive = pc.folder(r"d\xwechat_files\d_0004\msg\attach");
    let mut expected = vec![
        found(utf8, "wechat-windows-4", "wxid_a"),
        found(itself, "wechat-windows-4", "b"),
        found(documents, "wechat-windows-4", "c"),
        found(at_drive.clone(), "wechat-windows-4-records", "d"),
    ];
    expected.sort();
    let survey = pc.survey();
    assert_eq!(chats(&survey), expected);
    let attach = survey.place_of(&at_drive).unwrap();
    assert!(attach.passes_over(Path::new(r"0123\2026-11\Img\1.dat")));
    assert!(!attach.passes_over(Path::new(r"0123\2026-11\Rec\9\F\1\报价.docx")));
    assert!(survey.anchors.contains(&pc.at(config)));
}

#[test]
fn wechat_3_is_found_by_the_registry_and_by_its_file() {
    let mut pc = Pc::new();
    let by_registry = pc.folder(r"d\a\WeChat Files\zhang\FileStorage\File");
    pc.set(
        r"Software\Tencent\WeChat",
        "FileSavePath",
        pc.at(r"d\a").to_str().unwrap(),
    );
    let by_file = pc.folder(r"d\乙\WeChat Files\zhang\FileStorage\Video");
    let ini = r"Users\zhang\AppData\Roaming\Tencent\WeChat\All Users\config\3ebffe94.ini";
    pc.file(ini, &gbk(pc.at(r"d\乙").to_str().unwrap()));
    pc.folder(r"d\a\WeChat Files\All Users\FileStorage\File");
    let old = pc.folder(r"Users\zhang\Documents\WeChat Files\li\Files");
    let package = r"Users\zhang\AppData\Local\Packages\TencentWeChatLimited.forWindows10_sdtnhv12zgd7a";
    let store = pc.folder(&format!(
        r"{package}\LocalCache\Roaming\Tencent\WeChatAppStore\WeChatAppStore Files\wang\Files"
    ));
    let mut expected = vec![
        found(by_registry, "wechat-windows-3", "zhang"),
        found(by_file, "wechat-windows-3", "zhang"),
        found(old, "wechat-windows-2", "li"),
        found(store, "wechat-windows-store", "wang"),
    ];
    expected.sort();
    assert_eq!(chats(&pc.survey()), expected);
}

#[test]
fn the_other_chat_apps_are_found_at_their_places() {
    let mut pc = Pc::new();
    let hex = "0123456789abcdef0123456789abcdef";
    pc.set(
        r"Software\Tencent\WXWork",
        "DataLocationPath",
        pc.at(r"d\企业\WXWork").to_str().unwrap(),
    );
    pc.set(r"Software\Tencent\WXWork", "DataLocation", "0");
    let qq = pc.at(r"d\QQ文件\Tencent Files");
    let ini = format!(
        "[UserDataSet]\r\nUserDataSavePathType=2\r\nUserDataSavePath={}\r\n",
        qq.display()
    );
    pc.file(r"Users\Public\Documents\Tencent\QQ\UserDataInfo.ini", &gbk(&ini));
    let roaming = r"Users\zhang\AppData\Roaming";
    let cases = [
        (
            r"d\企业\WXWork\1688850000000000\Cache\File".to_owned(),
            "wecom-windows",
            "1688850000000000",
        ),
        (
            r"Users\zhang\Documents\WXWork\2\Cache\Image".to_owned(),
            "wecom-windows",
            "2",
        ),
        (
            format!(r"{roaming}\DingTalk\1234567_v2\resource_cache"),
            "dingtalk-windows",
            "1234567",
        ),
        (
            r"d\DingTalkAppData\DingTalk\0123_v3\ImageFiles".to_owned(),
            "dingtalk-windows-v3-images",
            "0123",
        ),
        (
            format!(r"{roaming}\LarkShell\sdk_storage\{hex}\resources\files"),
            "feishu-windows",
            hex,
        ),
        (
            format!(r"{roaming}\LarkShell-ka-tenant\sdk_storage\{hex}\resources\images"),
            "feishu-windows-private",
            hex,
        ),
        (
            r"d\QQ文件\Tencent Files\10001\FileRecv".to_owned(),
            "qq-windows",
            "10001",
        ),
        (
            r"d\QQ文件\Tencent Files\10001\nt_qq\nt_data\File".to_owned(),
            "qq-windows-nt",
            "10001",
        ),
    ];
    let mut expected: Vec<_> = cases
        .iter()
        .map(|(folder, by, account)| found(pc.folder(folder), by, account))
        .collect();
    expected.sort();
    assert_eq!(chats(&pc.survey()), expected);
}

#[test]
fn every_sync_root_of_the_user_is_a_cloud_and_a_companys_one_a_store() {
    let mut pc = Pc::new();
    let personal = pc.folder(r"Users\zhang\OneDrive");
    let company = pc.folder(r"Users\zhang\OneDrive - 公司");
    let other = pc.folder(r"d\某云");
    pc.sync_root("OneDrive!S-1-5-21-1!Personal|1", &personal);
    pc.sync_root("OneDrive!S-1-5-21-1!Business1|2", &company);
    pc.sync_root("SomeCloud!S-1-5-21-1!x", &other);
    let of_another = (
        format!(r"{SYNC_ROOTS}\Else!S-1-5-21-9!y\UserSyncRoots"),
        pc.folder(r"d\别人"),
    );
    pc.recorded
        .registry
        .machine
        .set(&of_another.0, "S-1-5-21-9", of_another.1.to_str().unwrap());
    let survey = pc.survey();
    let clouds: Vec<_> = of_kind(&survey, PlaceKind::PersonalCloud)
        .iter()
        .map(|place| (place.root.clone(), place.app))
        .collect();
    let mut expected = [(personal, Some(App::Onedrive)), (other, None)];
    expected.sort();
    assert_eq!(clouds, expected);
    assert!(of_kind(&survey, PlaceKind::Store).is_empty());

    let mut with_cloud = policy();
    with_cloud.stores = vec![effective::Store::CompanyCloud {
        apps: vec![App::OnedriveBusiness, App::Wedrive],
        require_encryption: true,
    }];
    let wedrive = pc.folder(r"Users\zhang\Documents\WXWork\1\WeDrive");
    let survey = pc.survey_with(&with_cloud);
    let mut stores: Vec<_> = of_kind(&survey, PlaceKind::Store)
        .iter()
        .map(|place| (place.root.clone(), place.app, place.state))
        .collect();
    stores.sort_by(|one, other| one.0.cmp(&other.0));
    let mut expected = [
        (company, Some(App::OnedriveBusiness), PlaceState::Ok),
        (wedrive, Some(App::Wedrive), PlaceState::Ok),
    ];
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(stores, expected);
}

#[test]
fn a_desktop_in_the_companys_cloud_is_a_desktop_until_the_policy_approves_that_cloud() {
    let mut pc = Pc::new();
    let company = pc.folder(r"Users\zhang\OneDrive - 公司");
    let desktop = pc.folder(r"Users\zhang\OneDrive - 公司\桌面");
    let chat = pc.folder(r"Users\zhang\OneDrive - 公司\文档\xwechat_files\a_0001\msg\file");
    pc.set(SHELL_FOLDERS, "Desktop", r"%USERPROFILE%\OneDrive - 公司\桌面");
    pc.set(SHELL_FOLDERS, "Personal", r"%USERPROFILE%\OneDrive - 公司\文档");
    pc.sync_root("OneDrive!S-1-5-21-1!Business1|2", &company);
    let kind_at = |survey: &Survey, folder: &Path| survey.place_of(&folder.join("报价.docx")).map(|place| place.kind);

    let survey = pc.survey();
    assert_eq!(kind_at(&survey, &desktop), Some(PlaceKind::Desktop));
    assert_eq!(kind_at(&survey, &company), None);

    let approved = |app| {
        let mut policy = policy();
        policy.stores = vec![effective::Store::CompanyCloud {
            apps: vec![app],
            require_encryption: false,
        }];
        policy
    };
    let survey = pc.survey_with(&approved(App::Wedrive));
    assert_eq!(
        kind_at(&survey, &desktop),
        Some(PlaceKind::Desktop),
        "another cloud is approved"
    );

    let survey = pc.survey_with(&approved(App::OnedriveBusiness));
    assert_eq!(kind_at(&survey, &company), Some(PlaceKind::Store));
    assert_eq!(kind_at(&survey, &desktop), Some(PlaceKind::Store));
    assert_eq!(kind_at(&survey, &chat), Some(PlaceKind::ChatCache), "a cache stays one");
}

#[test]
fn a_sync_root_cannot_turn_the_desktop_into_a_store() {
    let mut pc = Pc::new();
    let desktop = pc.folder(r"Users\zhang\Desktop");
    pc.sync_root("OneDrive!S-1-5-21-1!Business1|2", &desktop);
    let mut with_cloud = policy();
    with_cloud.stores = vec![effective::Store::CompanyCloud {
        apps: vec![App::OnedriveBusiness],
        require_encryption: false,
    }];
    let survey = pc.survey_with(&with_cloud);
    let stores = of_kind(&survey, PlaceKind::Store);
    assert!(stores.iter().all(|store| store.state == OUTSIDE), "{stores:#?}");
}

#[test]
fn clouds_are_found_by_their_own_settings_and_at_their_usual_places() {
    let mut pc = Pc::new();
    let dropbox = pc.folder(r"d\云\Dropbox");
    let json = format!(r#"{{"personal": {{"path": {:?}}}}}"#, dropbox.to_str().unwrap());
    pc.file(r"Users\zhang\AppData\Local\Dropbox\info.json", json.as_bytes());
    let onedrive = pc.folder(r"d\OneDrive");
    let key = r"Software\Microsoft\OneDrive\Accounts\Personal";
    pc.set(key, "UserFolder", onedrive.to_str().unwrap());
    let cases = [
        (dropbox, App::Dropbox),
        (onedrive, App::Onedrive),
        (pc.folder(r"d\BaiduSyncdisk"), App::BaiduNetdisk),
        (pc.folder(r"Users\zhang\Nutstore"), App::Nutstore),
        (pc.folder(r"Users\zhang\WPSDrive"), App::WpsCloud),
        (pc.folder(r"Users\zhang\iCloudDrive"), App::Icloud),
    ];
    let fetched = pc.folder(r"d\BaiduNetdiskDownload");
    let survey = pc.survey();
    for (folder, app) in cases {
        let place = survey.place_of(&folder.join("a.docx")).unwrap();
        assert_eq!(
            (&place.root, place.app, place.kind),
            (&folder, Some(app), PlaceKind::PersonalCloud)
        );
    }
    assert_eq!(survey.place_of(&fetched).unwrap().kind, PlaceKind::Downloads);
}

#[test]
fn a_junction_out_of_a_place_is_judged_by_where_it_leads() {
    let pc = Pc::new();
    let elsewhere = pc.folder(r"d\elsewhere\a_0001\msg\file");
    pc.folder(r"Users\zhang\Documents");
    let link = pc.home(r"Documents\xwechat_files");
    let made = Command::new("cmd")
        .args(["/c", "mklink", "/J"])
        .args([&link, &pc.at(r"d\elsewhere")])
        .output()
        .is_ok_and(|output| output.status.success());
    if !made || !link.exists() {
        println!("skipped: no junction can be made here");
        return;
    }
    let survey = pc.survey();
    assert_eq!(chats(&survey), [found(elsewhere, "wechat-windows-4", "a")]);
}

#[test]
fn what_can_be_taken_out_is_polled_and_nothing_on_it_is_held() {
    const DRIVE_REMOVABLE: u32 = 2;
    const DRIVE_FIXED: u32 = 3;
    let mut pc = Pc::new();
    let (cloud, store) = (pc.folder(r"d\BaiduSyncdisk"), pc.folder(r"d\保险库"));
    let desktop = pc.folder(r"Users\zhang\Desktop");
    let drive = pc.at("d");
    let survey = pc.survey_with(&with_store(store.to_str().unwrap()));
    assert!(survey.anchors.contains(&drive));
    assert!(survey.places.iter().all(|place| place.events), "{survey:#?}");
    for (kind, device, plugged_in) in [
        (DRIVE_REMOVABLE, r"\Device\HarddiskVolume9", false),
        (DRIVE_FIXED, r"\Device\HarddiskVolume9", true),
        (DRIVE_FIXED, r"\Device\VeraCryptVolumeD", false),
        (DRIVE_FIXED, r"\??\C:\Work", false),
    ] {
        let volume = Volume {
            kind,
            device: Some(device.into()),
            plugged_in,
        };
        pc.recorded.volumes.insert(drive.clone(), volume);
        let survey = pc.survey_with(&with_store(store.to_str().unwrap()));
        let polled: Vec<_> = survey.places.iter().filter(|place| !place.events).collect();
        assert_eq!(
            polled.iter().map(|place| &place.root).collect::<Vec<_>>(),
            [&cloud, &store]
        );
        assert!(polled.iter().all(|place| place.state == PlaceState::Ok), "{polled:#?}");
        assert!(survey.place_of(&desktop).unwrap().events);
        assert!(
            !survey.anchors.iter().any(|anchor| anchor.starts_with(&drive)),
            "{survey:#?}"
        );
    }
}

#[test]
fn the_profile_and_what_lies_above_it_are_no_places() {
    let mut pc = Pc::new();
    pc.set(SHELL_FOLDERS, "Desktop", r"%USERPROFILE%");
    let above = pc.root.to_str().unwrap().to_owned();
    pc.set(SHELL_FOLDERS, "{374DE290-123F-4565-9164-39C4925E467B}", &above);
    let survey = pc.survey();
    assert_eq!(survey.places.len(), 2);
    assert!(survey.places.iter().all(|place| place.state == OUTSIDE), "{survey:#?}");
}

#[test]
fn stores_are_in_the_profile_or_on_a_drive() {
    let pc = Pc::new();
    let own = pc.folder(r"Users\zhang\工作文件");
    for path in ["~/工作文件", r"~\工作文件"] {
        let survey = pc.survey_with(&with_store(path));
        let place = the(&survey, PlaceKind::Store);
        assert_eq!((&place.root, place.state), (&own, PlaceState::Ok));
        assert_eq!(place.store.as_ref().unwrap().writers, [pc.user.id]);
    }
    let shared = pc.folder(r"d\保险库");
    let survey = pc.survey_with(&with_store(shared.to_str().unwrap()));
    let place = the(&survey, PlaceKind::Store);
    assert_eq!(
        (&place.root, place.state, &place.owner),
        (&shared, PlaceState::Ok, &None)
    );
    assert!(
        pc.survey_with(&with_store("/srv/vault"))
            .places
            .iter()
            .all(|place| place.kind != PlaceKind::Store)
    );
}

#[test]
fn a_path_longer_than_260_is_found_and_spelled_plainly() {
    let mut pc = Pc::new();
    let name = "甲".repeat(60);
    let moved = format!(r"d\{name}\{name}\{name}\{name}");
    let folder = pc.folder(&format!(r"{moved}\WeChat Files\zhang\FileStorage\File"));
    let key = r"Software\Tencent\WeChat";
    pc.set(key, "FileSavePath", pc.at(&moved).to_str().unwrap());
    assert!(folder.to_str().unwrap().chars().count() > 260);
    assert_eq!(chats(&pc.survey()), [found(folder, "wechat-windows-3", "zhang")]);
}
