//! What to store of a delivery: a pure decision over what the device sends and what is known of it.
//!
//! [`Delivery::read`] checks a request in itself; [`fresh`] holds it against what is stored. Both are without IO, so
//! that every store decides alike and the property tests need no database.

use std::ops::Range;

use fileward_protocol::chain::Head;
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::health::Health;
use fileward_protocol::ids::LedgerId;
use fileward_protocol::report::{Report, Request};
use fileward_protocol::{REPORTS_PER_REQUEST, VERSION};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::fingerprint;

/// How far a device's clock may be off before its reports' times are worth nothing.
pub(crate) const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(10);

/// The most places of one device.
const PLACES: usize = 2000;

/// A request that is right in itself: its reports can be read, and their chain is worked out.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The ledger the reports come from.
    pub ledger: LedgerId,
    /// The boot the service runs in.
    pub boot: Uuid,
    /// The fingerprint, if it came along.
    pub fingerprint: Option<Fingerprint>,
    /// The health, if it came along.
    pub health: Option<Health>,
    /// The last decision the ledger has applied.
    pub decisions_after: u64,
    /// The last disclosure the ledger keeps, if the agent knows of them.
    pub disclosures_after: Option<u64>,
    /// The reports; none if the ledger does not know its head.
    pub reports: Option<Reports>,
}

/// Reports in order, with the chain over them.
#[derive(Debug)]
pub(crate) struct Reports {
    /// The head before the first.
    pub after: Head,
    /// Each with the head after it and its exact bytes.
    pub list: Vec<Chained>,
}

/// A report with its place in the chain.
#[derive(Debug)]
pub(crate) struct Chained {
    /// The head after it.
    pub head: Head,
    /// What it says.
    pub report: Report,
    /// Its bytes, as sent.
    pub raw: Box<str>,
}

impl Reports {
    /// The head after the last.
    pub(crate) fn last(&self) -> Head {
        self.list.last().map_or(self.after, |chained| chained.head)
    }

    /// The head after number `seq`, if these reports reach it.
    fn head_at(&self, seq: u64) -> Option<Head> {
        let index = seq.checked_sub(self.after.seq)?;
        match usize::try_from(index).ok()? {
            0 => Some(self.after),
            n => self.list.get(n - 1).map(|chained| chained.head),
        }
    }
}

/// Why a delivery is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The device is not known.
    UnknownDevice,
    /// The device was retired.
    Revoked,
    /// The protocol version is not spoken here.
    UnsupportedProtocol(u32),
    /// The device's clock is too far off.
    ClockSkew,
    /// A field is not what it must be: which, and why.
    Malformed(String),
    /// Reports are missing before these; the head that is known.
    Gap(Head),
    /// A second device uses this identity; what showed it.
    Clone(CloneSign),
}

fileward_protocol::words! {
    /// What shows that two devices share an identity.
    pub(crate) enum CloneSign {
        /// Reports differ from those stored under the same numbers.
        Chain = "other reports under the same numbers",
        /// A ledger that was replaced is used again.
        Ledger = "a ledger that was replaced",
        /// A boot that was followed by another one is used again.
        Boot = "two boots in turns",
    }
}

impl Delivery {
    /// Reads a request and works out the chain of its reports.
    ///
    /// # Errors
    /// If the request is not right in itself.
    pub(crate) fn read(request: Request, now: Timestamp) -> Result<Self, Refusal> {
        if request.protocol != VERSION {
            return Err(Refusal::UnsupportedProtocol(request.protocol));
        }
        if request.sent_at.duration_since(now).abs() > CLOCK_TOLERANCE {
            return Err(Refusal::ClockSkew);
        }
        let places = request.health.as_ref().map_or(0, |health| health.places.len());
        if places > PLACES {
            return Err(malformed(format!(
                "health.places: {places} are too many; at most {PLACES}"
            )));
        }
        let reports = match request.after {
            Some(after) => Some(chain(after, request.reports)?),
            None if request.reports.is_empty() => None,
            None => return Err(malformed("after: missing although there are reports")),
        };
        Ok(Self {
            ledger: request.ledger,
            boot: request.boot,
            fingerprint: request.fingerprint.map(fingerprint::bounded),
            health: request.health,
            decisions_after: request.decisions_after,
            disclosures_after: request.disclosures_after,
            reports,
        })
    }
}

fn chain(after: Head, raw: Vec<Box<serde_json::value::RawValue>>) -> Result<Reports, Refusal> {
    if raw.len() > REPORTS_PER_REQUEST {
        return Err(malformed(format!(
            "reports: {} are too many; at most {REPORTS_PER_REQUEST} in one request",
            raw.len()
        )));
    }
    // Databases count in signed numbers; a device reaches neither end in any life.
    if after.seq > i64::MAX as u64 / 2 {
        return Err(malformed("after.seq: out of range"));
    }
    let mut head = after;
    let mut list = Vec::with_capacity(raw.len());
    for (index, raw) in raw.into_iter().enumerate() {
        let report: Report =
            serde_json::from_str(raw.get()).map_err(|error| malformed(format!("reports[{index}]: {error}")))?;
        head = head.after(raw.get().as_bytes());
        if report.seq != head.seq {
            return Err(malformed(format!(
                "reports[{index}].seq: {} where {} follows",
                report.seq, head.seq
            )));
        }
        list.push(Chained {
            head,
            report,
            raw: raw.into(),
        });
    }
    Ok(Reports { after, list })
}

fn malformed(detail: impl Into<String>) -> Refusal {
    Refusal::Malformed(detail.into())
}

/// Which of `reports` are new after `ack`. `stored` looks up the head after an older number, if it is still kept.
///
/// # Errors
/// If reports are missing in between, or if they contradict what is stored. `E` is a failed look-up.
pub(crate) fn fresh<E>(
    ack: Head,
    reports: &Reports,
    stored: impl FnOnce(u64) -> Result<Option<Head>, E>,
) -> Result<Result<Range<usize>, Refusal>, E> {
    if reports.after.seq > ack.seq {
        return Ok(Err(Refusal::Gap(ack)));
    }
    // Where the two chains agree at one point, they agree on everything before it.
    let last = reports.last();
    let known = if last.seq >= ack.seq {
        Some(ack)
    } else {
        stored(last.seq)?
    };
    let agrees = known.is_none_or(|known| reports.head_at(known.seq) == Some(known));
    if !agrees {
        return Ok(Err(Refusal::Clone(CloneSign::Chain)));
    }
    let skip = usize::try_from(ack.seq - reports.after.seq).map_or(reports.list.len(), |n| n.min(reports.list.len()));
    Ok(Ok(skip..reports.list.len()))
}
