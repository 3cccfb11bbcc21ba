//! Clients of several users, over connections whose credentials are given.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use fileward_ipc::{Answer, Item, MOST, More, SessionDrive, ToClient, ToService, VERSION, codec};
use fileward_places::{SessionDrives, UserId};
use fileward_protocol::chain::Head;
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::ids::FindingId;
use fileward_protocol::report::Request;
use fileward_protocol::vocabulary::{FindingState, Language};
use jiff::Timestamp;
use tokio::io::{DuplexStream, ReadHalf, WriteHalf};
use uuid::Uuid;

mod company;

use super::authorise::Peer;
use super::connection::Connection;
use super::subscribers::Subscribers;
use super::{Server, toast};
use crate::ledger::{Ledger, testing};
use crate::pipeline::{Force, Setting, Shared};
use crate::uplink::Local as _;

const ALICE: u32 = 1000;
const BOB: u32 = 1001;
const ROOT: u32 = 0;

thread_local! {
    static NOW: Cell<Timestamp> = Cell::new(testing::at(0));
}

struct Service {
    shared: Arc<Shared>,
    subscribers: Arc<Subscribers>,
    _folder: tempfile::TempDir,
}

struct Client {
    from: ReadHalf<DuplexStream>,
    to: WriteHalf<DuplexStream>,
}

impl Service {
    fn new() -> Self {
        NOW.set(testing::at(0));
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path(), testing::owner(), NOW.get()).unwrap();
        let force = Force::local(fileward_policy::DEFAULT)
            .map_err(|errors| format!("{errors:?}"))
            .unwrap();
        let setting = Setting {
            clock: || NOW.get(),
            print: None,
            ready: Box::new(|_| {}),
            collector: None,
            language: Language::En,
        };
        let shared = Arc::new(Shared::new(ledger, force, sync_channel(4).0, setting).unwrap());
        shared.adopt(Head::START).unwrap();
        Self {
            shared,
            subscribers: Arc::default(),
            _folder: folder,
        }
    }

    fn finding(&self, inode: u64, owner: impl Into<UserId>, grace: u64) {
        let offence = crate::ledger::Offence {
            owner: Some(owner.into()),
            ..testing::offence(inode, grace)
        };
        let entered = self.shared.ledger.enter(NOW.get(), |entry| entry.offends(&offence));
        self.shared.publish(&entered.unwrap().1, false);
    }

    /// Many findings of a user at once, all waiting for a day.
    fn findings(&self, inodes: std::ops::Range<u64>, owner: u32) {
        let enter = |entry: &mut crate::ledger::Entry<'_>| {
            inodes.clone().try_for_each(|inode| {
                entry.offends(&crate::ledger::Offence {
                    owner: Some(owner.into()),
                    ..testing::offence(inode, 86_400)
                })
            })
        };
        let entered = self.shared.ledger.enter(NOW.get(), enter);
        self.shared.publish(&entered.unwrap().1, false);
    }

    fn untold(&self, uid: u32) -> usize {
        let untold = self.shared.ledger.read(|reader| reader.to_notify(uid.into(), MOST));
        let (listed, more) = untold.unwrap();
        listed.len() + more
    }

    fn connect(&self, uid: u32) -> Client {
        self.connect_for(uid, Duration::MAX)
    }

    fn connect_for(&self, uid: u32, idle: Duration) -> Client {
        let (here, there) = tokio::io::duplex(1 << 20);
        let (from, to) = tokio::io::split(there);
        let connection = Connection {
            shared: self.shared.clone(),
            subscribers: self.subscribers.clone(),
            peer: Peer {
                user: uid.into(),
                is_administrator: uid == ROOT,
                service: ROOT.into(),
            },
            idle,
            to,
        };
        tokio::spawn(connection.serve(from));
        let (from, to) = tokio::io::split(here);
        Client { from, to }
    }

    async fn client(&self, uid: u32, subscribe: bool) -> Client {
        let mut client = self.connect(uid);
        client.greet(subscribe).await;
        client
    }
}

