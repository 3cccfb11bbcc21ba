//! One exchange with the collector: what is sent, and what its answer brings about.

use std::sync::Arc;
use std::time::Duration;

use fileward_protocol::bundle::Signed;
use fileward_protocol::chain::Head;
use fileward_protocol::enrol::Roots;
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::problem::{Code, Problem};
use fileward_protocol::report::{Answer, Request};
use fileward_protocol::vocabulary::Binding;
use fileward_protocol::{BODY_LIMIT, REPORTS_PER_REQUEST};
use jiff::{SignedDuration, Timestamp};

use super::Settings;
use super::bundle::{self, Refused};
use super::client::Failure;
use super::link::{Link, LinkError};
use super::local::{Contact, Local};
use super::renew::Renewal;
use super::schedule::{Event, Scope};
use super::trouble::Trouble;
use crate::device::boot;

/// A request's size without reports is measured; this is for the commas between them.
const COMMAS: usize = REPORTS_PER_REQUEST;

/// Does the exchanges.
pub(crate) struct Reporter {
    local: Arc<dyn Local>,
    link: Link,
    settings: Settings,
    renewal: Renewal,
    /// The bundle in force; 0 before the first.
    bundle_serial: u64,
    bundle_etag: Option<String>,
    /// The number of a bundle that was refused, so that it is not fetched again at each heartbeat.
    refused: Option<(u64, Refused)>,
    heartbeat: Option<Duration>,
    /// The fingerprint the collector has.
    told: Option<Fingerprint>,
    /// The most reports in one request; halved when something on the way finds a body too large.
    batch: usize,
    last_contact: Option<Timestamp>,
    /// What was logged last.
    trouble: Option<Trouble>,
    /// Whether the last answer was a gap that was mended: a second one in a row is a failure.
    mended: bool,
}

impl Reporter {
    /// Takes up the policy that is kept in the data folder.
    pub(crate) fn new(local: Arc<dyn Local>, link: Link, settings: Settings) -> Self {
        let enrolment = link.enrolment();
        let kept = bundle::load(&settings.data_dir, enrolment.policy_key(), enrolment.bundle_serial());
        if let Err(refused) = &kept {
            tracing::warn!(%refused, "the policy kept on this PC is not used; it is fetched again");
        }
        let kept = kept.ok().flatten();
        Self {
            local,
            link,
            settings,
            renewal: Renewal::default(),
            bundle_serial: kept.as_ref().map_or(0, |accepted| accepted.bundle.serial),
            bundle_etag: None,
            refused: None,
            heartbeat: kept.map(|accepted| accepted.heartbeat),
            told: None,
            batch: REPORTS_PER_REQUEST,
            last_contact: None,
            trouble: None,
            mended: false,
        }
    }

    /// The heartbeat the policy asks for; `None` before the first policy.
    pub(crate) fn heartbeat(&self) -> Option<Duration> {
        self.heartbeat
    }

    /// Does one exchange, and tells the schedule and `status` how it went.
    pub(crate) async fn exchange(&mut self, scope: Scope) -> Event {
        let (event, trouble) = match self.try_exchange(scope).await {
            Ok(event) => (event, self.lasting_trouble()),
            Err(Failed { event, trouble }) => (event, Some(trouble)),
        };
        if trouble == Some(Trouble::Revoked)
            && let Err(error) = self.link.keep_binding(Binding::Retired)
        {
            tracing::warn!(%error, "the device's standing could not be kept");
        }
        if matches!(event, Event::Answered { more: false, .. }) {
            // A queue that was long was sent in large bodies.
            fileward_memory::give_back();
        }
        self.log(trouble.as_ref());
        self.local.contact(Contact {
            binding: self.link.enrolment().binding(),
            last_contact: self.last_contact,
            trouble,
            clock_offset_ms: self.link.clock().offset_ms(),
        });
        event
    }

    async fn try_exchange(&mut self, scope: Scope) -> Result<Event, Failed> {
        if scope != Scope::Knock {
            self.renewal.renew_if_due(&mut self.link).await;
        }
        let mut request = self.gather(scope)?;
        let answer = match self.post(&mut request).await {
            Err(Failure::Problem { problem, .. }) if self.corrects_clock(&problem) => self.post(&mut request).await,
            result => result,
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return self.after_failure(failure),
        };
        let more = self.take(request, &answer, scope)?;
        let former = self.bundle_serial;
        self.follow(&answer).await?;
        // The collector hears at once that it is in force.
        let taken = scope == Scope::Ask && self.bundle_serial != former;
        Ok(Event::Answered {
            binding: answer.binding,
            more: more || taken,
        })
    }

