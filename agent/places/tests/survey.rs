//! Surveys of homes as users really have them, and as nobody should.
#![cfg(target_os = "linux")]

mod support;

use std::ffi::OsStr;
use std::fs::Permissions;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fileward_places::{Options, Survey, System, User, UserId};
use fileward_protocol::health::{PlaceState, Unavailable};
use fileward_protocol::vocabulary::{App, PlaceKind};
use support::{Pc, of_kind, policy, the, with_store};

const MISSING: PlaceState = PlaceState::Unavailable(Unavailable::Missing);
const OUTSIDE: PlaceState = PlaceState::Unavailable(Unavailable::OutsideUser);

const UNCONFIRMED: Options = Options { unconfirmed: true };

fn roots(survey: &Survey, kind: PlaceKind) -> Vec<&Path> {
    survey
        .places
        .iter()
        .filter(|place| place.kind == kind)
        .map(|place| place.root.as_path())
        .collect()
}

#[test]
fn user_dirs_names_the_desktop_and_downloads() {
    let pc = Pc::new();
    let desktop = pc.folder("桌面");
    let downloads = pc.folder("收到 的");
    pc.folder("Desktop");
    pc.file(
        ".config/user-dirs.dirs",
        "XDG_DESKTOP_DIR=\"$HOME/桌面\"\nXDG_DOWNLOAD_DIR=\"$HOME/收到 的\"\n",
    );
    let survey = pc.survey();
    let place = the(&survey, PlaceKind::Desktop);
    assert_eq!((&place.root, place.state), (&desktop, PlaceState::Ok));
    assert_eq!(place.found.by, "user-dirs");
    assert_eq!(place.owner.as_deref(), Some(&pc.user));
    assert_eq!(the(&survey, PlaceKind::Downloads).root, downloads);
    assert!(survey.anchors.contains(&pc.home(".config")));
}

#[test]
fn a_disabled_desktop_is_no_place() {
    let pc = Pc::new();
    pc.folder("Desktop");
    pc.file(".config/user-dirs.dirs", "XDG_DESKTOP_DIR=\"$HOME/\"\n");
    assert!(pc.survey().places.is_empty());
}

#[test]
fn without_user_dirs_the_usual_names_count_if_they_are_there() {
    let pc = Pc::new();
    assert!(pc.survey().places.is_empty());
    let chinese = pc.folder("桌面");
    let downloads = pc.folder("Downloads");
    let survey = pc.survey();
    assert_eq!(roots(&survey, PlaceKind::Desktop), [chinese]);
    assert_eq!(roots(&survey, PlaceKind::Downloads), [downloads]);
}

#[test]
fn a_desktop_that_is_not_there_is_told() {
    let pc = Pc::new();
    pc.file(".config/user-dirs.dirs", "XDG_DESKTOP_DIR=\"$HOME/桌面\"\n");
    let survey = pc.survey();
    let place = the(&survey, PlaceKind::Desktop);
    assert_eq!((&place.root, place.state), (&pc.home("桌面"), MISSING));
    assert!(survey.anchors.contains(&pc.user.home));
}

#[test]
fn wechat_accounts_are_known_by_what_lies_below_them() {
    let pc = Pc::new();
    let base = pc.home("文档/xwechat_files");
    for account in ["zhang-san_1a2b", "wxid_abc_ffff", "plain"] {
        pc.folder(format!("文档/xwechat_files/{account}/msg/file"));
    }
    for other in ["all_users", "Backup"] {
        pc.folder(format!("文档/xwechat_files/{other}/msg/file"));
    }
    pc.folder("文档/xwechat_files/new_9999");
    pc.folder("文档/xwechat_files/zhang-san_1a2b/db_storage");
    let survey = pc.survey();
    let found: Vec<_> = survey
        .places
        .iter()
        .map(|place| (place.root.clone(), place.account.as_deref(), place.found.grade))
        .collect();
    let expected: Vec<_> = [
        ("plain", "plain"),
        ("wxid_abc_ffff", "wxid_abc"),
        ("zhang-san_1a2b", "zhang-san"),
    ]
    .map(|(folder, account)| (base.join(folder).join("msg/file"), Some(account), Some('A')))
    .to_vec();
    assert_eq!(found, expected);
    for anchor in [base.clone(), base.join("new_9999"), pc.home("文档")] {
        assert!(survey.anchors.contains(&anchor), "{}", anchor.display());
    }
}

