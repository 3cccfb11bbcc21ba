//! The detectors: each decides from a number's own check digits, and from the words around it, that it is what it looks like.

mod address;
mod bank_card;
mod email;
mod ipv4;
mod landline;
pub(super) mod latin_names;
mod mobile;
pub(super) mod names;
mod passport;
mod permit;
mod plate;
mod region;
mod resident_id;
mod romanised;
mod secret_key;
mod uscc;

use fileward_policy::effective::Grade;
use jiff::civil::Date;

pub(super) use self::address::{buildings, find as address};
pub(super) use self::email::find as email;
pub(super) use self::romanised::may_follow as may_lead_to_road;
pub(super) use self::secret_key::{each as secret_keys, in_address as password};
use super::number::Spot;

macro_rules! detectors {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// What is detected, by the words of a policy.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Detector { $($(#[$doc])* $name,)+ }

        impl Detector {
            pub(super) const ALL: &'static [Self] = &[$(Self::$name),+];

            pub(super) const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

detectors! {
    ResidentId = "cn_resident_id",
    Mobile = "cn_mobile",
    Landline = "cn_landline",
    BankCard = "bank_card",
    Uscc = "cn_uscc",
    Passport = "cn_passport",
    Permit = "cn_permit",
    Plate = "cn_plate",
    Email = "email",
    Address = "cn_address",
    Names = "cn_name_list",
    Ipv4 = "ipv4",
    SecretKey = "secret_key",
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// Where it ends.
    pub(super) end: usize,
    /// Its value in one way of writing, by which the same one twice is known.
    pub(super) value: Vec<u8>,
}

/// Which detectors a policy names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted(u16);

impl Wanted {
    pub(super) fn by(grades: &[Grade]) -> Self {
        let named = |detector: &&Detector| grades.iter().any(|grade| grade.detectors.contains_key(detector.word()));
        Self(
            Detector::ALL
                .iter()
                .filter(named)
                .fold(0, |set, detector| set | detector.bit()),
        )
    }

    pub(super) fn has(self, detector: Detector) -> bool {
        self.0 & detector.bit() != 0
    }

    /// Whether any of those is wanted that begin with a digit or code.
    pub(super) fn numbers(self) -> bool {
        self.has(Detector::Address) || NUMBERS.iter().any(|(detector, _)| self.has(*detector))
    }
}

impl Detector {
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

type Find = fn(&Spot<'_>, Day) -> Option<Hit>;

/// Those that look at a number, the surest first. What one has found is not looked at by the others.
pub(super) const NUMBERS: &[(Detector, Find)] = &[
    (Detector::ResidentId, resident_id::find),
    (Detector::Uscc, uscc::find),
    (Detector::Ipv4, ipv4::find),
    (Detector::BankCard, bank_card::find),
    (Detector::Mobile, mobile::find),
    (Detector::Landline, landline::find),
    (Detector::Passport, passport::find),
    (Detector::Permit, permit::find),
    (Detector::Plate, plate::find),
];

/// The day of the scan: nobody is born after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day(pub(super) Date);

impl Day {
    /// Today, wherever on earth.
    pub(super) fn today() -> Self {
        let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(14);
        Self(jiff::tz::TimeZone::UTC.to_datetime(now).date())
    }
}

/// The number that ASCII digits write.
fn value(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value.checked_mul(10)?.checked_add(u32::from(digit - b'0')))?
    })
}

/// Finds what stands in a text, in its order, as tests see it.
#[cfg(test)]
fn found(detector: Detector, text: &str) -> Vec<String> {
    let (_, find) = NUMBERS.iter().find(|(own, _)| *own == detector).unwrap();
    found_by(*find, text)
}

#[cfg(test)]
fn found_by(find: Find, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    super::lines::runs(text, 0..text.len(), |start, end| {
        if !Spot::may_be(text.as_bytes(), start, end) {
            return None;
        }
        let spot = Spot::new(text, start, end, &|_| None);
        let hit = find(&spot, Day(jiff::civil::date(2026, 7, 1)))?;
        found.push(String::from_utf8(hit.value).unwrap());
        Some(hit.end)
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_can_name_every_detector_and_no_other() {
        let own: Vec<_> = Detector::ALL.iter().map(|detector| detector.word()).collect();
        let mut known = fileward_policy::facts::DETECTORS.to_vec();
        known.sort_unstable();
        let mut sorted = own;
        sorted.sort_unstable();
        assert_eq!(sorted, known);
    }
}
