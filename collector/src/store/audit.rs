//! The audit trail: who did what, append-only, each entry hashed together with the one before.

use jiff::Timestamp;

use super::{By, Column, Direction, Order, Page, Paging, Reply};

fileward_protocol::words! {
    /// What was done.
    pub(crate) enum Action {
        /// A device enrolled.
        DeviceEnrolled = "device_enrolled",
        /// A device was approved.
        DeviceApproved = "device_approved",
        /// A device was suspended.
        DeviceSuspended = "device_suspended",
        /// A device was retired.
        DeviceRetired = "device_retired",
        /// A device was put into another group, or into none.
        DeviceGroup = "device_group",
        /// Somebody looked at a device and who uses it.
        DeviceViewed = "device_viewed",
        /// A device was deleted for good with everything of it.
        DeviceErased = "device_erased",
        /// A legal hold began.
        HoldBegun = "hold_begun",
        /// A legal hold ended.
        HoldEnded = "hold_ended",
        /// Two devices seem to share one identity.
        CloneSuspected = "clone_suspected",
        /// A finding was exempted.
        FindingExempted = "finding_exempted",
        /// A finding counts again.
        FindingReopened = "finding_reopened",
        /// Somebody began to see to a finding.
        FindingAcknowledged = "finding_acknowledged",
        /// Somebody said something about a finding.
        FindingCommented = "finding_commented",
        /// A finding was given to somebody.
        FindingAssigned = "finding_assigned",
        /// A step of the ladder was taken.
        FindingEscalated = "finding_escalated",
        /// An employee's answer was accepted.
        AnswerAccepted = "answer_accepted",
        /// An employee's answer was not accepted.
        AnswerRefused = "answer_refused",
        /// The ladder was changed.
        LadderChanged = "ladder_changed",
        /// Somebody said for what they look at a device's findings.
        PurposeGiven = "purpose_given",
        /// Somebody looked at a finding.
        FindingViewed = "finding_viewed",
        /// Somebody looked at a list of findings.
        FindingsListed = "findings_listed",
        /// A view was saved.
        ViewSaved = "view_saved",
        /// A view was deleted.
        ViewDeleted = "view_deleted",
        /// A view was shared with everybody, or with nobody any more.
        ViewShared = "view_shared",
        /// A policy was published.
        PolicyPublished = "policy_published",
        /// A policy was given to some groups on trial.
        PolicyTried = "policy_tried",
        /// A trial was withdrawn.
        TrialWithdrawn = "trial_withdrawn",
        /// An enrolment token was made.
        TokenCreated = "token_created",
        /// An account was filed.
        AccountFiled = "account_filed",
        /// A filed account was removed.
        AccountRemoved = "account_removed",
        /// A larger file limit was filed.
        LimitFiled = "limit_filed",
        /// A larger file limit was removed.
        LimitRemoved = "limit_removed",
        /// An exemption by path or project was filed.
        ExemptionFiled = "exemption_filed",
        /// An exemption by path or project ended.
        ExemptionRemoved = "exemption_removed",
        /// A chat group with people from outside was filed.
        GroupFiled = "group_filed",
        /// A chat group with people from outside ended and was cleaned.
        GroupRemoved = "group_removed",
        /// Another note was written to something filed.
        FilingNoted = "filing_noted",
        /// Somebody looked at a register, or at applications.
        RegisterViewed = "register_viewed",
        /// A form for applications was opened.
        FormOpened = "form_opened",
        /// A form for applications was closed.
        FormClosed = "form_closed",
        /// An employee applied.
        ApplicationMade = "application_made",
        /// A head of department approved an application.
        ApplicationApproved = "application_approved",
        /// An application was refused.
        ApplicationRefused = "application_refused",
        /// An application was withdrawn.
        ApplicationWithdrawn = "application_withdrawn",
        /// Somebody looked for what is kept of a person.
        PersonSought = "person_sought",
        /// A correction was asked for.
        CorrectionAsked = "correction_asked",
        /// A correction was accepted.
        CorrectionAccepted = "correction_accepted",
        /// A correction was refused.
        CorrectionRefused = "correction_refused",
        /// A document was registered.
        DocumentRegistered = "document_registered",
        /// A registered document was removed.
        DocumentRemoved = "document_removed",
        /// A user was added.
        UserAdded = "user_added",
        /// A user was disabled.
        UserDisabled = "user_disabled",
        /// A user was deleted for good.
        UserErased = "user_erased",
        /// A user was enabled again.
        UserEnabled = "user_enabled",
        /// A user was given another role.
        UserRole = "user_role",
        /// A user was given other groups.
        UserGroups = "user_groups",
        /// A user's failed log-ins were forgotten.
        UserUnlocked = "user_unlocked",
        /// Users were made what the directory says.
        DirectoryImported = "directory_imported",
        /// A user set a password.
        PasswordSet = "password_set",
        /// A link for setting a password was made.
        PasswordLink = "password_link",
        /// A user logs in with a code from here on.
        CodeSet = "code_set",
        /// A user logs in without a code again.
        CodeRemoved = "code_removed",
        /// A user logged in with a recovery code.
        RecoveryCodeUsed = "recovery_code_used",
        /// A user logged in.
        LoggedIn = "logged_in",
        /// A log-in failed.
        LogInFailed = "log_in_failed",
        /// A user logged out.
        LoggedOut = "logged_out",
        /// All sessions of a user were ended.
        SessionsEnded = "sessions_ended",
        /// A CA root was added.
        RootAdded = "root_added",
        /// Another CA root signs.
        RootActivated = "root_activated",
        /// A CA root is trusted no more.
        RootRetired = "root_retired",
        /// What was kept long enough was deleted.
        Purged = "purged",
        /// A backup was made.
        BackedUp = "backed_up",
        /// What is kept was written out for another system.
        Exported = "exported",
        /// Another system was added, to be told what is kept.
        IntegrationAdded = "integration_added",
        /// Another system is told nothing from then on.
        IntegrationRemoved = "integration_removed",
        /// A message was sent to another system to see whether it arrives.
        IntegrationTested = "integration_tested",
        /// What another system refused is sent again.
        IntegrationRetried = "integration_retried",
        /// A token of the HTTP API was made.
        ApiTokenCreated = "api_token_created",
        /// A token of the HTTP API was revoked.
        ApiTokenRevoked = "api_token_revoked",
    }
}