impl Client {
    async fn greet(&mut self, subscribe: bool) {
        let hello = ToService::Hello {
            version: VERSION,
            subscribe,
        };
        assert!(matches!(self.ask(&hello).await, ToClient::Hello { .. }));
    }

    async fn ask(&mut self, message: &ToService) -> ToClient {
        codec::write(&mut self.to, message).await.unwrap();
        self.next().await
    }

    async fn next(&mut self) -> ToClient {
        codec::read(&mut self.from).await.unwrap().unwrap()
    }

    async fn items(&mut self) -> Vec<Item> {
        match self.ask(&ToService::Items).await {
            ToClient::Items { findings, .. } => findings,
            other => panic!("{other:?}"),
        }
    }

    async fn elements(&mut self, after: Option<FindingId>) -> (Vec<serde_json::Value>, bool) {
        match self.ask(&ToService::Findings { after }).await {
            ToClient::Findings { findings, more } => (findings, more),
            other => panic!("{other:?}"),
        }
    }

    async fn answer(&mut self, finding: FindingId, answer: Answer) -> ToClient {
        self.ask(&ToService::Answer { finding, answer }).await
    }

    async fn next_toast(&mut self) -> Vec<Item> {
        self.next_toast_and_more().await.0
    }

    async fn next_toast_and_more(&mut self) -> (Vec<Item>, More) {
        loop {
            if let ToClient::Toast { findings, more, .. } = self.next().await {
                return (findings, more);
            }
        }
    }
}

fn refused(answer: &ToClient) -> bool {
    matches!(answer, ToClient::Refused { .. })
}

#[tokio::test]
async fn users_see_their_own_findings_and_root_sees_all() {
    let service = Service::new();
    service.finding(1, ALICE, 60);
    service.finding(2, BOB, 60);
    for (uid, count) in [(ALICE, 1), (BOB, 1), (1002, 0), (ROOT, 2)] {
        let mut client = service.client(uid, false).await;
        assert_eq!(client.items().await.len(), count, "{uid}");
        let (findings, more) = client.elements(None).await;
        assert_eq!((findings.len(), more), (count, false), "{uid}");
    }
}

#[tokio::test]
async fn nobody_answers_for_somebody_else_and_nobody_learns_what_others_have() {
    let service = Service::new();
    service.finding(1, ALICE, 60);
    let finding = service.client(ALICE, false).await.items().await[0].finding;
    for uid in [BOB, ROOT] {
        let mut other = service.client(uid, false).await;
        let theirs = other.answer(finding, Answer::PrivateFile).await;
        assert!(refused(&theirs), "{theirs:?}");
        assert_eq!(theirs, other.answer(FindingId(Uuid::nil()), Answer::PrivateFile).await);
    }
    let mut alice = service.client(ALICE, false).await;
    let empty = Answer::Justify { text: " \n".into() };
    assert!(refused(&alice.answer(finding, empty).await));
    assert_eq!(alice.answer(finding, Answer::PrivateFile).await, ToClient::Done);
    assert!(refused(&alice.answer(finding, Answer::PrivateFile).await));
    assert_eq!(alice.items().await[0].state, FindingState::Dismissed);
}

#[tokio::test]
async fn the_journal_shows_users_what_was_sent_about_them() {
    let service = Service::new();
    service.finding(1, ALICE, 0);
    service.finding(2, BOB, 0);
    service.finding(3, ALICE, 60);
    let mut alice = service.client(ALICE, false).await;
    let noticed = alice.items().await.into_iter();
    for item in noticed.filter(|item| item.state == FindingState::Noticed) {
        assert_eq!(alice.answer(item.finding, Answer::PrivateFile).await, ToClient::Done);
    }
    assert_eq!(service.shared.next(10, 1 << 20).unwrap().len(), 3);
    // The third is a count, which may be of anybody.
    for (uid, seqs) in [(ALICE, vec![1]), (BOB, vec![2]), (1002, vec![]), (ROOT, vec![1, 2, 3])] {
        let mut client = service.client(uid, false).await;
        let ToClient::Journal { lines, more } = client.ask(&ToService::Journal { after: 0 }).await else {
            panic!("no journal");
        };
        assert_eq!(lines.iter().map(|line| line.seq).collect::<Vec<_>>(), seqs);
        assert!(!more);
    }
}

