//! A service that has findings, takes answers and can be stopped and started again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fileward_ipc::{Answer, CompanyAct, Item, More, Question, QuestionId, Status, ToClient, ToService, VERSION, codec};
use fileward_protocol::ids::FindingId;
use fileward_protocol::vocabulary::{Evidence, FindingState, Offer, PlaceKind, Rule, Sensitivity, Severity};
use jiff::Timestamp;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast;
use tokio::task::JoinSet;

/// What the service knows and what it was told.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) findings: Vec<Item>,
    pub(crate) questions: Vec<Question>,
    pub(crate) acts: Vec<CompanyAct>,
    pub(crate) told: Vec<ToService>,
    /// How far its version is ahead.
    pub(crate) ahead: u32,
}

/// The service.
pub(crate) struct Service {
    socket: PathBuf,
    pub(crate) known: Arc<Mutex<Known>>,
    push: broadcast::Sender<ToClient>,
    tasks: JoinSet<()>,
}

impl Service {
    pub(crate) fn start(socket: &Path) -> Self {
        let mut service = Self {
            socket: socket.to_owned(),
            known: Arc::default(),
            push: broadcast::channel(16).0,
            tasks: JoinSet::new(),
        };
        service.listen();
        service
    }

    pub(crate) fn listen(&mut self) {
        let listener = UnixListener::bind(&self.socket).unwrap();
        let (known, push) = (Arc::clone(&self.known), self.push.clone());
        self.tasks.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                clients.spawn(serve(stream, Arc::clone(&known), push.subscribe(), push.clone()));
            }
        });
    }

    /// Ends every connection; what is known stays.
    pub(crate) async fn stop(&mut self) {
        self.tasks.shutdown().await;
        std::fs::remove_file(&self.socket).unwrap();
    }

    /// Takes up findings and has the tray tell of them.
    pub(crate) fn find(&self, findings: Vec<Item>, questions: Vec<Question>) {
        let mut known = self.known.lock().unwrap();
        known.findings.extend(findings.clone());
        known.questions.extend(questions.clone());
        // Nobody may listen yet.
        let _ = self.push.send(ToClient::Changed);
        let _ = self.push.send(ToClient::Toast {
            findings,
            questions,
            more: More::default(),
            company: Vec::new(),
        });
    }

    /// Whether anybody said this.
    pub(crate) fn was_told(&self, message: &ToService) -> bool {
        self.known.lock().unwrap().told.contains(message)
    }
}

async fn serve(
    mut stream: UnixStream,
    known: Arc<Mutex<Known>>,
    mut pushed: broadcast::Receiver<ToClient>,
    push: broadcast::Sender<ToClient>,
) {
    let Ok(Some(ToService::Hello { subscribe, .. })) = codec::read(&mut stream).await else {
        return;
    };
    known.lock().unwrap().told.push(ToService::Hello {
        version: VERSION,
        subscribe,
    });
    let version = VERSION + known.lock().unwrap().ahead;
    let hello = ToClient::Hello {
        version,
        language: "zh-CN".to_owned(),
    };
    if codec::write(&mut stream, &hello).await.is_err() {
        return;
    }
    if subscribe {
        while let Ok(news) = pushed.recv().await {
            if codec::write(&mut stream, &news).await.is_err() {
                return;
            }
        }
    }
    while let Ok(Some(message)) = codec::read(&mut stream).await {
        let reply = answer(&known, &message);
        if matches!(message, ToService::Answer { .. } | ToService::AnswerQuestion { .. }) {
            let _ = push.send(ToClient::Changed);
        }
        known.lock().unwrap().told.push(message);
        if codec::write(&mut stream, &reply).await.is_err() {
            return;
        }
    }
}

fn answer(known: &Mutex<Known>, message: &ToService) -> ToClient {
    let mut known = known.lock().unwrap();
    match message {
        ToService::Items => ToClient::Items {
            findings: known.findings.clone(),
            questions: known.questions.clone(),
            more: More::default(),
        },
        ToService::Named { findings, questions } => ToClient::Items {
            findings: known
                .findings
                .iter()
                .filter(|item| findings.contains(&item.finding))
                .cloned()
                .collect(),
            questions: known
                .questions
                .iter()
                .filter(|asked| questions.contains(&asked.question))
                .cloned()
                .collect(),
            more: More::default(),
        },
        ToService::Findings { .. } => ToClient::Findings {
            findings: Vec::new(),
            more: false,
        },
        ToService::Answer {
            answer: Answer::Justify { text },
            ..
        } if text.trim().is_empty() => ToClient::Refused {
            why: "A reason needs words.".to_owned(),
        },
        ToService::Answer { finding, .. } => {
            known.findings.retain(|item| item.finding != *finding);
            ToClient::Done
        }
        ToService::AnswerQuestion { question, .. } => {
            known.questions.retain(|asked| asked.question != *question);
            ToClient::Done
        }
        ToService::Drives { .. } => ToClient::Done,
        ToService::Status => ToClient::Status(Box::new(status())),
        ToService::Policy => ToClient::Policy {
            effective: serde_json::json!({"report": {"during_grace": "count"}}),
            version: 0,
        },
        ToService::Places => ToClient::Places { places: Vec::new() },
        ToService::Journal { .. } => ToClient::Journal {
            lines: Vec::new(),
            more: false,
        },
        ToService::Told { .. } => ToClient::Told {
            told: Vec::new(),
            more: false,
        },
        ToService::Company { .. } => ToClient::Company {
            acts: known.acts.clone(),
            more: false,
        },
        ToService::Hello { .. } | ToService::Scan => ToClient::Refused {
            why: "Not here.".to_owned(),
        },
    }
}

fn status() -> Status {
    Status {
        binding: None,
        device: None,
        collector: None,
        policy_version: 0,
        queue_waiting: 0,
        queue_bytes: 0,
        last_contact: None,
        last_error: None,
        clock_offset_ms: 0,
        swept: true,
        version: "0.0.0".to_owned(),
    }
}

pub(crate) fn finding(number: u128, path: &Path, store: &Path) -> Item {
    Item {
        finding: FindingId(uuid::Uuid::from_u128(number << 96)),
        state: FindingState::Noticed,
        rule: Rule::OutsideStore,
        also: Vec::new(),
        severity: Severity::Medium,
        place: PlaceKind::Desktop,
        app: None,
        path: path.to_owned(),
        kind: Some("docx".to_owned()),
        size: 7,
        sensitivity: Sensitivity::Internal,
        evidence: vec![Evidence::CompanyName],
        first_seen: Timestamp::now(),
        due: Timestamp::now() + jiff::SignedDuration::from_mins(30),
        ended: None,
        resolution: None,
        offers: Offer::ALL.to_vec(),
        store: Some(store.to_owned()),
        decision: None,
    }
}

pub(crate) fn question(number: u64, path: &Path) -> Question {
    Question {
        question: QuestionId(number),
        path: path.to_owned(),
        place: PlaceKind::Downloads,
        app: None,
        since: Timestamp::now(),
    }
}
