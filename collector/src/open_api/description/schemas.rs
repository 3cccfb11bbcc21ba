//! What answers are made of. Every object names all it may hold.

use fileward_protocol::vocabulary::{
    App, Binding, EncryptionMethod, EncryptionState, Evidence, Family, FindingState, PlaceKind, Resolution, Rule,
    Sensitivity, Severity,
};
use serde_json::{Map, Value, json};

use crate::open_api::problem::Code;
use crate::store::audit::Action;

/// Every schema by its name.
pub(super) fn schemas() -> Value {
    json!({
        "Problem": object(&[
            ("type", text("`urn:fileward:problem:` and the code.")),
            ("status", integer("The HTTP status.")),
            ("code", words(Code::WORDS)),
            ("detail", text("What is wrong and what to do, in one sentence.")),
        ]),
        "DevicePage": page("Device"),
        "Device": device(),
        "FindingPage": page("Finding"),
        "Finding": finding(),
        "Decided": object(&[
            ("device", id()),
            ("finding", id()),
            ("state", words(FindingState::WORDS)),
        ]),
        "Policy": object(&[
            ("version", integer("From 1, growing.")),
            ("document", text("The document, TOML.")),
            ("published_at", time("When it was published.")),
            ("published_by", text("Who published it.")),
        ]),
        "Registers": registers(),
        "LinePage": page("Line"),
        "Line": object(&[
            ("id", integer("From 1, without gaps.")),
            ("at", time("When.")),
            ("actor", text("Who, in words: `user NAME`, `token NAME`, `device ID`, `command line`, `collector`.")),
            ("action", words(Action::WORDS)),
            ("subject", text("On what: an id or a name, or nothing.")),
            ("detail", text("More about it.")),
            ("hash", hash("Over this line and the one before: a copy of the trail shows whether it was changed.")),
        ]),
    })
}

fn device() -> Value {
    object(&[
        ("id", id()),
        ("binding", words(Binding::WORDS)),
        ("name", text("The host's name, as last heard.")),
        ("group", or_null(text("The group in the policy."))),
        ("vendor", or_null(text("The maker."))),
        ("model", or_null(text("The model."))),
        (
            "os",
            object(&[
                ("name", text("Such as `Windows 11 Pro`.")),
                ("version", text("Its version.")),
                ("build", text("Its build.")),
                ("arch", text("Such as `x86_64`.")),
            ]),
        ),
        ("users", list(text("A user who is logged on."))),
        ("agent_version", text("The agent's version.")),
        ("policy_version", or_null(integer("The policy it follows."))),
        (
            "places",
            list(object(&[
                ("kind", words(PlaceKind::WORDS)),
                ("app", or_null(words(App::WORDS))),
                ("state", words(&["ok", "degraded", "unavailable"])),
            ])),
        ),
        ("open_findings", integer("How many of its findings are open.")),
        ("last_seen", time("When it was last in contact.")),
        ("enrolled_at", time("When it enrolled.")),
        (
            "clone_suspected_at",
            or_null(time("When two devices last seemed to share its identity.")),
        ),
    ])
}

fn finding() -> Value {
    object(&[
        ("id", id()),
        ("device", id()),
        ("device_name", text("The device's name.")),
        ("group", or_null(text("The device's group."))),
        ("state", words(FindingState::WORDS)),
        ("rule", words(Rule::WORDS)),
        ("also", list(words(Rule::WORDS))),
        ("severity", words(Severity::WORDS)),
        (
            "place",
            object(&[("kind", words(PlaceKind::WORDS)), ("app", or_null(words(App::WORDS)))]),
        ),
        ("file", or_null(file())),
        ("evidence", list(words(Evidence::WORDS))),
        ("first_seen", time("When the file was first seen.")),
        ("due", time("Until when it could be put right unreported.")),
        ("changed_at", time("When it last changed its state.")),
        ("ended", or_null(time("When it ended."))),
        ("resolution", or_null(words(Resolution::WORDS))),
        ("policy_version", integer("The policy it was judged by.")),
        (
            "history",
            list(object(&[
                ("at", time("When.")),
                ("what", text("The state it took, or the decision.")),
                ("by", or_null(text("Who decided."))),
                ("reason", or_null(text("Why."))),
            ])),
        ),
    ])
}

fn file() -> Value {
    object(&[
        ("name", or_null(text("Its name, where the policy lets that be sent."))),
        (
            "name_hash",
            or_null(hash("A keyed hash of its name, where it does not.")),
        ),
        ("kind", text("Such as `docx`.")),
        ("family", words(Family::WORDS)),
        ("size", integer("In bytes.")),
        (
            "encryption",
            object(&[
                ("state", words(EncryptionState::WORDS)),
                ("method", or_null(words(EncryptionMethod::WORDS))),
            ]),
        ),
        ("sensitivity", words(Sensitivity::WORDS)),
        (
            "detections",
            list(object(&[
                ("detector", text("What was looked for.")),
                ("count", integer("How often it was found; never what was found.")),
            ])),
        ),
    ])
}

fn registers() -> Value {
    let app = || words(App::WORDS);
    let filed = [("filed_at", time("When.")), ("filed_by", text("By whom."))];
    let account = || ("account", text("The account's id, as filed."));
    let accounts = [&[("app", app()), account(), ("note", text("A note."))][..], &filed].concat();
    let bytes = ("bytes", integer("The limit, in bytes."));
    let until = ("until", or_null(time("Until when it holds.")));
    let limits = [&[("app", app()), account(), bytes, until][..], &filed].concat();
    object(&[
        ("accounts", list(object(&accounts))),
        ("limits", list(object(&limits))),
        (
            "documents",
            list(object(&[
                ("id", integer("Its number.")),
                ("name", text("What it is called here.")),
                ("registered_at", time("When.")),
                ("registered_by", text("By whom.")),
            ])),
        ),
    ])
}

/// One of a list of words.
pub(super) fn words(list: &[&str]) -> Value {
    json!({ "type": "string", "enum": list })
}

/// An object that holds exactly these.
fn object(fields: &[(&str, Value)]) -> Value {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<_, _> = fields
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({ "type": "object", "additionalProperties": false, "required": names, "properties": properties })
}

fn page(item: &str) -> Value {
    object(&[
        ("items", list(json!({ "$ref": format!("#/components/schemas/{item}") }))),
        ("next", or_null(text("The `cursor` of the next page; null at the end."))),
    ])
}

fn list(of: Value) -> Value {
    let fields = [("type", Value::from("array")), ("items", of)];
    fields.map(|(key, value)| (key.to_owned(), value)).into_iter().collect()
}

fn or_null(schema: Value) -> Value {
    let null = json!({ "type": "null" });
    let either = ("anyOf".to_owned(), Value::from(vec![schema, null]));
    [either].into_iter().collect()
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn integer(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": description })
}

fn time(description: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": description })
}

fn id() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn hash(description: &str) -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$", "description": description })
}
