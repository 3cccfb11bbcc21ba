//! What the employee sees and clicks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use fileward_ipc::{Answer, QuestionId, ToService, VERSION};
use zbus::zvariant::{OwnedValue, Value};

use crate::service::{Service, finding, question};
use crate::session::{Session, until};

/// A session with a service and a tray that listens to it.
async fn scene() -> Option<(Session, Service)> {
    let mut session = Session::start().await?;
    let service = Service::start(&session.path("agent.sock"));
    session.start_tray();
    until_listening(&service, 1).await;
    Some((session, service))
}

async fn until_listening(service: &Service, times: usize) {
    let hello = ToService::Hello {
        version: VERSION,
        subscribe: true,
    };
    let count = || {
        service
            .known
            .lock()
            .unwrap()
            .told
            .iter()
            .filter(|told| **told == hello)
            .count()
    };
    until("the tray listens", || async { (count() >= times).then_some(()) }).await;
}

fn file(session: &Session, name: &str) -> std::path::PathBuf {
    let path = session.path("home").join(name);
    std::fs::write(&path, b"content").unwrap();
    path
}

#[tokio::test]
async fn a_finding_is_told_in_chinese_and_its_button_moves_the_file() {
    let Some((session, service)) = scene().await else {
        return;
    };
    let path = file(&session, "桌面/2026 年报价单 <终稿>.docx");
    service.find(vec![finding(1, &path, &session.path("home/工作文件"))], Vec::new());

    session
        .until_shown("工作文件放错了地方：2026 年报价单 <终稿>.docx", 1)
        .await;
    session.until_shown("位置：桌面（~/桌面）", 1).await;
    session.until_shown("之前只有你知道，处理好就不会上报。", 1).await;
    session.take_picture("notification.png").await;

    session.click("移到加密文件夹").await;
    session
        .until_shown("已移到加密文件夹\n~/工作文件/2026 年报价单 &lt;终稿&gt;.docx", 1)
        .await;
    assert!(!path.exists());
    assert_eq!(
        std::fs::read(session.path("home/工作文件/2026 年报价单 <终稿>.docx")).unwrap(),
        b"content"
    );
    session.take_picture("moved.png").await;
}

#[tokio::test]
async fn a_question_is_asked_and_a_no_is_said_to_stay_here() {
    let Some((session, service)) = scene().await else {
        return;
    };
    service.find(Vec::new(), vec![question(7, &file(&session, "下载/电子客票.pdf"))]);
    session.until_shown("这是工作文件吗？", 1).await;
    session.until_shown("不会上报", 1).await;
    session.take_picture("question.png").await;
    session.click("不是").await;
    session.until_shown("这个回答只留在本机", 1).await;
    assert!(service.was_told(&ToService::AnswerQuestion {
        question: QuestionId(7),
        work: false
    }));
}

#[tokio::test]
async fn several_findings_are_one_toast_and_shown_one_by_one_on_demand() {
    let Some((session, service)) = scene().await else {
        return;
    };
    let store = session.path("home/工作文件");
    let files: Vec<_> = (1..=3_u128)
        .map(|n| (n, file(&session, &format!("桌面/合同{n}.docx"))))
        .collect();
    service.find(
        files.iter().map(|(n, path)| finding(*n, path, &store)).collect(),
        Vec::new(),
    );
    session.until_shown("3 个工作文件放错了地方", 1).await;
    session.click("逐个查看").await;
    for number in 1..=3 {
        session
            .until_shown(&format!("工作文件放错了地方：合同{number}.docx"), 1)
            .await;
    }
    session.click("私人文件").await;
    session.until_shown("已记录", 1).await;
    assert_eq!(service.known.lock().unwrap().findings.len(), 2);
}

#[tokio::test]
async fn toasts_outlive_the_notification_daemon_and_the_service() {
    let Some((mut session, mut service)) = scene().await else {
        return;
    };
    let path = file(&session, "桌面/合同.docx");
    service.find(vec![finding(1, &path, &session.path("home/工作文件"))], Vec::new());
    session.until_shown("合同.docx", 1).await;

    session.stop_daemon().await;
    session.start_daemon().await;
    session.until_shown("合同.docx", 2).await;

    service.stop().await;
    service.listen();
    until_listening(&service, 2).await;
    service.find(Vec::new(), vec![question(8, &path)]);
    session.until_shown("这是工作文件吗？", 1).await;
    session.click("移到加密文件夹").await;
    until("the file is moved", || async { (!path.exists()).then_some(()) }).await;
}

/// A panel that comes late: it takes down which icons register.
struct Panel {
    icons: Arc<Mutex<Vec<String>>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Panel {
    fn register_status_notifier_item(&self, service: String) {
        self.icons.lock().unwrap().push(service);
    }

    #[expect(clippy::unused_self, reason = "the interface is an object's")]
    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));

