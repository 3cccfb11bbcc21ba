//! The company's directory keeps the users of the real collector, by SCIM, as Entra ID and Okta send it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fileward_tests::officer::Officer;
use fileward_tests::program::{Program, token};
use fileward_tests::{Collector, Policy};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A directory with a collector that it may keep.
struct Directory {
    collector: Collector,
    program: Program,
    token: String,
}

impl Directory {
    fn new() -> Self {
        let collector = Collector::start(&Policy::quick());
        Self {
            program: Program::new(&collector, "/scim/v2"),
            token: token(&collector, "entra", &["directory"]),
            collector,
        }
    }

    fn ask(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let body = Some(body).filter(|body| !body.is_null());
        self.program.ask(method, path, &self.token, body)
    }

    fn get(&self, path: &str) -> Value {
        let (status, said) = self.program.get(path, &self.token);
        assert_eq!(status, StatusCode::OK, "{path}: {said}");
        said
    }

    /// Adds a user; their id.
    fn add(&self, more: &Value) -> String {
        let (status, user) = self.ask(Method::POST, "/Users", more);
        assert_eq!(status, StatusCode::CREATED, "{user}");
        user["id"].as_str().unwrap().to_owned()
    }

    fn patch(&self, path: &str, operations: &Value) -> Value {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations
        });
        let (status, said) = self.ask(Method::PATCH, path, &body);
        assert_eq!(status, StatusCode::OK, "{path}: {said}");
        said
    }

    /// The user as the collector keeps them.
    fn kept(&self, name: &str) -> Value {
        let sql = "SELECT role, disabled, (SELECT group_concat(grp, ';') FROM user_group WHERE user = id) FROM user WHERE name = ?";
        let read = |row: &rusqlite::Row<'_>| {
            let (role, disabled, groups): (String, bool, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(json!({ "role": role, "disabled": disabled, "groups": groups.unwrap_or_default() }))
        };
        self.collector.database().query_row(sql, [name], read).unwrap()
    }
}

fn actions(collector: &Collector) -> Vec<String> {
    let database = collector.database();
    let sql = "SELECT action || ' ' || subject FROM audit WHERE actor = 'token entra' ORDER BY id";
    let mut lines = database.prepare(sql).unwrap();
    let lines = lines.query_map([], |row| row.get(0)).unwrap();
    lines.map(Result::unwrap).collect()
}

#[test]
fn entra_adds_finds_changes_and_takes_away_a_user() {
    let directory = Directory::new();
    let by_name = "/Users?filter=userName%20eq%20%22Li@Example.com%22";
    assert_eq!(directory.get(by_name)["totalResults"], 0);
    let id = directory.add(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "externalId": "0a1b", "userName": "li@example.com",
        "active": true, "emails": [{ "type": "work", "value": "li@example.com" }], "name": { "familyName": "Li" },
    }));
    let found = directory.get(by_name);
    assert_eq!(
        (&found["totalResults"], &found["Resources"][0]["id"]),
        (&json!(1), &json!(id))
    );
    let kept = directory.kept("li@example.com");
    assert_eq!(
        (&kept["role"], &kept["groups"], &kept["disabled"]),
        (&json!("head_of_department"), &json!(""), &json!(false)),
        "who is given no role sees nothing"
    );
    let at = format!("/Users/{id}");
    directory.patch(
        &at,
        &json!([{ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "auditor" }]),
    );
    directory.patch(&at, &json!([{ "op": "Replace", "path": "active", "value": "False" }]));
    let kept = directory.kept("li@example.com");
    assert_eq!((&kept["role"], &kept["disabled"]), (&json!("auditor"), &json!(true)));
    let again = directory.patch(&at, &json!([{ "op": "replace", "value": { "active": true } }]));
    assert_eq!(again["active"], true);
    let (status, _) = directory.ask(Method::DELETE, &at, &Value::Null);
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(
        directory.kept("li@example.com")["disabled"],
        true,
        "the trail names them: they stay"
    );
    let actions = actions(&directory.collector);
    let own: Vec<_> = actions
        .iter()
        .filter(|line| line.ends_with(" li@example.com"))
        .map(String::as_str)
        .collect();
    let all = [
        "user_added li@example.com",
        "user_role li@example.com",
        "user_disabled li@example.com",
        "user_enabled li@example.com",
        "user_disabled li@example.com",
    ];
    assert_eq!(own, all);
    directory.collector.run(&["verify"]);
}

