//! Every reason has words.

use std::collections::BTreeSet;

use super::*;

fn every() -> Vec<Why> {
    let (app, sensitivity) = (App::Wechat, Sensitivity::Internal);
    let text = || "示例".to_owned();
    let mut every = vec![
        Why::Excluded { pattern: text() },
        Why::Exempted { pattern: text() },
        Why::AppNotWatched { app: Some(app) },
        Why::AppNotWatched { app: None },
        Why::InStore,
        Why::OtherFamily { family: Family::Image },
        Why::TooSmall { size: 10, least: 1024 },
        Why::StoreCopy,
        Why::Registered,
        Why::NearCopy { percent: 87 },
        Why::CompanyApp { app },
        Why::EmployeeSaysWork,
        Why::EmployeeSaysPrivate,
        Why::PrivateOverruled,
        Why::Disguised { kind: text() },
        Why::Domain { domain: text() },
        Why::Property {
            property: "company".to_owned(),
        },
        Why::Keyword { count: 2 },
        Why::Detector {
            detector: "email".to_owned(),
            count: 20,
        },
        Why::Graded { sensitivity },
        Why::Protected,
        Why::InPersonalCloud,
        Why::NotEncryptedInChat { sensitivity },
        Why::Oversize {
            size: 60 << 20,
            limit: 50 << 20,
        },
        Why::UnfiledAccount { app },
        Why::Stale {
            days: 95,
            after: Duration::from_hours(90 * 24),
        },
        Why::Title { title: text() },
        Why::PrivateTitle { title: text() },
        Why::NothingWrong,
    ];
    every.extend([Unsure::Count, Unsure::Ask, Unsure::Ignore].map(|treated| Why::NoEvidence { treated }));
    every.extend([Unsure::Count, Unsure::Ask].map(|treated| Why::Contested { treated }));
    let states = [
        EncryptionState::Openable,
        EncryptionState::Partly,
        EncryptionState::Suspected,
    ];
    every.extend(states.map(|state| Why::NotProtected { state }));
    for spot in [Spot::Text, Spot::Properties] {
        every.extend([
            Why::CompanyName { name: text(), spot },
            Why::Label { label: text(), spot },
        ]);
    }
    let stops = [TextState::TooLarge, TextState::Malformed, TextState::Timeout];
    every.extend(stops.map(|state| Why::ReadInPart { state }));
    let places = [PlaceKind::Desktop, PlaceKind::Downloads, PlaceKind::ChatCache];
    every.extend(places.map(|place| Why::PlaceOff { place }));
    every.extend(places.map(|place| Why::OutsideStore { place }));
    every
}

#[test]
fn every_reason_is_a_sentence_of_its_own_in_both_languages() {
    for (language, end) in [(Language::ZhCn, '。'), (Language::En, '.')] {
        let texts: BTreeSet<_> = every().iter().map(|why| why.text(language)).collect();
        assert_eq!(texts.len(), every().len());
        assert!(texts.iter().all(|text| text.ends_with(end)), "{texts:?}");
    }
}

#[test]
fn a_reason_survives_json() {
    for why in every() {
        let json = serde_json::to_string(&why).unwrap();
        assert_eq!(serde_json::from_str::<Why>(&json).unwrap(), why);
    }
}
