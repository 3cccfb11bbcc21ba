//! Another program at the HTTP API, with a token.

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::collector::Collector;
use crate::device;

/// Makes a token with these scopes.
pub fn token(collector: &Collector, name: &str, scopes: &[&str]) -> String {
    let scopes = scopes.iter().flat_map(|scope| ["--scope", scope]);
    let arguments: Vec<_> = ["api-token", "create", name].into_iter().chain(scopes).collect();
    let made = collector.json(&arguments);
    made["token"].as_str().expect("a token").to_owned()
}

/// A program that asks.
#[derive(Debug)]
pub struct Program {
    runtime: Runtime,
    client: Client,
    base: String,
}

impl Program {
    /// A program that asks below this path of the console's address.
    pub fn new(collector: &Collector, below: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let client = device::client().danger_accept_invalid_certs(true).build();
        Self {
            runtime: runtime.expect("a runtime"),
            client: client.expect("a client"),
            base: format!("{}{below}", collector.console_url),
        }
    }

    /// Status and body of an answer; null where there is none.
    pub fn ask(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.runtime.block_on(async {
            let response = request.send().await.expect("the collector answers");
            let status = response.status();
            let body = response.bytes().await.expect("a whole answer");
            let said = if body.is_empty() {
                Value::Null
            } else {
                serde_json::from_slice(&body).expect("an answer in JSON")
            };
            (status, said)
        })
    }

    /// Status and body of what is at an address.
    pub fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        self.ask(Method::GET, path, token, None)
    }
}
