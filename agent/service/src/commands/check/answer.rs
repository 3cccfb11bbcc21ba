//! What `check` answers about a file: in JSON for programs, in everyday words for people.

use std::path::Path;
use std::sync::Arc;

use fileward_places::Place;
use fileward_policy::facts::{PROPERTIES, Properties, TextState};
use fileward_policy::words::{self, Both, InWords as _, both};
use fileward_policy::{Facts, Verdict};
use fileward_protocol::report;
use fileward_protocol::vocabulary::Language;
use serde_json::{Value, json};

const NOT_WATCHED: Both = both(
    "它不在受检查的位置，因此不作处理。",
    "It does not lie in a place that is watched, so it is left alone.",
);

/// What was found out about a file.
pub(super) struct Checked {
    pub(super) facts: Facts,
    /// Where it lies; `None` where nothing is watched.
    pub(super) place: Option<Arc<Place>>,
    pub(super) verdict: Verdict,
    /// What to do, one sentence each.
    pub(super) advice: Vec<String>,
}

impl Checked {
    /// The contract of `check --json`.
    pub(super) fn document(&self, path: &Path, language: Language) -> Value {
        let Self {
            facts, place, verdict, ..
        } = self;
        let worst = verdict.primary();
        let place = place.as_deref().map(|place| report::Place {
            kind: place.kind,
            app: place.app,
        });
        let mut document = json!({
            "path": path.to_string_lossy(),
            "kind": facts.kind,
            "media_type": facts.media_type,
            "family": facts.family,
            "disguised": facts.disguised,
            "encryption": facts.encryption,
            "label": facts.label.as_ref().or(facts.labels.first()),
            "text": facts.text,
            "detections": facts.detections,
            "properties": names(&facts.properties),
            "work_file": verdict.work_file,
            "sensitivity": verdict.sensitivity,
            "place": place,
            "verdict": {
                "state": verdict.state,
                "rule": worst.map(|worst| worst.rule),
                "severity": worst.map(|worst| worst.severity),
                "why": self.why(language),
            },
        });
        if facts.text.state == TextState::Malformed {
            document["error"] =
                json!({"code": "malformed", "message": "the file is damaged; what could be read is told"});
        }
        document
    }

    /// What it is, where it lies, what the policy says, why, and what to do.
    pub(super) fn in_words(&self, path: &Path, language: Language) -> String {
        let mut lines = vec![path.display().to_string()];
        let colon = both("：", ": ").to(language);
        let mut line = |name: Both, text: String| lines.push(format!("  {}{colon}{text}", name.to(language)));
        line(both("文件", "file"), self.what(language));
        if let Some(place) = &self.place {
            line(both("位置", "place"), whereabouts(place, language));
            line(both("结论", "verdict"), self.conclusion(language));
        }
        let mut list = |name: Both, texts: &[String]| {
            if !texts.is_empty() {
                lines.push(format!("  {}{}", name.to(language), colon.trim_end()));
                lines.extend(texts.iter().map(|text| format!("    {text}")));
            }
        };
        list(both("原因", "why"), &self.why(language));
        list(both("怎么办", "what to do"), &self.advice);
        lines.join("\n")
    }

    /// Its kind and size, whether it is encrypted, how far its text was read.
    fn what(&self, language: Language) -> String {
        let facts = &self.facts;
        let family = facts.family.in_words(language);
        let kind = match language {
            Language::ZhCn => format!("{}（{family}）", facts.kind),
            Language::En => format!("{} ({family})", facts.kind),
        };
        let mut parts = vec![kind, words::size(facts.size)];
        parts.push(facts.encryption.state.in_words(language).to_owned());
        if facts.text.state != TextState::Encrypted {
            parts.push(facts.text.state.in_words(language).to_owned());
        }
        parts.join(both("；", "; ").to(language))
    }

    fn conclusion(&self, language: Language) -> String {
        let state = self.verdict.state.in_words(language);
        let Some(worst) = self.verdict.primary() else {
            return state.to_owned();
        };
        let (rule, severity) = (worst.rule.in_words(language), worst.severity.in_words(language));
        match language {
            Language::ZhCn => format!("{state}：{rule}（严重程度：{severity}）"),
            Language::En => format!("{state}: {rule} (severity: {severity})"),
        }
    }

    fn why(&self, language: Language) -> Vec<String> {
        let elsewhere = self.place.is_none().then(|| NOT_WATCHED.to(language).to_owned());
        let why = self.verdict.why.iter().map(|why| why.text(language));
        elsewhere.into_iter().chain(why).collect()
    }
}

fn whereabouts(place: &Place, language: Language) -> String {
    let kind = place.kind.in_words(language);
    match place.app.map(|app| app.in_words(language)) {
        Some(app) => format!("{app} – {kind}"),
        None => kind.to_owned(),
    }
}

/// The names of the properties that a document has, as a policy may name them. Their values are nobody's business here.
fn names(properties: &Properties) -> Vec<&str> {
    let known = PROPERTIES.iter().copied();
    let known = known.filter(|name| properties.named(name).next().is_some());
    let others = properties.other.iter().map(|(name, _)| name.as_str());
    let mut names: Vec<_> = known.chain(others).collect();
    names.sort_unstable();
    names.dedup();
    names
}