#[tokio::test]
async fn the_icon_appears_when_a_panel_does_and_its_menu_moves_the_file() {
    let Some((session, service)) = scene().await else {
        return;
    };
    let path = file(&session, "桌面/a_b.docx");
    service.find(vec![finding(1, &path, &session.path("home/工作文件"))], Vec::new());
    session.until_shown("a_b.docx", 1).await;

    let (bus, icon) = panel(&session).await;
    let item = zbus::Proxy::new(&bus, icon.as_str(), "/StatusNotifierItem", "org.kde.StatusNotifierItem")
        .await
        .unwrap();
    until("the icon asks for attention", || async {
        let status: String = item.get_property("Status").await.unwrap();
        (status == "NeedsAttention").then_some(())
    })
    .await;
    let entries = click_in_menu(&bus, &icon, "移到加密文件夹").await;
    assert!(entries.iter().any(|(_, label)| label == "a__b.docx"), "{entries:?}");
    until("the file is moved", || async { (!path.exists()).then_some(()) }).await;
}

#[tokio::test]
async fn what_was_sent_is_a_page_that_only_its_user_reads() {
    let Some((session, _service)) = scene().await else {
        return;
    };
    let (bus, icon) = panel(&session).await;
    for (label, page) in [("上报了我的哪些信息", "sent.html"), ("检查哪些位置", "watched.html")] {
        click_in_menu(&bus, &icon, label).await;
        let path = session.path("run/fileward").join(page);
        let opened = || std::fs::read_to_string(session.path("opened")).unwrap_or_default();
        until("the page is opened", || async {
            opened().contains(path.to_str().unwrap()).then_some(())
        })
        .await;
        assert!(std::fs::read_to_string(&path).unwrap().contains(label));
        let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_reason_is_typed_where_the_desktop_has_a_dialog() {
    let Some((session, service)) = scene().await else {
        return;
    };
    session.write_program("zenity", "#!/bin/sh\necho '  客户明天来取 '\n");
    let item = finding(1, &file(&session, "桌面/合同.docx"), &session.path("home/工作文件"));
    service.find(vec![item.clone()], Vec::new());
    session.until_shown("合同.docx", 1).await;
    session.click("说明理由").await;
    session.until_shown("合同.docx：说明理由", 1).await;
    let answer = Answer::Justify {
        text: "客户明天来取".to_owned(),
    };
    assert!(service.was_told(&ToService::Answer {
        finding: item.finding,
        answer
    }));
}

/// A panel, and the icon that registers there.
async fn panel(session: &Session) -> (zbus::Connection, String) {
    let icons = Arc::<Mutex<Vec<String>>>::default();
    let panel = Panel {
        icons: Arc::clone(&icons),
    };
    let builder = zbus::connection::Builder::address(session.bus()).unwrap();
    let builder = builder.serve_at("/StatusNotifierWatcher", panel).unwrap();
    let bus = builder
        .name("org.kde.StatusNotifierWatcher")
        .unwrap()
        .build()
        .await
        .unwrap();
    let icon = until("the icon registers", || async {
        icons.lock().unwrap().first().cloned()
    })
    .await;
    (bus, icon)
}

/// Clicks in the icon's menu as soon as the label is there, and gives all that is.
async fn click_in_menu(bus: &zbus::Connection, icon: &str, label: &str) -> Vec<(i32, String)> {
    let menu = zbus::Proxy::new(bus, icon, "/MenuBar", "com.canonical.dbusmenu")
        .await
        .unwrap();
    until(&format!("the menu has {label}"), || async {
        let layout: Layout = menu
            .call("GetLayout", &(0_i32, -1_i32, ["label"].as_slice()))
            .await
            .unwrap();
        let entries = labels(&layout.1.2);
        let (id, _) = entries.iter().find(|(_, found)| found == label)?;
        let clicked = (*id, "clicked", Value::from(0_i32), 0_u32);
        menu.call::<_, _, ()>("Event", &clicked).await.unwrap();
        Some(entries)
    })
    .await
}

/// Id and label of every entry, however deep.
fn labels(entries: &[OwnedValue]) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.try_clone().unwrap();
        let (id, properties, children): (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>) = entry.try_into().unwrap();
        let label = properties
            .get("label")
            .and_then(|label| label.downcast_ref::<String>().ok());
        found.extend(label.map(|label| (id, label)));
        found.extend(labels(&children));
    }
    found
}

#[tokio::test]
async fn a_second_tray_leaves_and_the_first_ends_with_the_session() {
    let Some((mut session, _service)) = scene().await else {
        return;
    };
    let second = session.tray_command().output().await.unwrap();
    assert_eq!(second.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&second.stderr).contains("runs in this session already"));
    session.end().await;
    let ended = session.tray.take().unwrap().wait().await.unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn without_a_desktop_the_tray_says_what_to_use_instead() {
    let folder = tempfile::tempdir().unwrap();
    let mut tray = tokio::process::Command::new(env!("CARGO_BIN_EXE_fileward-tray"));
    let tray = tray
        .env("XDG_RUNTIME_DIR", folder.path())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let output = tray.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("fileward-tray list"));
}
