//! What the employee asks for with one click.

use fileward_ipc::{Answer, QuestionId};
use fileward_protocol::ids::FindingId;

/// One click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Move these files to the store.
    Move(Vec<FindingId>),
    /// Answer a finding.
    Answer(FindingId, Answer),
    /// Ask for the words of a reason, then answer with them.
    GiveReason(FindingId),
    /// Answer a question.
    AnswerQuestion(QuestionId, bool),
    /// Show a toast for each of these findings.
    ShowFindings(Vec<FindingId>),
    /// Show a toast for each of these questions.
    ShowQuestions(Vec<QuestionId>),
    /// Open the page of what was sent.
    OpenSent,
    /// Open the page of what the company did.
    OpenCompany,
    /// Open the page of what is watched.
    OpenWatched,
}

impl Act {
    /// The findings and questions it is about.
    pub(crate) fn about(&self) -> (Vec<FindingId>, Vec<QuestionId>) {
        match self {
            Self::Move(findings) | Self::ShowFindings(findings) => (findings.clone(), Vec::new()),
            Self::Answer(finding, _) | Self::GiveReason(finding) => (vec![*finding], Vec::new()),
            Self::AnswerQuestion(question, _) => (Vec::new(), vec![*question]),
            Self::ShowQuestions(questions) => (Vec::new(), questions.clone()),
            Self::OpenSent | Self::OpenCompany | Self::OpenWatched => (Vec::new(), Vec::new()),
        }
    }
}
