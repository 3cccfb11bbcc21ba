//! The operations: what to ask, and what is answered.

use fileward_protocol::report::Decided;
use fileward_protocol::vocabulary::{Binding, FindingState, Rule, Severity};
use serde_json::{Map, Value, json};

use super::schemas::words;
use crate::open_api::findings::LONGEST_REASON;
use crate::open_api::problem::Code;
use crate::store::api_tokens::Scope;
use crate::store::audit::Action;

/// A reason shows something: not only white space and what is taken for it in one place or another.
const REASON: &str = r"[^\s\u001c-\u001f\u0085\ufeff]";

/// What any operation may be answered with.
const ALWAYS: &[Code] = &[
    Code::Unauthorized,
    Code::Forbidden,
    Code::RateLimited,
    Code::Internal,
    Code::Unavailable,
];

/// Every path with its operations.
pub(super) fn paths() -> Value {
    json!({
        "/v1/openapi.json": {
            "get": {
                "operationId": "describe",
                "summary": "This description",
                "description": "It needs no token.",
                "security": [],
                "responses": {
                    "200": {
                        "description": "This description.",
                        "content": { "application/json": { "schema": { "type": "object" } } },
                    },
                    "429": of(Code::RateLimited),
                    "503": of(Code::Unavailable),
                },
            },
        },
        "/v1/devices": { "get": list_devices() },
        "/v1/devices/{device}": { "get": operation(
            "getDevice", "devices", "One device", Scope::DevicesRead, &[id("device", "path", "The device's id.")],
            "The device.", "Device", &[Code::NotFound],
        ) },
        "/v1/findings": { "get": list_findings() },
        "/v1/findings/{device}/{finding}": { "get": operation(
            "getFinding", "findings", "One finding with its history; audited", Scope::FindingsRead, &finding(),
            "The finding.", "Finding", &[Code::NotFound],
        ) },
        "/v1/findings/{device}/{finding}/decisions": { "post": decide() },
        "/v1/policy": { "get": operation(
            "getPolicy", "policy", "The policy in force, or a former version", Scope::PolicyRead,
            &[json!({
                "name": "version", "in": "query", "description": "This version instead of the one in force.",
                "schema": number(),
            })],
            "The policy.", "Policy", &[Code::Malformed, Code::NotFound],
        ) },
        "/v1/registers": { "get": operation(
            "getRegisters", "registers", "What has been filed and registered", Scope::RegistersRead, &[],
            "All registers.", "Registers", &[Code::Malformed],
        ) },
        "/v1/audit": { "get": operation(
            "listAudit", "audit", "Lists the audit trail, oldest line first", Scope::AuditRead,
            &[cursor(), since("was written"), choice("action", "of this action", Action::WORDS)],
            "A page of the trail.", "LinePage", &[Code::Malformed],
        ) },
    })
}

fn list_devices() -> Value {
    let parameters = [
        cursor(),
        since("was in contact, or somebody decided about it,"),
        choice("binding", "with this standing", Binding::WORDS),
        free("group", "in this group of the policy"),
    ];
    let operation = operation(
        "listDevices",
        "devices",
        "Lists devices",
        Scope::DevicesRead,
        &parameters,
        "A page of devices.",
        "DevicePage",
        &[Code::Malformed],
    );
    linked(operation, &[("getDevice", &[("device", "id")])])
}

fn list_findings() -> Value {
    let parameters = [
        cursor(),
        since("changed its state"),
        choice("state", "in this state", FindingState::WORDS),
        choice("severity", "of this severity", Severity::WORDS),
        choice("rule", "named by this rule", Rule::WORDS),
        id("device", "query", "Only of this device."),
    ];
    let operation = operation(
        "listFindings",
        "findings",
        "Lists findings with their history; audited",
        Scope::FindingsRead,
        &parameters,
        "A page of findings.",
        "FindingPage",
        &[Code::Malformed],
    );
    let ids: &[_] = &[("device", "device"), ("finding", "id")];
    linked(operation, &[("getFinding", ids), ("decide", ids)])
}

/// The problems that operations refer to.
pub(super) fn problems() -> Value {
    let problems = Code::ALL.iter().map(|code| {
        let mut response = json!({
            "description": description(*code),
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        if matches!(code, Code::RateLimited | Code::Unavailable) {
            response["headers"] = json!({
                "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer", "minimum": 1 } },
            });
        }
        (code.to_string(), response)
    });
    Value::Object(problems.collect())
}

