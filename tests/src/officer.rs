//! Somebody at the console, with their own password.

use reqwest::{Client, Response, redirect};

use crate::collector::Collector;
use crate::device;

/// What everybody here chooses.
const PASSWORD: &str = "correct-horse-battery-staple";

/// Adds a user who sets their password by the link, as people do; the password.
pub fn add(collector: &Collector, name: &str, role: &str, more: &[&str]) -> &'static str {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let set = async { Officer::new(collector, name, role, more).await };
    runtime.expect("a runtime").block_on(set);
    PASSWORD
}

/// Somebody who has logged in.
#[derive(Debug)]
pub struct Officer {
    client: Client,
    console: String,
    cookie: String,
}

impl Officer {
    /// Adds the user, sets their password and logs in.
    pub async fn new(collector: &Collector, name: &str, role: &str, more: &[&str]) -> Self {
        let said = collector.run(&[&["user", "add", name, "--role", role], more].concat());
        let link = said.split_whitespace().find(|word| word.contains("/welcome/"));
        let secret = link
            .and_then(|link| link.rsplit('/').next())
            .expect("a link to set the password");
        let client = device::client()
            .redirect(redirect::Policy::none())
            .danger_accept_invalid_certs(true)
            .build();
        let mut officer = Self {
            client: client.expect("a client"),
            console: collector.console_url.clone(),
            cookie: String::new(),
        };
        let password = format!("password={PASSWORD}&again={PASSWORD}");
        officer.post(&format!("/welcome/{secret}"), password).await;
        let entered = officer.post("/login", format!("name={name}&password={PASSWORD}")).await;
        let cookie = entered
            .headers()
            .get("set-cookie")
            .and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        cookie.expect("a session").clone_into(&mut officer.cookie);
        officer
    }

    /// A page as it is shown.
    pub async fn page(&self, path: &str) -> String {
        let request = self
            .client
            .get(format!("{}{path}", self.console))
            .header("cookie", &self.cookie)
            .header("accept-language", "en");
        let page = request.send().await.expect("the console answers");
        assert!(page.status() == 200, "{path}: {}", page.status());
        page.text().await.expect("a whole page")
    }

    /// Sends a form of the page at this address; what is answered.
    pub async fn send(&self, path: &str, fields: &str) -> String {
        let page = self.page(path).await;
        let token = page.split("name=\"token\" value=\"").nth(1);
        let token = token
            .and_then(|rest| rest.split('"').next())
            .expect("a form on the page");
        let request = self
            .client
            .post(format!("{}{path}", self.console))
            .header("cookie", &self.cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("{fields}&token={token}"));
        let answer = request.send().await.expect("the console answers");
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        assert!(status == 200 || status == 303, "{path}: {status} {text}");
        text
    }

    /// Sends a form as somebody who has not logged in.
    pub async fn post(&self, path: &str, form: String) -> Response {
        let request = self.client.post(format!("{}{path}", self.console)).body(form);
        let form = "application/x-www-form-urlencoded";
        request
            .header("content-type", form)
            .send()
            .await
            .expect("the console answers")
    }

    /// Looks at a finding for a purpose, which is given first; the page.
    pub async fn look_for(&self, purpose: &str, note: &str, device: &str, finding: &str) -> String {
        let path = format!("/findings/{device}/{finding}");
        let asks = self.read(&path).await;
        let token = asks
            .split("name=\"token\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let token = token.expect("the page asks for the purpose");
        let fields = [
            ("token", token),
            ("purpose", purpose),
            ("note", note),
            ("finding", finding),
        ];
        let form: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let request = self
            .client
            .post(format!("{}/devices/{device}/purpose", self.console))
            .header("cookie", &self.cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.join("&"));
        let given = request.send().await.expect("the console answers");
        assert!(given.status().is_redirection(), "{}", given.status());
        self.read(&path).await
    }

    async fn read(&self, path: &str) -> String {
        let request = self
            .client
            .get(format!("{}{path}", self.console))
            .header("cookie", &self.cookie);
        let page = request.send().await.expect("the console answers");
        page.text().await.expect("a whole page")
    }

    /// The size of a page.
    pub async fn look(&self, path: &str) -> usize {
        let request = self
            .client
            .get(format!("{}{path}", self.console))
            .header("cookie", &self.cookie);
        let page = request.send().await.expect("the console answers");
        assert!(page.status() == 200, "{path}: {}", page.status());
        page.bytes().await.expect("a whole page").len()
    }
}

/// A text as forms send it: every byte by its number.
fn encoded(text: &str) -> String {
    let bytes: Vec<_> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    bytes.concat()
}