    /// What is wrong although the exchange went well.
    fn lasting_trouble(&self) -> Option<Trouble> {
        if self.link.enrolment().binding() == Binding::Retired {
            return Some(Trouble::Revoked);
        }
        let refused = self
            .refused
            .as_ref()
            .map(|(_, refused)| Trouble::Policy(refused.clone()));
        refused.or_else(|| self.renewal.trouble())
    }

    /// Days offline are one line in the log, not one a retry.
    fn log(&mut self, trouble: Option<&Trouble>) {
        if trouble == self.trouble.as_ref() {
            return;
        }
        if let Some(trouble) = trouble {
            tracing::warn!(trouble = trouble.english(), "the contact to the collector is troubled");
        } else {
            tracing::info!("the contact to the collector is well");
        }
        self.trouble = trouble.cloned();
    }

    /// What may be told in this exchange; all of it stands in the journal then.
    fn gather(&self, scope: Scope) -> Result<Request, Failed> {
        let fingerprint = match scope {
            Scope::Knock | Scope::Ask => None,
            Scope::Fingerprint => Some((self.settings.fingerprint)()),
            Scope::Health | Scope::Everything => {
                Some((self.settings.fingerprint)()).filter(|now| self.told.as_ref() != Some(now))
            }
        };
        let mut request = Request {
            protocol: fileward_protocol::VERSION,
            ledger: self.local.ledger(),
            boot: boot::id(),
            sent_at: self.link.clock().now(),
            fingerprint,
            health: None,
            after: None,
            reports: Vec::new(),
            decisions_after: 0,
            disclosures_after: None,
        };
        if scope.tells_health() {
            request.health = Some(self.local.health().map_err(ledger)?);
            request.after = self.local.head().map_err(ledger)?;
        }
        if scope.takes_decisions() {
            request.decisions_after = self.local.decisions_after().map_err(ledger)?;
            request.disclosures_after = Some(self.local.disclosures_after().map_err(ledger)?);
        }
        if scope == Scope::Everything && request.after.is_some() {
            let rest = serde_json::to_vec(&request).map_or(BODY_LIMIT, |body| body.len() + COMMAS);
            request.reports = self
                .local
                .next(self.batch, BODY_LIMIT.saturating_sub(rest))
                .map_err(ledger)?;
        }
        self.local.tells(&request).map_err(ledger)?;
        Ok(request)
    }

    async fn post(&mut self, request: &mut Request) -> Result<Answer, Failure> {
        request.sent_at = self.link.clock().now();
        let reply = self.link.post("/v1/report", request).await?;
        let answer: Answer = reply.read()?;
        if self.link.clock().learn(answer.server_time, reply.took) {
            tracing::info!(
                offset_ms = self.link.clock().offset_ms(),
                "this PC's clock was measured anew"
            );
        }
        self.last_contact = Some(self.link.clock().now());
        Ok(answer)
    }

    /// Whether the clock is right after a [`Code::ClockSkew`], so that the request can be sent again. It may have been
    /// mended already, while the request with its former time was on its way.
    fn corrects_clock(&self, problem: &Problem) -> bool {
        let Some(server_time) = problem.server_time.filter(|_| problem.code == Code::ClockSkew) else {
            return false;
        };
        let clock = self.link.clock();
        clock.learn(server_time, Duration::ZERO);
        clock.now().duration_since(server_time).abs() < SignedDuration::from_mins(1)
    }

    /// Takes over what the answer says; returns whether the next exchange should follow at once.
    fn take(&mut self, request: Request, answer: &Answer, scope: Scope) -> Result<bool, Failed> {
        let former = self.link.enrolment().binding();
        if answer.binding != former {
            tracing::info!(%former, binding = %answer.binding, "the device's standing changed");
            self.link.keep_binding(answer.binding).map_err(LinkError::from)?;
        }
        let asked_for_fingerprint = answer.want_fingerprint && request.fingerprint.is_none() && scope != Scope::Knock;
        if request.fingerprint.is_some() {
            self.told = request.fingerprint;
        }
        if answer.want_fingerprint {
            self.told = None;
        }
        self.mended = false;
        self.batch = (self.batch * 2).min(REPORTS_PER_REQUEST);
        if scope.tells_health() {
            self.confirm(request.after, answer.ack)?;
        }
        if scope.takes_decisions() {
            if !answer.decisions.is_empty() {
                self.local.decided(&answer.decisions).map_err(ledger)?;
            }
            if !answer.disclosures.is_empty() {
                self.local.disclosed(&answer.disclosures).map_err(ledger)?;
            }
        }
        if answer.binding != Binding::Bound {
            return Ok(asked_for_fingerprint);
        }
        let waiting = self.local.health().map_err(ledger)?.queue_waiting > 0;
        Ok(asked_for_fingerprint || waiting || !matches!(scope, Scope::Everything | Scope::Ask))
    }

