//! What an agent makes of a document that a newer Fileward has published.

use fileward_policy::Policy;
use fileward_protocol::vocabulary::{Language, Sensitivity};

use crate::{errors, with};

const NEWER: &str = "[sensitivity.internal.detectors]\nemail = 3\niban = 2\nformula = { per_page = 1 }\n\
                     [[for]]\ngroup = \"sales\"\n[for.sensitivity.core_secret.detectors]\ndrug = 5\n";

#[test]
fn unknown_detectors_are_named_and_everything_else_holds() {
    let source = with(NEWER);
    let refused: Vec<_> = errors(&source).into_iter().map(|error| error.key).collect();
    let keys = [
        "sensitivity.internal.detectors.iban",
        "sensitivity.internal.detectors.formula",
        "for[0].sensitivity.core_secret.detectors.drug",
    ];
    assert_eq!(refused, keys, "its author is told");

    let policy = Policy::parse_published(&source).unwrap();
    let (all, sales) = (policy.effective(None), policy.effective(Some("sales")));
    let internal = &all.sensitivity[0];
    assert_eq!(internal.sensitivity, Sensitivity::Internal);
    assert_eq!(internal.detectors["email"], 3);
    assert_eq!(Vec::from_iter(all.unknown_detectors()), ["iban"]);
    assert_eq!(Vec::from_iter(sales.unknown_detectors()), ["drug", "iban"]);
    let words = sales.in_words(Language::En);
    assert!(words.contains("does not look for: drug, iban\n"), "{words}");
}

#[test]
fn a_policy_that_lives_by_unknown_detectors_alone_is_no_contradiction() {
    let unsure = [
        "company_apps",
        "personal_apps",
        "desktop",
        "downloads",
        "personal_cloud",
    ];
    let ignored = unsure.map(|place| format!("{place} = \"ignore\"\n")).concat();
    let none = "[work_file.evidence]\nstore_copy = false\nregistered = false\nlabels = false\n";
    let source = with(&format!(
        "{none}[work_file.when_unsure]\n{ignored}[sensitivity.internal.detectors]\niban = 2\n"
    ));
    assert!(Policy::parse_published(&source).is_ok());
    let nothing = source.replace("iban = 2", "");
    assert!(Policy::parse_published(&nothing).is_err());
}

#[test]
fn what_is_new_of_the_agent_itself_is_left_alone() {
    let source = with("[agent]\ncolour = 7\n[[for]]\ngroup = 'a'\nagent.shape = 'round'\nreport.heartbeat = '7m'\n");
    assert_eq!(errors(&source).len(), 2, "its author is told");
    let policy = Policy::parse_published(&source).unwrap();
    assert_eq!(policy.effective(Some("a")).report.heartbeat.as_secs(), 7 * 60);
}

#[test]
fn nothing_else_is_forgiven() {
    for wrong in [
        "nonsense = true\n",
        "[detectors]\niban = 1\n",
        "[sensitivity.detectors]\niban = 1\n",
        "[sensitivity.internal]\ndetector = { iban = 1 }\n",
        "[sensitivity.secret.detectors]\niban = 1\n",
        "[sensitivity.internal.detectors]\nemail = 0\n",
        "[sensitivity.internal]\ndetectors = 3\n",
        "[rules.iban]\nseverity = \"low\"\n",
        "[agent]\nuninstall_token_hash = \"word\"\n",
        "[report]\nagent.colour = 1\n",
    ] {
        let source = with(wrong);
        assert_eq!(Policy::parse_published(&source), Err(errors(&source)), "{wrong}");
    }
}