#[test]
fn every_app_of_the_catalogue_is_found() {
    let account = "0123456789abcdef0123456789abcdef";
    let wine = ".deepinwine/Deepin-WXWork/drive_c/users/zhang/Documents/WXWork";
    let cases = [
        ("Documents/xwechat_files/a_0001/msg/file".to_owned(), App::Wechat, "a"),
        ("Documents/xwechat_files/a_0001/msg/attach".to_owned(), App::Wechat, "a"),
        ("Documents/xwechat_files/a_0001/temp/drag".to_owned(), App::Wechat, "a"),
        ("xwechat_files/b_0001/msg/file".to_owned(), App::Wechat, "b"),
        (
            ".var/app/com.tencent.WeChat/xwechat_files/c_0001/msg/file".to_owned(),
            App::Wechat,
            "c",
        ),
        ("Documents/WeChat Files/d/FileStorage/File".to_owned(), App::Wechat, "d"),
        (
            format!("{wine}/1688850000000000/Cache/File"),
            App::Wecom,
            "1688850000000000",
        ),
        (
            ".config/DingTalk/1234567_v2/resource_cache".to_owned(),
            App::Dingtalk,
            "1234567",
        ),
        (
            format!(".config/LarkShell/sdk_storage/{account}/resources/files"),
            App::Feishu,
            account,
        ),
        (
            format!(".config/LarkShell-ka-tenant/sdk_storage/{account}/resources/images"),
            App::Feishu,
            account,
        ),
        (format!(".config/QQ/nt_qq_{account}/nt_data/File"), App::Qq, account),
        (
            format!(".var/app/com.qq.QQ/config/QQ/nt_qq_{account}/nt_data/Pic"),
            App::Qq,
            account,
        ),
    ];
    let pc = Pc::new();
    for (folder, ..) in &cases {
        pc.folder(folder);
    }
    let survey = pc.survey();
    assert_eq!(survey.places.len(), cases.len(), "{survey:#?}");
    for (folder, app, account) in cases {
        let place = survey.place_of(&pc.home(&folder).join("2026-11/报价.docx")).unwrap();
        assert_eq!(place.root, pc.home(&folder));
        assert_eq!(
            (place.app, place.account.as_deref()),
            (Some(app), Some(account)),
            "{folder}"
        );
        assert_eq!(
            (place.kind, place.state),
            (PlaceKind::ChatCache, PlaceState::Ok),
            "{folder}"
        );
    }
}

#[test]
fn a_wine_prefix_linked_to_the_real_documents_gives_each_place_once() {
    let pc = Pc::new();
    let files = pc.folder("文档/WeChat Files/zhang/FileStorage/File");
    let prefix = ".deepinwine/Deepin-WeChat/drive_c/users/zhang";
    pc.link(&format!("{prefix}/Documents"), &pc.home("文档"));
    pc.link(&format!("{prefix}/My Documents"), &pc.home("文档"));
    let survey = pc.survey();
    assert_eq!(roots(&survey, PlaceKind::ChatCache), [files]);
}

#[test]
fn unconfirmed_rows_wait_until_they_are_asked_for() {
    let pc = Pc::new();
    let folder = pc.folder(".local/share/com.tencent.wechat/xwechat_files/a_0001/msg/file");
    assert!(pc.survey().places.is_empty());
    let survey = pc.survey_with(&policy(), UNCONFIRMED);
    let place = the(&survey, PlaceKind::ChatCache);
    assert_eq!((&place.root, place.found.grade), (&folder, Some('U')));
}

#[test]
fn the_policy_decides_which_kinds_and_apps_are_places() {
    let pc = Pc::new();
    pc.folder("Desktop");
    pc.folder("Downloads");
    pc.folder("Nutstore Files");
    pc.folder("xwechat_files/a_0001/msg/file");
    pc.folder(".config/QQ/nt_qq_0/nt_data/File");
    let all = pc.survey();
    assert_eq!(all.places.len(), 5);

    let mut only_qq = policy();
    only_qq.places.desktop = None;
    only_qq.places.personal_cloud = None;
    only_qq.places.chat_cache.as_mut().unwrap().apps = vec![App::Qq];
    let survey = pc.survey_with(&only_qq, Options::default());
    let kinds: Vec<_> = survey.places.iter().map(|place| (place.kind, place.app)).collect();
    assert_eq!(
        kinds,
        [(PlaceKind::ChatCache, Some(App::Qq)), (PlaceKind::Downloads, None)]
    );
    assert!(!survey.anchors.contains(&pc.home("xwechat_files")));
}