/// Something to be written into the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditEntry {
    /// Who and when.
    pub by: By,
    /// What.
    pub action: Action,
    /// On what: an id or a name; empty where nothing is to be named.
    pub subject: String,
    /// More about it, in words: a reason, a purpose, counts.
    pub detail: String,
}

/// One line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditRow {
    /// Its number, from 1, without gaps.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// Who, in words.
    pub actor: String,
    /// What.
    pub action: Action,
    /// On what.
    pub subject: String,
    /// More about it.
    pub detail: String,
    /// The hash over this line and the one before.
    pub hash: [u8; 32],
}

fileward_protocol::words! {
    /// By what lines of the audit trail can be ordered; what is alike goes from the newest.
    #[derive(Default)]
    pub(crate) enum AuditSort {
        /// In the order in which they were written.
        #[default]
        When = "when",
        /// By who did it.
        Who = "who",
        /// By what was done.
        What = "what",
        /// By on what.
        On = "on",
    }
}

impl Column for AuditSort {
    fn usual(self) -> Direction {
        match self {
            Self::When => Direction::Descending,
            Self::Who | Self::What | Self::On => Direction::Ascending,
        }
    }
}

/// Which lines of the audit trail are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditFilter {
    /// Only this action.
    pub action: Option<Action>,
    /// Only what was done to this.
    pub subject: Option<String>,
    /// The order.
    pub order: Order<AuditSort>,
}

/// The hash of a line, over its fields and the hash of the line before.
pub(crate) fn line_hash(before: &[u8; 32], line: &AuditRow) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&line.id.to_le_bytes());
    hasher.update(&line.at.as_microsecond().to_le_bytes());
    for text in [line.actor.as_str(), line.action.as_str(), &line.subject, &line.detail] {
        // With its length, so that text cannot move from one field to the next.
        hasher
            .update(&(text.len() as u64).to_le_bytes())
            .update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// The audit trail.
pub(crate) trait AuditTrail {
    /// Appends an entry of its own, for what changes nothing else: a look, a log-in.
    fn append_audit(&self, entry: AuditEntry) -> Reply<()>;

    /// A list of lines.
    fn audit(&self, filter: AuditFilter, paging: Paging) -> Reply<Page<AuditRow>>;
}
