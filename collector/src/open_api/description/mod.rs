//! The API's description, `OpenAPI` 3.1: written for readers, with the words of the protocol's own lists.

mod operations;
mod schemas;

use serde_json::{Value, json};

/// What the API is, before its operations.
const INTRODUCTION: &str = "What the collector keeps, for other programs: devices, findings, policy, registers and the audit trail; and \
decisions about findings.\n\n\
**Tokens.** An administrator makes one with `fileward-collector api-token create NAME --scope SCOPE`. It is sent as \
`Authorization: Bearer TOKEN`. Each operation names the scope it needs. What is read of findings, and what is decided, stands in the \
audit trail under the token's name.\n\n\
**Lists.** A list comes in pages, in the order in which its rows were first stored. A page holds what is wanted of up to 500 rows: with \
a filter it may be short or empty although more follow. While `next` is not null, ask again with it as `cursor`. With `since`, only \
what changed then or later is listed: take a time a minute before the last run began, and expect some rows twice.\n\n\
**Problems.** What cannot be done is answered as `application/problem+json` (RFC 9457) with a stable `code`. After 429 and 503, wait as \
`Retry-After` says.\n\n\
**Text.** Names of files and PCs are chosen by others: they may hold markup and marks that turn text round. Escape them where you show them.";

/// The description of the API of a collector whose console is at `console`.
pub(super) fn document(console: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fileward collector",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": format!("{console}/api") }],
        "security": [{ "token": [] }],
        "tags": [
            { "name": "devices", "description": "Enrolled PCs." },
            { "name": "findings", "description": "Files that break a rule, and what became of them." },
            { "name": "policy", "description": "The rules." },
            { "name": "registers", "description": "What has been filed (备案) and registered." },
            { "name": "audit", "description": "Who did what at the collector." },
        ],
        "paths": operations::paths(),
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of `fileward-collector api-token create`.",
                },
            },
            "schemas": schemas::schemas(),
            "responses": operations::problems(),
        },
    })
}
