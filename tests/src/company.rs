//! A company in full swing: the devices and findings of three months, the same each time but for the day they end on.
//! Nobody in it is real: users are numbers.

use std::time::Duration;

use fileward_protocol::fingerprint::{Adapter, Fingerprint, Os, SecureBoot, Security, SystemDrive, Tpm};
use fileward_protocol::health::{Degraded, Health, PlaceHealth, PlaceState, Unavailable};
use fileward_protocol::ids::{FileName, FindingId};
use fileward_protocol::report::{Body, Detection, Encryption, File, Finding, Justification, Place, Step, Word};
use fileward_protocol::vocabulary::{
    App, Evidence, Family, FindingState, PlaceKind, Resolution, Rule, Sensitivity, Severity,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Its departments.
pub const GROUPS: [&str; 4] = ["销售部", "研发部", "财务部", "市场部"];

/// How long it has used Fileward.
const HISTORY: Duration = Duration::from_hours(90 * 24);

/// The places of a PC.
const PLACES: [(PlaceKind, Option<App>); 6] = [
    (PlaceKind::Desktop, None),
    (PlaceKind::Downloads, None),
    (PlaceKind::ChatCache, Some(App::Wechat)),
    (PlaceKind::ChatCache, Some(App::Wecom)),
    (PlaceKind::ChatCache, Some(App::Dingtalk)),
    (PlaceKind::PersonalCloud, Some(App::BaiduNetdisk)),
];

/// What files are called, their kind and their family.
const FILES: [(&str, &str, Family); 6] = [
    ("报价单", "xlsx", Family::Spreadsheet),
    ("采购合同", "docx", Family::Document),
    ("客户名单", "csv", Family::Spreadsheet),
    ("Minutes", "pdf", Family::Pdf),
    ("总装图", "dwg", Family::Cad),
    ("Quarterly review", "pptx", Family::Presentation),
];

/// Numbers that look like chance and are the same each time (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("an index")]
    }
}

/// The group of device `number`.
pub fn group(number: usize) -> &'static str {
    GROUPS[number % GROUPS.len()]
}

/// The fingerprint of device `number`.
pub fn fingerprint(number: usize) -> Fingerprint {
    let mut chance = Chance(number as u64);
    let (name, version, build) = chance.one_of(&[
        ("Windows 11", "24H2", "26100.4351"),
        ("Windows 11", "23H2", "22631.5472"),
        ("Windows 10", "22H2", "19045.5965"),
        ("Kylin", "V10", "SP1"),
        ("UOS", "20", "1070"),
    ]);
    let (vendor, model) = chance.one_of(&[
        ("Lenovo", "ThinkPad T14"),
        ("HP", "EliteBook 840"),
        ("Dell Inc.", "Latitude 5440"),
    ]);
    Fingerprint {
        vendor: Some(vendor.to_owned()),
        model: Some(model.to_owned()),
        adapters: vec![Adapter {
            mac: format!(
                "02:00:00:{:02x}:{:02x}:{:02x}",
                number >> 16 & 255,
                number >> 8 & 255,
                number & 255
            ),
            built_in: true,
            usb: false,
            is_virtual: false,
        }],
        security: Security {
            tpm: Tpm::V2,
            secure_boot: SecureBoot::On,
            system_drive: SystemDrive::Encrypted {
                by: word(if name.starts_with("Windows") {
                    "bitlocker"
                } else {
                    "luks"
                }),
            },
        },
        os: Os {
            name: name.to_owned(),
            version: version.to_owned(),
            build: build.to_owned(),
            kernel: String::new(),
            arch: "x86_64".to_owned(),
        },
        host_name: Some(format!("PC-{number:04}")),
        users: vec![format!("user{number:04}")],
        agent_version: chance.one_of(&["1.2.0", "1.2.0", "1.2.0", "1.1.3", "1.0.9"]).to_owned(),
        ..Fingerprint::default()
    }
}

/// How device `number` is.
pub fn health(number: usize) -> Health {
    let mut chance = Chance(!(number as u64));
    let noticed = chance.below(4);
    let places = PLACES.iter().map(|(kind, app)| PlaceHealth {
        kind: *kind,
        app: *app,
        state: match chance.below(20) {
            0 => PlaceState::Degraded(Degraded::WatchLimit),
            1 => PlaceState::Unavailable(Unavailable::NotMounted),
            _ => PlaceState::Ok,
        },
    });
    Health {
        policy_version: 1,
        queue_waiting: 0,
        queue_bytes: 0,
        noticed,
        uninspectable: 0,
        unknown_detectors: Vec::new(),
        clock_offset_ms: 0,
        started_at: Timestamp::now(),
        swept: true,
        places: places.collect(),
    }
}