#[tokio::test]
async fn everybody_at_the_pc_reads_what_was_sent_about_it() {
    let service = Service::new();
    let request = Request {
        protocol: fileward_protocol::VERSION,
        ledger: service.shared.ledger(),
        boot: Uuid::nil(),
        sent_at: NOW.get(),
        fingerprint: Some(Fingerprint {
            host_name: Some("pc-7".into()),
            ..Fingerprint::default()
        }),
        health: Some(service.shared.health().unwrap()),
        after: None,
        reports: Vec::new(),
        decisions_after: 0,
        disclosures_after: None,
    };
    service.shared.tells(&request).unwrap();
    for uid in [ALICE, ROOT] {
        let mut client = service.client(uid, false).await;
        let ToClient::Told { told, more } = client.ask(&ToService::Told { after: 0 }).await else {
            panic!("nothing was told");
        };
        assert_eq!(
            told.iter().map(|one| one.about.as_str()).collect::<Vec<_>>(),
            ["fingerprint", "health"]
        );
        assert!(told[0].json.contains("pc-7") && !more);
    }
}

#[tokio::test]
async fn only_root_and_the_services_own_user_let_it_sweep() {
    let service = Service::new();
    assert!(refused(&service.client(ALICE, false).await.ask(&ToService::Scan).await));
    let progress = service.client(ROOT, false).await.ask(&ToService::Scan).await;
    assert_eq!(progress, ToClient::Progress { files: 0, done: true });
}

#[tokio::test]
async fn a_session_tells_its_own_users_drives_and_nobody_elses() {
    let service = Service::new();
    let drive = |target: &str| SessionDrive {
        letter: 'V',
        target: target.to_owned(),
    };
    let mut alice = service.client(ALICE, false).await;
    let volume = drive(r"\Device\VeraCryptVolumeV");
    let told = |drive: SessionDrive| ToService::Drives { drives: vec![drive] };
    assert_eq!(alice.ask(&told(volume)).await, ToClient::Done);
    let sessions = service.shared.sessions();
    assert_eq!(sessions.keys().copied().collect::<Vec<_>>(), [ALICE.into()]);
    assert_ne!(sessions[&ALICE.into()], SessionDrives::default());
    // What is no VeraCrypt volume and no share is not kept.
    assert_eq!(alice.ask(&told(drive(r"\??\C:\plain"))).await, ToClient::Done);
    assert_eq!(service.shared.sessions()[&ALICE.into()], SessionDrives::default());
}

#[tokio::test]
async fn another_version_is_told_what_to_do() {
    let service = Service::new();
    let mut client = service.connect(ALICE);
    let hello = ToService::Hello {
        version: VERSION + 1,
        subscribe: true,
    };
    assert!(refused(&client.ask(&hello).await));
    assert!(codec::read::<ToClient>(&mut client.from).await.unwrap().is_none());
}

#[tokio::test]
async fn a_client_that_says_nothing_is_let_go_unless_it_listens() {
    let service = Service::new();
    let idle = Duration::from_millis(20);
    let mut tray = service.connect_for(ALICE, idle);
    tray.greet(true).await;
    let mut silent = service.connect_for(ALICE, idle);
    silent.greet(false).await;
    let rest = codec::read::<ToClient>(&mut silent.from);
    let rest = tokio::time::timeout(Duration::from_mins(1), rest).await.unwrap();
    assert!(rest.unwrap().is_none());
    let written = codec::write(&mut silent.to, &ToService::Items).await;
    assert!(written.is_err(), "nobody holds its socket any more");
    service.finding(1, ALICE, 60);
    assert_eq!(tray.next().await, ToClient::Changed);
}