    fn confirm(&self, after: Option<Head>, ack: Head) -> Result<(), Failed> {
        match after {
            None => self.local.adopt(ack).map_err(ledger),
            Some(after) if ack.seq < after.seq => self.mend_gap(ack),
            Some(_) => self.local.acked(ack).map_err(ledger),
        }
    }

    /// Fetches what the answer says is newer.
    async fn follow(&mut self, answer: &Answer) -> Result<(), Failed> {
        if answer.binding == Binding::Retired {
            return Ok(());
        }
        if answer.roots_serial != self.link.enrolment().roots_serial() {
            let roots: Roots = self.link.get("/v1/roots", None).await?.read()?;
            self.link.keep_roots(&roots)?;
            tracing::info!(serial = roots.roots_serial, "the collector's CA roots were taken over");
        }
        let known = self.refused.as_ref().map(|(serial, _)| *serial);
        if answer.bundle_serial > self.bundle_serial && known != Some(answer.bundle_serial) {
            self.fetch_policy(answer.bundle_serial).await?;
        }
        Ok(())
    }

    async fn fetch_policy(&mut self, serial: u64) -> Result<(), Failed> {
        let reply = self.link.get("/v1/policy", self.bundle_etag.as_deref()).await?;
        if reply.not_modified {
            return Ok(());
        }
        let signed: Signed = reply.read()?;
        let enrolment = self.link.enrolment();
        let at_least = enrolment.bundle_serial().max(self.bundle_serial);
        let accepted = match bundle::open(&signed, enrolment.policy_key(), at_least) {
            Ok(accepted) => accepted,
            Err(refused) => {
                tracing::warn!(%refused, "a policy was refused; the former one stays in force");
                self.refused = Some((serial, refused));
                return Ok(());
            }
        };
        bundle::store(&self.settings.data_dir, &signed).map_err(|error| Trouble::Identity(error.to_string()))?;
        self.link
            .keep_bundle_serial(accepted.bundle.serial)
            .map_err(LinkError::from)?;
        tracing::info!(
            serial = accepted.bundle.serial,
            version = accepted.bundle.version,
            "a new policy is in force"
        );
        let serial = accepted.bundle.serial;
        self.local.policy(accepted.bundle).map_err(ledger)?;
        self.bundle_serial = serial;
        self.bundle_etag = reply.etag;
        self.heartbeat = Some(accepted.heartbeat);
        self.refused = None;
        Ok(())
    }

    /// Draws the consequences of a failed request.
    fn after_failure(&mut self, failure: Failure) -> Result<Event, Failed> {
        let Failure::Problem { problem, .. } = &failure else {
            return Err(failure.into());
        };
        match (problem.code, problem.ack) {
            (Code::SequenceGap, Some(ack)) if !self.mended => {
                self.mended = true;
                self.mend_gap(ack)?;
                Ok(Event::Answered {
                    binding: self.link.enrolment().binding(),
                    more: true,
                })
            }
            (Code::TooLarge, _) => {
                self.batch = (self.batch / 2).max(1);
                Err(failure.into())
            }
            _ => Err(failure.into()),
        }
    }

    /// The collector stands at `ack`, which is not where this ledger stands.
    fn mend_gap(&self, ack: Head) -> Result<(), Failed> {
        if self.local.rewind(ack).map_err(ledger)? {
            tracing::warn!(seq = ack.seq, "the collector lost reports; they are sent again");
        } else {
            tracing::warn!(seq = ack.seq, "the collector's numbering is taken over");
            self.local.adopt(ack).map_err(ledger)?;
        }
        Ok(())
    }
}

/// An exchange that went wrong.
struct Failed {
    event: Event,
    trouble: Trouble,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        let event = Event::Failed {
            retry_after: failure.retry_after(),
        };
        let trouble = Trouble::from(failure);
        let refused = matches!(
            trouble,
            Trouble::Revoked | Trouble::UnknownDevice | Trouble::CloneSuspected
        );
        Self {
            event: if refused { Event::Refused } else { event },
            trouble,
        }
    }
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self {
            event: Event::Failed { retry_after: None },
            trouble,
        }
    }
}

impl From<LinkError> for Failed {
    fn from(error: LinkError) -> Self {
        Trouble::from(error).into()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn ledger(error: anyhow::Error) -> Failed {
    tracing::error!(error = format!("{error:#}"), "the ledger failed the uplink");
    Trouble::Ledger.into()
}