/// What the published example of a policy says of a file of this sensitivity that nobody encrypted.
fn judged(kind: PlaceKind, sensitivity: Sensitivity) -> (Rule, Severity) {
    match (kind, sensitivity) {
        (PlaceKind::PersonalCloud, Sensitivity::General) => (Rule::PersonalCloud, Severity::Medium),
        (PlaceKind::PersonalCloud, Sensitivity::Internal) => (Rule::PersonalCloud, Severity::High),
        (PlaceKind::PersonalCloud, Sensitivity::CoreSecret) => (Rule::PersonalCloud, Severity::Critical),
        (PlaceKind::ChatCache, Sensitivity::Internal) => (Rule::UnencryptedInChat, Severity::High),
        (PlaceKind::ChatCache, Sensitivity::CoreSecret) => (Rule::UnencryptedInChat, Severity::Critical),
        (_, Sensitivity::General) => (Rule::OutsideStore, Severity::Low),
        (_, Sensitivity::Internal) => (Rule::OutsideStore, Severity::Medium),
        (_, Sensitivity::CoreSecret) => (Rule::OutsideStore, Severity::High),
    }
}

/// Finding `number` as it stands, and what it went through.
pub fn finding(number: u64) -> Body {
    let mut chance = Chance(number ^ 0x5eed);
    let (kind, app) = chance.one_of(&PLACES);
    let file = file(number, &mut chance);
    let (rule, severity) = judged(kind, file.sensitivity);
    // More of it is old than new: it gets better.
    let share = (f64::from(u32::try_from(chance.below(1_000_000)).unwrap_or(0)) / 1e6).sqrt();
    let first_seen = Timestamp::now() - HISTORY.mul_f64(share);
    let due = first_seen + SignedDuration::from_mins(30);
    let took = SignedDuration::from_mins(
        30 + chance.one_of(&[5, 45, 300, 1200, 4000, 20_000]) * i64::try_from(chance.below(100)).unwrap_or(0) / 100,
    );
    let ended = (chance.below(100) < 96)
        .then(|| first_seen + took)
        .filter(|ended| *ended < Timestamp::now());
    let (state, resolution) = match (ended, chance.below(20)) {
        (None, _) => (FindingState::Open, None),
        (_, 0) => (FindingState::Justified, Some(Resolution::Justification)),
        (_, 1) => (FindingState::Dismissed, Some(Resolution::PrivateFile)),
        (_, 2) => (FindingState::Dismissed, Some(Resolution::FalseAlarm)),
        (_, 3..8) => (FindingState::Resolved, Some(Resolution::Deleted)),
        _ => (FindingState::Resolved, Some(Resolution::MovedToStore)),
    };
    let reason = "客户今天要用。 The customer needs it today.";
    let justification = matches!(state, FindingState::Justified)
        .then(|| Justification::new(reason))
        .flatten();
    let opened = Step {
        at: due.min(Timestamp::now()),
        state: FindingState::Open,
    };
    Body::Finding(Box::new(Finding {
        id: FindingId(Uuid::from_u64_pair(0x8000_4000_8000_0000, number)),
        state,
        rule,
        also: Vec::new(),
        severity,
        place: Place { kind, app },
        file: Some(file),
        evidence: vec![chance.one_of(&[Evidence::CompanyName, Evidence::StoreCopy])],
        first_seen,
        due,
        ended,
        resolution,
        justification,
        before: ended.map(|_| opened).into_iter().collect(),
        policy_version: 1,
    }))
}

fn word(text: &str) -> Word {
    Word::new(text).expect("a word")
}

fn file(number: u64, chance: &mut Chance) -> File {
    let (name, kind, family) = chance.one_of(&FILES);
    let (sensitivity, found) = chance.one_of(&[
        (Sensitivity::General, None),
        (Sensitivity::Internal, Some("cn_mobile")),
        (Sensitivity::Internal, Some("cn_resident_id")),
        (Sensitivity::CoreSecret, Some("keyword:core_secret")),
    ]);
    File {
        name: Some(FileName::new(&format!("{name} {}.{kind}", number % 997))),
        name_hash: None,
        kind: word(kind),
        family,
        size: 4_000 + chance.below(9_000_000),
        encryption: Encryption::NONE,
        sensitivity,
        detections: found
            .map(|name| Detection {
                detector: word(name),
                count: u32::try_from(5 + chance.below(40)).unwrap_or(5),
            })
            .into_iter()
            .collect(),
        content: None,
    }
}
