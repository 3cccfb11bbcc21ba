//! Which rules a work file breaks where it lies.

use std::cmp::Reverse;
use std::time::Duration;

use fileward_protocol::vocabulary::{EncryptionState, PlaceKind, Rule, Sensitivity};

use crate::effective::{Effective, Place, SeverityBy};
use crate::subject::Subject;
use crate::verdict::Violation;
use crate::why::Why;

/// The violations, the worst first, and why.
pub(super) fn broken(
    policy: &Effective,
    subject: &Subject<'_>,
    place: &Place,
    sensitivity: Sensitivity,
) -> (Vec<Violation>, Vec<Why>) {
    let case = Case {
        policy,
        subject,
        grace: place.grace,
        sensitivity,
    };
    let found = [
        case.personal_cloud(),
        case.unencrypted_in_chat(),
        case.outside_store(),
        case.unfiled_account(),
        case.oversize_in_chat(),
        case.stale_chat_cache(),
    ];
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    found.sort_by_key(|(violation, _)| (Reverse(violation.severity), violation.rule));
    let mut why = Vec::new();
    why.extend(case.encryption());
    why.extend(found.iter().map(|(_, why)| why.clone()));
    (found.into_iter().map(|(violation, _)| violation).collect(), why)
}

struct Case<'a> {
    policy: &'a Effective,
    subject: &'a Subject<'a>,
    grace: Duration,
    sensitivity: Sensitivity,
}

type Broken = Option<(Violation, Why)>;

impl Case<'_> {
    fn violation(&self, rule: Rule, severity: &SeverityBy, grace: Duration, why: Why) -> Broken {
        let severity = *severity.get(&self.sensitivity)?;
        Some((Violation { rule, severity, grace }, why))
    }

    fn lies_in(&self, kind: PlaceKind) -> bool {
        self.subject.place.kind == kind
    }

    fn protected(&self) -> bool {
        self.subject.facts.encryption.protects()
    }

    /// What encryption has to do with it: it can save a file, and half of it does not.
    fn encryption(&self) -> Option<Why> {
        let matters = !self.lies_in(PlaceKind::PersonalCloud);
        match self.subject.facts.encryption.state {
            EncryptionState::None => None,
            EncryptionState::Encrypted => matters.then_some(Why::Protected),
            state => matters.then_some(Why::NotProtected { state }),
        }
    }

    fn personal_cloud(&self) -> Broken {
        let severity = self.policy.rules.personal_cloud.as_ref()?;
        let here = self.lies_in(PlaceKind::PersonalCloud);
        here.then(|| self.violation(Rule::PersonalCloud, severity, self.grace, Why::InPersonalCloud))?
    }

    fn unencrypted_in_chat(&self) -> Broken {
        let rule = self.policy.rules.unencrypted_in_chat.as_ref()?;
        let applies = self.lies_in(PlaceKind::ChatCache) && self.sensitivity >= rule.from && !self.protected();
        let why = Why::NotEncryptedInChat {
            sensitivity: self.sensitivity,
        };
        applies.then(|| self.violation(Rule::UnencryptedInChat, &rule.severity, Duration::ZERO, why))?
    }

    fn outside_store(&self) -> Broken {
        let severity = self.policy.rules.outside_store.as_ref()?;
        let place = self.subject.place.kind;
        let outside = matches!(place, PlaceKind::Desktop | PlaceKind::Downloads | PlaceKind::ChatCache);
        let applies = outside && !self.protected();
        applies.then(|| self.violation(Rule::OutsideStore, severity, self.grace, Why::OutsideStore { place }))?
    }

    fn unfiled_account(&self) -> Broken {
        let severity = self.policy.rules.unfiled_account.as_ref()?;
        let app = self.subject.place.app.filter(|app| app.is_personal_chat())?;
        let (account, registers) = (self.subject.account?, self.subject.registers?);
        let applies = self.lies_in(PlaceKind::ChatCache) && !registers.accounts.contains(&account);
        applies.then(|| self.violation(Rule::UnfiledAccount, severity, self.grace, Why::UnfiledAccount { app }))?
    }

    fn oversize_in_chat(&self) -> Broken {
        let rule = self.policy.rules.oversize_in_chat.as_ref()?;
        let limit = self.filed_limit().max(rule.limit);
        let size = self.subject.facts.size;
        let applies = self.lies_in(PlaceKind::ChatCache) && size > limit;
        applies.then(|| {
            self.violation(
                Rule::OversizeInChat,
                &rule.severity,
                self.grace,
                Why::Oversize { size, limit },
            )
        })?
    }

    /// The largest limit filed for the account that holds today; 0 when there is none.
    fn filed_limit(&self) -> u64 {
        let filed = self
            .subject
            .registers
            .map(|registers| registers.limits.as_slice())
            .unwrap_or_default();
        let holds = |until: Option<jiff::Timestamp>| until.is_none_or(|until| self.subject.now <= until);
        let mine = filed
            .iter()
            .filter(|limit| Some(limit.account) == self.subject.account && holds(limit.until));
        mine.map(|limit| limit.bytes).max().unwrap_or(0)
    }

    fn stale_chat_cache(&self) -> Broken {
        let rule = self.policy.rules.stale_chat_cache.as_ref()?;
        // A time in the future, by a clock that was wrong, is no age.
        let age = Duration::try_from(self.subject.now.duration_since(self.subject.modified)).ok()?;
        let applies = self.lies_in(PlaceKind::ChatCache) && age > rule.after;
        let why = Why::Stale {
            days: age.as_secs() / 86_400,
            after: rule.after,
        };
        applies.then(|| self.violation(Rule::StaleChatCache, &rule.severity, Duration::ZERO, why))?
    }
}