#[test]
fn a_folder_that_is_not_the_users_is_never_entered() {
    let pc = Pc::new();
    pc.file(
        ".config/user-dirs.dirs",
        "XDG_DESKTOP_DIR=\"/etc\"\nXDG_DOWNLOAD_DIR=\"$HOME/links/usr\"\n",
    );
    pc.link("links/usr", Path::new("/usr"));
    pc.link("xwechat_files", Path::new("/usr"));
    pc.folder("elsewhere/a_0001/msg");
    pc.link("elsewhere/a_0001/msg/file", Path::new("/usr/share"));
    pc.folder("Documents");
    pc.link("Documents/xwechat_files", &pc.home("elsewhere"));
    let survey = pc.survey();
    let found: Vec<_> = survey
        .places
        .iter()
        .map(|place| (place.root.clone(), place.state))
        .collect();
    let mut expected = vec![
        ("/etc".into(), OUTSIDE),
        (pc.home("elsewhere/a_0001/msg/file"), OUTSIDE),
        (pc.home("links/usr"), OUTSIDE),
        (pc.home("xwechat_files"), OUTSIDE),
    ];
    expected.sort();
    assert_eq!(found, expected);
    assert!(
        survey.anchors.iter().all(|anchor| anchor.starts_with(&pc.user.home)),
        "{:?}",
        survey.anchors
    );
}

#[test]
fn the_home_and_what_lies_above_it_are_no_places() {
    let pc = Pc::new();
    let settings = format!(
        "XDG_DESKTOP_DIR=\"$HOME/../zhang\"\nXDG_DOWNLOAD_DIR=\"{}\"\n",
        pc.outside().display()
    );
    pc.file(".config/user-dirs.dirs", &settings);
    let survey = pc.survey();
    assert_eq!(survey.places.len(), 2);
    assert!(survey.places.iter().all(|place| place.state == OUTSIDE), "{survey:#?}");
}

#[test]
fn two_spellings_of_one_folder_give_one_place() {
    let pc = Pc::new();
    let real = pc.folder("桌面");
    pc.link("Desktop", &real);
    let survey = pc.survey();
    assert_eq!(roots(&survey, PlaceKind::Desktop), [real]);
}

#[test]
fn names_that_are_no_text_are_places_like_others() {
    let pc = Pc::new();
    for account in [&b"gbk_\xd0\xff\xfe"[..], b"line\nbreak_0001", b"-rf *"] {
        let mut below = b"xwechat_files/".to_vec();
        below.extend_from_slice(account);
        below.extend_from_slice(b"/msg/file");
        pc.folder(OsStr::from_bytes(&below));
    }
    let survey = pc.survey();
    let accounts: Vec<_> = survey
        .places
        .iter()
        .filter_map(|place| place.account.as_deref())
        .collect();
    assert_eq!(accounts, ["-rf *", "gbk_\u{fffd}\u{fffd}\u{fffd}", "line\nbreak"]);
    assert!(survey.places.iter().all(|place| place.root.is_dir()));
}

#[test]
fn a_pipe_in_place_of_a_settings_file_blocks_nobody() {
    let pc = Pc::new();
    pc.folder(".config");
    let desktop = pc.folder("Desktop");
    let pipe = pc.home(".config/user-dirs.dirs");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    pc.own(&pipe);
    assert_eq!(roots(&pc.survey(), PlaceKind::Desktop), [desktop]);
}

#[test]
fn another_users_settings_file_is_not_read() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can give a file to somebody else");
        return;
    }
    let pc = Pc::new();
    let others = pc.outside().join("others.dirs");
    std::fs::write(&others, "XDG_DESKTOP_DIR=\"$HOME/Secret\"\n").unwrap();
    pc.link(".config/user-dirs.dirs", &others);
    pc.folder("Secret");
    assert!(pc.survey().places.is_empty());
}

