//! The certificate is renewed at two thirds of its life, and when the CA changes, with the same key.

use fileward_protocol::enrol::{RenewAnswer, RenewRequest};
use jiff::{SignedDuration, Timestamp};

use super::link::{Link, LinkError};
use super::trouble::Trouble;
use crate::device::certificate::{self, BadCertificate, Validity};
use crate::device::enrolling;

/// How long to leave it after an attempt that failed.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Remembers the last attempt.
#[derive(Default)]
pub(crate) struct Renewal {
    tried: Option<Timestamp>,
    trouble: Option<Trouble>,
}

impl Renewal {
    /// Renews the certificate if it is time. An attempt that fails leaves the old one in use, and rests a while.
    pub(crate) async fn renew_if_due(&mut self, link: &mut Link) {
        let now = link.clock().now();
        let validity = certificate::validity(&link.enrolment().certificate()[0]);
        if !is_due(
            &validity,
            link.enrolment().is_certified_under_former_roots(),
            self.tried,
            now,
        ) {
            return;
        }
        match renew(link).await {
            Ok(()) => {
                tracing::info!("the device's certificate was renewed");
                *self = Self::default();
            }
            Err(trouble) => {
                tracing::warn!(
                    trouble = trouble.english(),
                    "the device's certificate could not be renewed yet"
                );
                self.tried = Some(now);
                self.trouble = Some(trouble);
            }
        }
    }

    /// Why the last attempt failed.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.trouble.clone()
    }
}

async fn renew(link: &mut Link) -> Result<(), Trouble> {
    let csr = enrolling::request(link.enrolment().key()).map_err(LinkError::from)?;
    let answer: RenewAnswer = link.post("/v1/renew", &RenewRequest { csr }).await?.read()?;
    Ok(link.renewed(&answer)?)
}

fn is_due(
    validity: &Result<Validity, BadCertificate>,
    former_roots: bool,
    tried: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let Ok(validity) = validity else { return true };
    let life = validity.until.duration_since(validity.from);
    let two_thirds = validity.from.saturating_add(life / 3 * 2).unwrap_or(validity.until);
    // A clock set back must not put the next attempt off; an expired certificate cannot wait.
    let rests = now < validity.until && tried.is_some_and(|tried| now.duration_since(tried).abs() < AGAIN_AFTER);
    (former_roots || now >= two_thirds) && !rests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_renewed_from_two_thirds_on_and_a_failure_rests_a_while() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let validity = Ok(Validity {
            from: at("2026-11-01T00:00:00Z"),
            until: at("2026-12-01T00:00:00Z"),
        });
        for (now, tried, due) in [
            ("2026-11-20T23:59:00Z", None, false),
            ("2026-11-21T00:00:00Z", None, true),
            ("2026-12-24T00:00:00Z", None, true),
            ("2026-11-21T00:10:00Z", Some("2026-11-21T00:00:00Z"), false),
            ("2026-11-21T00:15:00Z", Some("2026-11-21T00:00:00Z"), true),
            ("2026-11-21T00:00:00Z", Some("2026-11-23T00:00:00Z"), true),
            ("2026-12-02T00:00:01Z", Some("2026-12-02T00:00:00Z"), true),
        ] {
            assert_eq!(is_due(&validity, false, tried.map(at), at(now)), due, "{now} {tried:?}");
        }
        assert!(is_due(&validity, true, None, at("2026-11-02T00:00:00Z")));
    }
}
