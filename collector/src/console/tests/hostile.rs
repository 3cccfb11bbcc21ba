//! Hostile text in every field of every form, read back on every page.

use std::fmt::Write as _;

use super::*;
use crate::safe::is_hidden;

/// What must never come back as it was sent.
const HOSTILE: &[(&str, &str)] = &[
    ("markup", "<script>alert(1)</script><img src=x onerror=alert(1)>"),
    ("an attribute", "\"' autofocus onfocus=alert(1) x=\"'>"),
    ("text turned round", "\u{202e}gpj.exe\u{2066}\u{200f}"),
    ("controls", "a\u{7}\u{1b}[31m\u{8}\u{7f}\u{85}b"),
    ("nothing", "a\u{0}b"),
    ("lines", "a\r\nSet-Cookie: x=y\r\n\r\n<b>b\u{2028}c"),
    ("tags that hide text", "a\u{e0041}\u{feff}\u{200b}b"),
    ("SQL", "'; DROP TABLE user; --"),
    ("an address", "javascript:alert(1)//../../etc/passwd"),
];

/// Every form with text in it; `{}` is the field that is hostile.
const FORMS: &[(&str, &str)] = &[
    ("/people", "name={}&role=auditor&groups=a"),
    ("/people", "name=fine&role=auditor&groups={}"),
    ("/people", "name=fine&role={}&groups="),
    ("/people/{user}/groups", "groups={}"),
    ("/people/{user}/role", "role={}"),
    ("/people/{user}/standing", "what={}"),
    ("/devices/{device}/purpose", "purpose=other&note={}"),
    (
        "/devices/{device}/purpose?state={}&text={}&group={}",
        "purpose=handling&note={}",
    ),
    ("/devices/{device}/purpose", "purpose={}&note=a"),
    ("/findings/{device}/{finding}/work", "what=comment&text={}"),
    ("/findings/{device}/{finding}/work", "what=exempt&text={}&until="),
    ("/findings/{device}/{finding}/work", "what=reopen&text={}"),
    ("/findings/{device}/{finding}/work", "what=assign&to={}"),
    ("/findings/{device}/{finding}/work", "what={}&text=a&until={}"),
    ("/findings/selected", "what=comment&finding={}&text={}"),
    ("/devices/{device}/erase", "reason={}"),
    ("/people/{user}/erase", "reason={}"),
    (
        "/corrections",
        "about=device:{device}&person={}&wrong={}&wanted={}&reason={}&not_theirs={}&theirs={}",
    ),
    ("/corrections", "about={}&person=a&wrong=b&wanted=c&reason=d"),
    ("/corrections/1", "decision={}&answer=a"),
    ("/corrections/1", "decision=accept&answer={}"),
    ("/ladder", "zh_cn={}&en={}&from_repeat=1"),
    ("/ladder", "zh_cn=a&en=b&from_repeat={}"),
    ("/devices/{device}/binding", "binding={}"),
    ("/account/code", "password={}"),
    ("/account/code/confirm", "code={}"),
    ("/account/code/remove", "code={}"),
    ("/login", "name={}&password=a"),
    ("/login", "name=a&password={}"),
    ("/welcome/{}", "password=a&again=b"),
    ("/welcome/nonsense", "password={}&again={}"),
];

/// Every page, and what of its address is text.
const PAGES: &[&str] = &[
    "/",
    "/findings?text={}",
    "/findings?state={}&severity={}&rule={}&place={}&app={}&device={}&sort={}",
    "/findings/{device}/{finding}",
    "/findings?device={device}",
    "/findings?by=repeat&group={}&assignee={}&by={}",
    "/answers?offset={}",
    "/rules",
    "/ladder",
    "/devices?text={}&binding={}&sort={}",
    "/devices/{device}",
    "/places?offset={}",
    "/policy?version={}",
    "/audit?subject={}",
    "/requests?name={}",
    "/corrections/1",
    "/corrections/new?about={}",
    "/people?text={}",
    "/people/{user}",
    "/account",
    "/sign-on/back?code={}&state={}",
    "/language/{}",
    "/assets/{}",
    "/welcome/{}",
    "/{}",
];

fn encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "%{byte:02X}");
        text
    })
}

fn must_be_harmless(page: &Page, what: &str, at: &str) {
    assert_ne!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{what} at {at}");
    let hidden = page.body.chars().find(|c| is_hidden(*c) && *c != '\n');
    assert_eq!(hidden, None, "{what} at {at}");
    for raw in [
        "<script",
        "<img src=x",
        "<b>b",
        "onfocus=alert(1) x=\"",
        "href=\"javascript",
    ] {
        assert!(!page.body.contains(raw), "{raw} of {what} at {at}: {}", page.body);
    }
    assert!(
        page.headers
            .get("set-cookie")
            .is_none_or(|cookie| !cookie.to_str().unwrap().contains("x=y"))
    );
}

#[tokio::test]
async fn whatever_is_typed_into_a_field_comes_back_as_text_on_every_page() {
    for (what, text) in HOSTILE {
        let house = House::new();
        let (device, finding) = house.device_with_finding(&text.replace('\0', "\u{1}")).await;
        let user = house.user("somebody", Role::Auditor).await;
        let session = house.session(Role::Administrator).await;
        let filled = |path: &str| {
            path.replace("{device}", &device.to_string())
                .replace("{finding}", &finding.to_string())
                .replace("{user}", &user.0.to_string())
                .replace("{}", &encoded(text.as_bytes()))
        };
        for (path, fields) in FORMS {
            let page = house.send(&filled(path), &session, &filled(fields)).await;
            must_be_harmless(&page, what, path);
        }
        for path in PAGES {
            let page = house.get(&filled(path), Some(session.text())).await;
            must_be_harmless(&page, what, path);
        }
        let seen = house
            .get(&filled("/findings/{device}/{finding}"), Some(session.text()))
            .await;
        assert!(
            seen.body.contains("That you looked is recorded"),
            "the finding itself was read, not the question before it"
        );
        assert!(house.store.verify().await.unwrap().faults.is_empty(), "{what}");
        assert!(!house.store.users().await.unwrap().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn what_is_too_long_or_no_text_is_refused_and_not_shown() {
    let house = House::new();
    let (device, finding) = house.device_with_finding("报价单.docx").await;
    let user = house.user("somebody", Role::Auditor).await;
    let session = house.session(Role::Administrator).await;
    let long = "x".repeat(64 * 1024);
    for (path, fields) in FORMS {
        let filled = |text: &str, part: &str| {
            text.replace("{device}", &device.to_string())
                .replace("{finding}", &finding.to_string())
                .replace("{user}", &user.0.to_string())
                .replace("{}", part)
        };
        let page = house.send(&filled(path, "x"), &session, &filled(fields, &long)).await;
        if fields.contains("{}") {
            assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        }
        assert!(!page.body.contains(&long), "{path}");
        // Bytes that are no UTF-8: whatever becomes of them, they come back as text.
        let page = house
            .send(&filled(path, "%FF%FE"), &session, &filled(fields, "%C3%28%FF%00"))
            .await;
        must_be_harmless(&page, "no UTF-8", path);
    }
    let list = house.get("/people", Some(session.text())).await;
    assert!(!list.body.contains(&"x".repeat(100)));
}