const fn description(code: Code) -> &'static str {
    match code {
        Code::Malformed => "A parameter or the body is not what it must be.",
        Code::Unauthorized => "There is no token, or it is unknown, revoked or too old.",
        Code::Forbidden => "The token lacks the scope.",
        Code::NotFound => "There is nothing of this name.",
        Code::MethodNotAllowed => "The method does not fit the address.",
        Code::Conflict => "It cannot be done as things stand.",
        Code::TooLarge => "The body is too large.",
        Code::UnsupportedMediaType => "The body is not `application/json`.",
        Code::RateLimited => "Too many requests.",
        Code::Internal => "A fault of the collector's; its log tells more.",
        Code::Unavailable => "The collector cannot do it just now.",
    }
}

#[expect(clippy::too_many_arguments, reason = "they are the columns of a table")]
fn operation(
    name: &str,
    tag: &str,
    summary: &str,
    scope: Scope,
    parameters: &[Value],
    answer: &str,
    schema: &str,
    problems: &[Code],
) -> Value {
    json!({
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": format!("Scope: `{scope}`."),
        "parameters": parameters,
        "responses": responses(answer, schema, problems),
    })
}

/// The operation with what can be done with the first row of its page: parameters by the fields they are taken from.
fn linked(mut operation: Value, links: &[(&str, &[(&str, &str)])]) -> Value {
    let links: Map<_, _> = links
        .iter()
        .map(|(name, parameters)| {
            let parameters: Map<_, _> = parameters
                .iter()
                .map(|(parameter, field)| {
                    let from = format!("$response.body#/items/0/{field}");
                    ((*parameter).to_owned(), Value::from(from))
                })
                .collect();
            (
                (*name).to_owned(),
                json!({ "operationId": name, "parameters": parameters }),
            )
        })
        .collect();
    operation["responses"]["200"]["links"] = Value::Object(links);
    operation
}

fn decide() -> Value {
    let mut operation = operation(
        "decide",
        "findings",
        "Decides about a finding; audited",
        Scope::FindingsDecide,
        &finding(),
        "How the finding stands. The device is told with its next report.",
        "Decided",
        &[
            Code::Malformed,
            Code::NotFound,
            Code::Conflict,
            Code::TooLarge,
            Code::UnsupportedMediaType,
        ],
    );
    operation["requestBody"] = json!({
        "required": true,
        "content": { "application/json": { "schema": {
            "type": "object",
            "additionalProperties": false,
            "required": ["what", "reason"],
            "properties": {
                "what": { "type": "string", "enum": Decided::WORDS },
                "reason": {
                    "type": "string",
                    "description": "Why; shown to the employee.",
                    "minLength": 1,
                    "maxLength": LONGEST_REASON,
                    "pattern": REASON,
                },
            },
        } } },
    });
    operation
}

fn responses(answer: &str, schema: &str, problems: &[Code]) -> Value {
    let mut responses = Map::new();
    let content = json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } });
    responses.insert("200".to_owned(), json!({ "description": answer, "content": content }));
    for code in problems.iter().chain(ALWAYS) {
        responses.insert(code.status().as_u16().to_string(), of(*code));
    }
    Value::Object(responses)
}

fn of(code: Code) -> Value {
    json!({ "$ref": format!("#/components/responses/{code}") })
}

fn number() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{1,18}$" })
}

fn cursor() -> Value {
    json!({
        "name": "cursor", "in": "query", "description": "`next` of the page before; without it, the first page.",
        "schema": number(),
    })
}

fn since(what: &str) -> Value {
    json!({
        "name": "since", "in": "query", "description": format!("Only what {what} then or later."),
        "schema": { "type": "string", "format": "date-time" }, "example": "2026-11-21T08:00:00Z",
    })
}

fn choice(name: &str, what: &str, list: &[&str]) -> Value {
    json!({ "name": name, "in": "query", "description": format!("Only {what}."), "schema": words(list) })
}

fn free(name: &str, what: &str) -> Value {
    json!({ "name": name, "in": "query", "description": format!("Only {what}."), "schema": { "type": "string" } })
}

fn id(name: &str, place: &str, description: &str) -> Value {
    json!({
        "name": name, "in": place, "required": place == "path", "description": description,
        "schema": { "type": "string", "format": "uuid" },
    })
}

fn finding() -> [Value; 2] {
    [
        id(
            "device",
            "path",
            "The device's id: devices make findings' ids themselves.",
        ),
        id("finding", "path", "The finding's id."),
    ]
}