#[test]
fn okta_pushes_groups_and_who_is_in_them_sees_theirs() {
    let directory = Directory::new();
    let [li, han] = ["li", "han"].map(|name| directory.add(&json!({ "userName": name, "active": true })));
    let group = json!({ "displayName": "销售部", "members": [{ "value": li, "display": "li" }] });
    let (status, made) = directory.ask(Method::POST, "/Groups", &group);
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let at = format!("/Groups/{}", made["id"].as_str().unwrap());
    assert_eq!(directory.kept("li")["groups"], "销售部");

    directory.patch(
        &at,
        &json!([{ "op": "add", "path": "members", "value": [{ "value": han }] }]),
    );
    let one = format!("members[value eq \"{li}\"]");
    let group = directory.patch(&at, &json!([{ "op": "remove", "path": one }]));
    assert_eq!(group["members"], json!([{ "value": han, "display": "han" }]));
    assert_eq!(directory.kept("li")["groups"], "");
    let user = directory.get(&format!("/Users/{han}"));
    assert_eq!(user["groups"], json!([{ "value": made["id"], "display": "销售部" }]));

    let by_name = "/Groups?excludedAttributes=members&filter=displayName%20eq%20%22%E9%94%80%E5%94%AE%E9%83%A8%22";
    let found = directory.get(by_name);
    assert_eq!(found["Resources"][0]["id"], made["id"]);
    assert!(found["Resources"][0]["members"].is_null(), "{found}");
    let whole = json!([{ "op": "replace", "path": "members", "value": [{ "value": li }] }]);
    directory.patch(&at, &whole);
    let (status, _) = directory.ask(Method::DELETE, &at, &Value::Null);
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(directory.get("/Groups")["totalResults"], 0);
}

#[test]
fn what_a_directory_may_not_do_is_refused_and_changes_nothing() {
    let directory = Directory::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let admin = Officer::new(&directory.collector, "admin", "administrator", &[]);
    let _admin = runtime.block_on(admin);
    let li = directory.add(&json!({ "userName": "li" }));
    let found = directory.get("/Users?filter=userName%20eq%20%22admin%22");
    let admin = found["Resources"][0]["id"].as_str().unwrap();
    let roles =
        |role: &str| json!({ "Operations": [{ "op": "replace", "path": "roles", "value": [{ "value": role }] }] });
    let active = |is: bool| json!({ "Operations": [{ "op": "replace", "path": "active", "value": is }] });
    for (method, path, body, status) in [
        (Method::PATCH, format!("/Users/{li}"), roles("administrator"), 403),
        (
            Method::POST,
            "/Users".to_owned(),
            json!({ "userName": "x", "roles": [{ "value": "administrator" }] }),
            403,
        ),
        (Method::PATCH, format!("/Users/{admin}"), active(false), 409),
        (Method::POST, "/Users".to_owned(), json!({ "userName": "LI" }), 409),
        (
            Method::POST,
            "/Users".to_owned(),
            json!({ "userName": "\u{202e}" }),
            400,
        ),
        (Method::PUT, format!("/Users/{li}"), json!({ "userName": "other" }), 400),
        (Method::PATCH, format!("/Users/{li}"), roles("boss"), 400),
        (
            Method::PATCH,
            format!("/Users/{li}"),
            json!({ "Operations": [{ "op": "move" }] }),
            400,
        ),
        (Method::POST, "/Groups".to_owned(), json!({ "displayName": "a;b" }), 400),
        (
            Method::POST,
            "/Groups".to_owned(),
            json!({ "displayName": "a", "members": [{ "value": "99" }] }),
            400,
        ),
        (Method::GET, "/Users/99".to_owned(), Value::Null, 404),
        (Method::GET, "/Groups/%21".to_owned(), Value::Null, 404),
        (
            Method::GET,
            "/Users?filter=name%20co%20%22l%22".to_owned(),
            Value::Null,
            400,
        ),
        (Method::POST, "/Users".to_owned(), json!([]), 400),
    ] {
        let (said, body) = directory.ask(method.clone(), &path, &body);
        assert_eq!(said.as_u16(), status, "{method} {path}: {body}");
    }
    assert_eq!(directory.get("/Users")["totalResults"], 2);
    assert_eq!(directory.kept("li")["role"], "head_of_department");
    let other = token(&directory.collector, "siem", &["audit:read"]);
    assert_eq!(directory.program.get("/Users", &other).0, StatusCode::FORBIDDEN);
    assert_eq!(directory.program.get("/Users", "").0, StatusCode::UNAUTHORIZED);
    assert_eq!(directory.get("/ServiceProviderConfig")["patch"]["supported"], true);
}