#[tokio::test]
async fn a_user_with_too_many_connections_is_told_so_until_one_is_closed() {
    let service = Service::new();
    let folder = tempfile::tempdir().unwrap();
    let socket = fileward_ipc::socket::of_folder(folder.path());
    let running = tokio::spawn(Server::bind(&socket).unwrap().run(service.shared.clone()));
    let hello = ToService::Hello {
        version: VERSION,
        subscribe: true,
    };
    let mut served = Vec::new();
    let why = loop {
        let mut stream = fileward_ipc::stream::connect(&socket).await.unwrap();
        codec::write(&mut stream, &hello).await.unwrap();
        match codec::read(&mut stream).await.unwrap() {
            Some(ToClient::Hello { .. }) => served.push(stream),
            Some(ToClient::Refused { why }) => break why,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(served.len(), 8);
    assert!(why.contains("too many connections"), "{why}");
    drop(served.pop());
    loop {
        let mut stream = fileward_ipc::stream::connect(&socket).await.unwrap();
        codec::write(&mut stream, &hello).await.unwrap();
        match codec::read(&mut stream).await.unwrap() {
            Some(ToClient::Hello { .. }) => break,
            // The service may not have seen yet that one has gone.
            Some(ToClient::Refused { .. }) => tokio::task::yield_now().await,
            other => panic!("{other:?}"),
        }
    }
    running.abort();
}

#[tokio::test]
async fn what_comes_together_is_one_toast_and_then_there_is_quiet_for_the_policys_time() {
    let service = Service::new();
    let toasts = tokio::spawn(toast::run(service.shared.clone(), service.subscribers.clone()));
    let mut alice = service.client(ALICE, true).await;
    let mut bob = service.client(BOB, true).await;
    service.finding(1, ALICE, 9000);
    service.finding(2, ALICE, 9000);
    assert_eq!(alice.next_toast().await.len(), 2);
    service.finding(3, ALICE, 9000);
    service.finding(4, BOB, 9000);
    assert_eq!(bob.next_toast().await.len(), 1, "one user's quiet is not the other's");
    assert_eq!(service.untold(ALICE), 1);
    NOW.set(testing::at(3600));
    service.shared.bell.ring();
    assert_eq!(alice.next_toast().await.len(), 1);
    assert_eq!(service.untold(ALICE), 0);
    toasts.abort();
}

#[tokio::test]
async fn an_employee_is_told_before_grace_ends_however_short_ago_the_last_toast_was() {
    let service = Service::new();
    let toasts = tokio::spawn(toast::run(service.shared.clone(), service.subscribers.clone()));
    let mut alice = service.client(ALICE, true).await;
    service.finding(1, ALICE, 9000);
    assert_eq!(alice.next_toast().await.len(), 1);
    NOW.set(testing::at(300));
    service.finding(2, ALICE, 1800);
    NOW.set(testing::at(1500));
    service.shared.bell.ring();
    let told = tokio::time::timeout(Duration::from_mins(1), alice.next_toast()).await;
    assert_eq!(told.unwrap().len(), 1);
    toasts.abort();
}

#[tokio::test]
async fn messages_are_bounded_however_many_findings_there_are() {
    let service = Service::new();
    let left_out = More {
        findings: 100,
        questions: 0,
    };
    let all = MOST as u64 + 100;
    service.findings(0..all, ALICE);
    service.findings(all..all + 1, BOB);
    let mut worst = testing::offence(all + 1, 86_400);
    worst.owner = Some(ALICE.into());
    worst.violations[0].severity = fileward_protocol::vocabulary::Severity::Critical;
    let mut alice = service.client(ALICE, false).await;
    let ToClient::Items { findings, more, .. } = alice.ask(&ToService::Items).await else {
        panic!("no items");
    };
    assert_eq!((findings.len(), more), (MOST, left_out));

    let (mut elements, more) = alice.elements(None).await;
    assert_eq!((elements.len(), more), (MOST, true));
    let (rest, more) = alice.elements(elements.last().and_then(super::element::id)).await;
    assert_eq!((rest.len(), more), (100, false));
    elements.extend(rest);
    let ids: std::collections::BTreeSet<_> = elements.iter().filter_map(super::element::id).collect();
    assert_eq!(ids.len(), MOST + 100, "each finding stands on one page");

    let entered = service.shared.ledger.enter(NOW.get(), |entry| entry.offends(&worst));
    service.shared.publish(&entered.unwrap().1, false);
    let first = alice.items().await.swap_remove(0);
    assert_eq!(
        first.severity,
        fileward_protocol::vocabulary::Severity::Critical,
        "the worst is listed"
    );

    let toasts = tokio::spawn(toast::run(service.shared.clone(), service.subscribers.clone()));
    let (told, more) = service.client(ALICE, true).await.next_toast_and_more().await;
    assert_eq!(told.len() + more.findings, MOST + 101);
    assert_eq!(told.len(), MOST);
    while service.untold(ALICE) > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        service.untold(BOB),
        1,
        "what is left out of one user's toast is told; another's is not"
    );
    toasts.abort();
}

#[tokio::test]
async fn what_is_named_is_found_where_the_list_is_cut_and_only_by_who_may_see_it() {
    let service = Service::new();
    service.finding(1, ALICE, 60);
    let named = ToService::Named {
        findings: vec![service.client(ALICE, false).await.items().await[0].finding],
        questions: Vec::new(),
    };
    for (uid, count) in [(ALICE, 1), (BOB, 0), (ROOT, 1)] {
        let answer = service.client(uid, false).await.ask(&named).await;
        let ToClient::Items { findings, .. } = answer else {
            panic!("no items");
        };
        assert_eq!(findings.len(), count, "{uid}");
    }
}

#[tokio::test]
async fn a_tray_that_comes_later_is_told_what_waits() {
    let service = Service::new();
    service.finding(1, ALICE, 9000);
    let toasts = tokio::spawn(toast::run(service.shared.clone(), service.subscribers.clone()));
    tokio::task::yield_now().await;
    let mut alice = service.client(ALICE, true).await;
    assert_eq!(alice.next_toast().await.len(), 1);
    toasts.abort();
}

#[tokio::test]
async fn the_os_tells_who_is_at_the_other_end_of_the_socket() {
    let service = Service::new();
    service.finding(1, UserId::current(), 60);
    let folder = tempfile::tempdir().unwrap();
    let socket = fileward_ipc::socket::of_folder(folder.path());
    let server = Server::bind(&socket).unwrap();
    assert!(Server::bind(&socket).is_err(), "it is in use");
    let running = tokio::spawn(server.run(service.shared.clone()));
    let stream = fileward_ipc::stream::connect(&socket).await.unwrap();
    assert!(fileward_ipc::stream::is_believed(&stream).unwrap());
    let (mut from, mut to) = tokio::io::split(stream);
    let hello = ToService::Hello {
        version: VERSION,
        subscribe: false,
    };
    codec::write(&mut to, &hello).await.unwrap();
    codec::write(&mut to, &ToService::Items).await.unwrap();
    assert!(matches!(
        codec::read(&mut from).await.unwrap(),
        Some(ToClient::Hello { .. })
    ));
    let Some(ToClient::Items { findings, .. }) = codec::read(&mut from).await.unwrap() else {
        panic!("no items");
    };
    assert_eq!(findings.len(), 1);
    running.abort();
}