#[test]
fn dropbox_says_where_the_personal_folder_is() {
    let pc = Pc::new();
    let folder = pc.folder("云/Dropbox (个人)");
    let info = format!(r#"{{"personal": {{"path": "{}"}}}}"#, folder.display());
    pc.file(".dropbox/info.json", &info);
    let survey = pc.survey();
    let place = the(&survey, PlaceKind::PersonalCloud);
    assert_eq!((&place.root, place.app), (&folder, Some(App::Dropbox)));
    assert!(survey.anchors.contains(&pc.home(".dropbox")));
}

#[test]
fn message_databases_are_passed_over_wherever_they_were_moved() {
    let pc = Pc::new();
    pc.folder("Desktop");
    pc.folder("Documents/xwechat_files/a_0001/msg/attach");
    let survey = pc.survey();
    let desktop = the(&survey, PlaceKind::Desktop);
    for path in [
        "db_storage",
        "x/a_0001/db_storage/m.db",
        "QQ/nt_db/a",
        "WeChat Files/me/Msg/MSG0.db",
    ] {
        assert!(desktop.passes_over(Path::new(path)), "{path}");
    }
    for path in [
        "",
        "报价.docx",
        "my db_storage/a",
        "WeChat Files/me/FileStorage/a",
        "a/b/Img",
    ] {
        assert!(!desktop.passes_over(Path::new(path)), "{path}");
    }
    let attach = the(&survey, PlaceKind::ChatCache);
    assert!(attach.passes_over(Path::new("0123/2026-11/Img/1.dat")));
    assert!(!attach.passes_over(Path::new("0123/2026-11/Rec/9/F/1/报价.docx")));
}

#[test]
fn a_link_from_files_to_messages_is_not_followed() {
    let pc = Pc::new();
    let messages = pc.folder("xwechat_files/a_0001/db_storage");
    pc.link("xwechat_files/a_0001/msg/file", &messages);
    assert_eq!(the(&pc.survey(), PlaceKind::ChatCache).state, OUTSIDE);
}

#[test]
fn anchors_are_the_folders_along_each_pattern_and_never_above_the_home() {
    let pc = Pc::new();
    pc.folder("Documents/xwechat_files/a_0001/msg");
    pc.folder(".config/QQ");
    let survey = pc.survey();
    for below in [
        "Documents",
        "Documents/xwechat_files",
        "Documents/xwechat_files/a_0001/msg",
        ".config",
        ".config/QQ",
    ] {
        assert!(survey.anchors.contains(&pc.home(below)), "{below}");
    }
    assert!(survey.anchors.iter().all(|anchor| anchor.starts_with(&pc.user.home)));
}

#[test]
fn a_user_without_a_home_hides_nobody() {
    let pc = Pc::new();
    let desktop = pc.folder("Desktop");
    let ghost = User {
        id: pc.user.id,
        name: "ghost".into(),
        home: pc.outside().join("home/ghost"),
    };
    let survey = System::default().survey(&[ghost, pc.user.clone()], &policy(), Options::default());
    assert_eq!(roots(&survey, PlaceKind::Desktop), [desktop]);
}

#[test]
fn a_hostile_number_of_accounts_is_bounded() {
    let pc = Pc::new();
    for account in 0..300 {
        pc.folder(format!("xwechat_files/a{account}/msg/file"));
    }
    let survey = pc.survey();
    let places = of_kind(&survey, PlaceKind::ChatCache).len();
    assert!((100..300).contains(&places), "{places}");
    assert!(survey.anchors.len() < 1000, "{}", survey.anchors.len());
}

#[test]
fn a_folder_that_may_not_be_read_is_told() {
    if rustix::process::geteuid().is_root() {
        println!("skipped: root may read everything");
        return;
    }
    let pc = Pc::new();
    let desktop = pc.folder("Desktop");
    rustix::fs::chmod(&desktop, rustix::fs::Mode::empty()).unwrap();
    let place = the(&pc.survey(), PlaceKind::Desktop);
    assert_eq!(place.state, PlaceState::Unavailable(Unavailable::PermissionDenied));
}

#[test]
fn a_store_says_which_of_its_users_may_write_in_it() {
    let pc = Pc::new();
    let own = pc.folder("工作文件");
    let shared = pc.outside().join("shared");
    std::fs::create_dir(&shared).unwrap();
    let me = UserId::current();
    let stranger = User {
        id: (u32::from(pc.user.id) + 1).into(),
        name: "li".into(),
        home: pc.outside().join("home/li"),
    };
    let users = [pc.user.clone(), stranger.clone()];
    let writers = |store: &Path, named: &str, mode: u32| {
        std::fs::set_permissions(store, Permissions::from_mode(mode)).unwrap();
        let survey = System::default().survey(&users, &with_store(named), Options::default());
        let place = survey.places.iter().find(|place| place.root == store);
        place.unwrap().store.clone().unwrap().writers
    };
    assert_eq!(
        writers(&own, "~/工作文件", 0o777),
        [pc.user.id],
        "another's store is not theirs"
    );
    assert_eq!(writers(&own, "~/工作文件", 0o500), []);
    let named = shared.to_str().unwrap();
    assert_eq!(writers(&shared, named, 0o777), [pc.user.id, stranger.id]);
    let owner: &[UserId] = if me == pc.user.id { &[me] } else { &[] };
    assert_eq!(writers(&shared, named, 0o700), owner);
}
