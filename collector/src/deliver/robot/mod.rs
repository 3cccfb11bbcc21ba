//! Group robots of WeCom, DingTalk and Feishu: a digest for people, at most one message a minute.
//!
//! A group is read by many. So a message tells how many findings are open of which rule and severity, and of which group
//! of devices: no device, no person, and no file's name unless the target is set so.

mod digest;
mod dingtalk;
mod feishu;
mod wecom;
mod words;

use anyhow::Result;
use fileward_protocol::vocabulary::Language;
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use super::http::{self, Answer, Client};
use super::{Outcome, Secrets};
use crate::store::targets::{Letter, Subject, Target, TargetKind};
use digest::Note;

/// A group robot.
pub(crate) struct Robot {
    client: Client,
    url: Url,
    key: Option<String>,
    platform: Platform,
    language: Language,
    is_card: bool,
    with_file_names: bool,
    console: String,
}

/// Whose robot it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Platform {
    Wecom,
    Dingtalk,
    Feishu,
}

impl Robot {
    /// Sets up a robot. `console` is what messages link to.
    pub(super) fn new(target: &Target, secrets: Secrets, console: &str) -> Result<Self> {
        Ok(Self {
            client: Client::new(target.wanted.authorities.as_deref())?,
            url: http::url(&secrets.address)?,
            key: secrets.key,
            platform: match target.kind {
                TargetKind::Dingtalk => Platform::Dingtalk,
                TargetKind::Feishu => Platform::Feishu,
                TargetKind::Wecom | TargetKind::Syslog | TargetKind::Webhook => Platform::Wecom,
            },
            language: target.wanted.language,
            is_card: target.wanted.card,
            with_file_names: target.wanted.file_names,
            console: console.to_owned(),
        })
    }

    /// Sends one message about all these letters.
    pub(super) async fn send(&self, letters: &[&Letter]) -> Outcome {
        let findings = letters.iter().filter_map(|letter| match &letter.subject {
            Subject::Finding(row) => Some(&**row),
            Subject::Device(_) | Subject::Audit(_) => None,
        });
        let link = format!("{}/findings?state=open", self.console);
        let note = digest::note(findings, self.language, self.with_file_names, link);
        self.post(&note).await
    }

    /// Sends a message by which people see that the robot works.
    pub(super) async fn test(&self) -> Outcome {
        self.post(&digest::test(self.language, self.console.clone())).await
    }

    async fn post(&self, note: &Note) -> Outcome {
        let (url, message) = self.message(note, Timestamp::now());
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        match self.client.post(url, headers, message.to_string().into_bytes()).await {
            Ok(answer) => self.outcome(&answer),
            Err(outcome) => outcome,
        }
    }

    /// The message and where to post it, signed as the platform demands.
    fn message(&self, note: &Note, now: Timestamp) -> (Url, Value) {
        let key = self.key.as_deref();
        match self.platform {
            Platform::Wecom => (self.url.clone(), wecom::message(note, self.is_card)),
            Platform::Dingtalk => (
                dingtalk::signed(&self.url, key, now),
                dingtalk::message(note, self.is_card),
            ),
            Platform::Feishu => (
                self.url.clone(),
                feishu::signed(feishu::message(note, self.is_card), key, now),
            ),
        }
    }

    /// What an answer means: the platforms answer 200 also where they refuse, with a number of their own.
    fn outcome(&self, answer: &Answer) -> Outcome {
        if !answer.status.is_success() {
            return answer.outcome();
        }
        let Ok(said) = serde_json::from_slice::<Said>(&answer.body) else {
            return Outcome::Later("its answer is not the platform's".to_owned(), None);
        };
        let Some(code) = said.code else {
            return Outcome::Later("its answer has no code".to_owned(), None);
        };
        let message = crate::safe::visible(&said.message);
        let reason = format!("it answered {code}: {}", message.chars().take(200).collect::<String>());
        let passes = match self.platform {
            Platform::Wecom => wecom::PASSES,
            Platform::Dingtalk => dingtalk::PASSES,
            Platform::Feishu => feishu::PASSES,
        };
        match code {
            0 => Outcome::Taken,
            code if passes.contains(&code) => Outcome::Later(reason, answer.retry_after),
            _ => Outcome::Refused(reason),
        }
    }
}

/// An answer of any of the platforms.
#[derive(Deserialize)]
struct Said {
    #[serde(alias = "errcode")]
    code: Option<i64>,
    #[serde(default, alias = "errmsg", rename = "msg")]
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;

    fn outcome(platform: Platform, body: &str) -> Outcome {
        let robot = Robot {
            client: Client::new(None).unwrap(),
            url: http::url("https://robot.example/send").unwrap(),
            key: None,
            platform,
            language: Language::ZhCn,
            is_card: true,
            with_file_names: false,
            console: String::new(),
        };
        robot.outcome(&Answer {
            status: StatusCode::OK,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn what_a_platform_says_in_its_own_numbers_is_understood() {
        for (platform, taken, later, refused) in [
            (
                Platform::Wecom,
                r#"{"errcode":0,"errmsg":"ok"}"#,
                r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#,
                r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#,
            ),
            (
                Platform::Dingtalk,
                r#"{"errcode":0,"errmsg":"ok"}"#,
                r#"{"errcode":130101,"errmsg":"send too fast"}"#,
                r#"{"errcode":310000,"errmsg":"sign not match"}"#,
            ),
            (
                Platform::Feishu,
                r#"{"code":0,"msg":"success","data":{},"StatusCode":0}"#,
                r#"{"code":11232,"msg":"frequency limited"}"#,
                r#"{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}"#,
            ),
        ] {
            assert_eq!(outcome(platform, taken), Outcome::Taken, "{platform:?}");
            assert!(matches!(outcome(platform, later), Outcome::Later(..)), "{platform:?}");
            let refused = outcome(platform, refused);
            assert!(
                matches!(&refused, Outcome::Refused(why) if why.contains("not") || why.contains("invalid")),
                "{refused:?}"
            );
            for other in ["", "<html>", "{}", "[]", r#"{"errcode":"0"}"#] {
                assert!(matches!(outcome(platform, other), Outcome::Later(..)), "{other}");
            }
        }
    }
}
