//! The commands for people without a tray, and for scripts.

use std::process::Output;

use fileward_ipc::{Answer, QuestionId, ToService};
use tokio::process::Command;

use crate::service::{Service, finding, question};

struct Scene {
    folder: tempfile::TempDir,
    service: Service,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["desktop", "store"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let service = Service::start(&folder.path().join("agent.sock"));
        let file = folder.path().join("desktop/报价单.docx");
        std::fs::write(&file, b"content").unwrap();
        let store = folder.path().join("store");
        service.find(
            vec![finding(0xaa, &file, &store), finding(0xab, &file, &store)],
            vec![question(7, &file)],
        );
        Self { folder, service }
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fileward-tray"))
            .args(arguments)
            .env("FILEWARD_SOCKET", self.folder.path().join("agent.sock"))
            .env("FILEWARD_LANGUAGE", "en")
            .output()
            .await
            .unwrap()
    }

    fn id(&self, number: usize) -> String {
        self.service.known.lock().unwrap().findings[number].finding.to_string()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_owned()).unwrap()
}

#[tokio::test]
async fn what_waits_is_listed_for_people_and_for_scripts() {
    let scene = Scene::new();
    let people = text(&scene.run(&["list"]).await.stdout);
    assert!(
        people.contains("报价单.docx") && people.contains("only you know"),
        "{people}"
    );
    let scripts = scene.run(&["list", "--json"]).await.stdout;
    let scripts: serde_json::Value = serde_json::from_slice(&scripts).unwrap();
    assert_eq!(scripts["findings"][0]["finding"], scene.id(0));
    assert_eq!(scripts["questions"][0]["question"], 7);
}

#[tokio::test]
async fn a_file_is_moved_and_its_new_place_is_told() {
    let scene = Scene::new();
    let moved = scene.run(&["move", &scene.id(0)]).await;
    assert!(moved.status.success(), "{}", text(&moved.stderr));
    let place = scene.folder.path().join("store/报价单.docx");
    assert_eq!(text(&moved.stdout).trim(), place.to_str().unwrap());
    assert_eq!(std::fs::read(place).unwrap(), b"content");
    let again = scene.run(&["move", &scene.id(0)]).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(
        text(&again.stderr).contains("not there any more"),
        "{}",
        text(&again.stderr)
    );
}

#[tokio::test]
async fn an_id_may_be_shortened_as_long_as_it_is_the_only_one() {
    let scene = Scene::new();
    let both = scene.run(&["answer", "000000a", "private"]).await;
    assert!(
        text(&both.stderr).contains("Several findings"),
        "{}",
        text(&both.stderr)
    );
    let none = scene.run(&["answer", "ff", "private"]).await;
    assert!(text(&none.stderr).contains("No open finding"), "{}", text(&none.stderr));
    let id = scene.service.known.lock().unwrap().findings[1].finding;
    assert!(scene.run(&["answer", "000000AB", "false-alarm"]).await.status.success());
    let answer = ToService::Answer {
        finding: id,
        answer: Answer::FalseAlarm,
    };
    assert!(scene.service.was_told(&answer));
}

#[tokio::test]
async fn a_reason_needs_its_words() {
    let scene = Scene::new();
    let id = scene.id(0);
    assert_eq!(scene.run(&["answer", &id, "justify"]).await.status.code(), Some(2));
    let refused = scene.run(&["answer", &id, "justify", "--text", " "]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("A reason needs words."));
    assert!(
        scene
            .run(&["answer", &id, "justify", "--text", "给客户看"])
            .await
            .status
            .success()
    );
}

#[tokio::test]
async fn a_question_is_answered() {
    let scene = Scene::new();
    assert!(scene.run(&["question", "7", "no"]).await.status.success());
    let answer = ToService::AnswerQuestion {
        question: QuestionId(7),
        work: false,
    };
    assert!(scene.service.was_told(&answer));
}

#[tokio::test]
async fn without_a_service_the_message_says_what_to_do() {
    let mut scene = Scene::new();
    scene.service.stop().await;
    let list = scene.run(&["list"]).await;
    assert_eq!(list.status.code(), Some(1));
    assert!(text(&list.stderr).contains("is it running?"), "{}", text(&list.stderr));
}

#[tokio::test]
async fn after_an_update_the_message_says_to_sign_in_again() {
    let scene = Scene::new();
    scene.service.known.lock().unwrap().ahead = 1;
    let list = scene.run(&["list"]).await;
    assert_eq!(list.status.code(), Some(1));
    assert!(
        text(&list.stderr).contains("sign out and in again"),
        "{}",
        text(&list.stderr)
    );
}
