//! What the tray knows of the service and of this user's files.

use std::path::Path;

use fileward_ipc::{Item, More, Question, QuestionId};
use fileward_protocol::ids::FindingId;
use fileward_protocol::vocabulary::{Offer, Rule};

/// How the tray stands with the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// It does not answer.
    Down,
    /// It speaks another version of the protocol.
    OtherVersion,
    /// It answers.
    Up,
}

/// What the service told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Active findings, the worst and newest first.
    pub(crate) findings: Vec<Item>,
    /// Open questions, newest first.
    pub(crate) questions: Vec<Question>,
    /// What waits besides.
    pub(crate) more: More,
    /// Whether the first sweep is done.
    pub(crate) swept: bool,
    /// Whether the company has findings reported from the first moment, grace or not.
    pub(crate) reported_at_once: bool,
}

impl Seen {
    /// How many findings wait.
    pub(crate) fn all_findings(&self) -> usize {
        self.findings.len() + self.more.findings
    }

    /// How many questions wait.
    pub(crate) fn all_questions(&self) -> usize {
        self.questions.len() + self.more.questions
    }

    /// The finding, if it is still active.
    pub(crate) fn finding(&self, id: FindingId) -> Option<&Item> {
        self.findings.iter().find(|item| item.finding == id)
    }

    /// The question, if it is still open.
    pub(crate) fn question(&self, id: QuestionId) -> Option<&Question> {
        self.questions.iter().find(|question| question.question == id)
    }
}

/// The folder that a finding is about, or that its file lies in.
pub(crate) fn folder(item: &Item) -> &Path {
    match item.path.parent() {
        Some(parent) if item.rule != Rule::StoreUnprotected => parent,
        _ => &item.path,
    }
}

/// Whether the file can be moved: the policy offers it and there is a store to move it to.
pub(crate) fn is_movable(item: &Item) -> bool {
    item.store.is_some() && item.kind.is_some() && item.offers.contains(&Offer::MoveToStore)
}

/// What can be done about a finding, in the policy's order.
pub(crate) fn offers(item: &Item) -> impl Iterator<Item = Offer> {
    let can = |offer: &Offer| *offer != Offer::MoveToStore || is_movable(item);
    item.offers.iter().copied().filter(can)
}
