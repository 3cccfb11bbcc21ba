//! One's own account: the code after the password, and the sessions.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use fileward_policy::words::{Both, both};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::attempt::{Attempt, Source};
use super::code::{Shared, recovery_codes, recovery_hash};
use super::entry::sent_out;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{Console, layout, words};
use crate::safe::visible;
use crate::store::sessions::Stage;

pub(super) async fn page(visitor: Visitor, State(console): State<Arc<Console>>) -> Markup {
    overview(&console, &visitor, None)
}

fn overview(console: &Console, visitor: &Visitor, said: Option<Both>) -> Markup {
    let missing = console.misses_code(visitor);
    layout::page(
        visitor,
        &visible(&visitor.user.name),
        &html! {
            @if let Some(said) = said { p.note.warning role="alert" { (visitor.say(said)) } }
            @if missing { p.note { (visitor.say(MUST)) } }
            h2 { (visitor.say(CODES)) }
            @if visitor.user.has_code { (remove_form(console, visitor)) } @else { (begin_form(visitor)) }
            h2 { (visitor.say(SESSIONS)) }
            form method="post" action="/account/sessions" {
                (layout::token(visitor))
                button.second { (visitor.say(END_SESSIONS)) }
            }
        },
    )
}

fn begin_form(visitor: &Visitor) -> Markup {
    html! {
        p { (visitor.say(EXPLAINED)) }
        form.actions method="post" action="/account/code" {
            (layout::token(visitor))
            label {
                span { (visitor.say(words::PASSWORD)) }
                input name="password" type="password" autocomplete="current-password" required;
            }
            button { (visitor.say(BEGIN)) }
        }
    }
}

fn remove_form(console: &Console, visitor: &Visitor) -> Markup {
    html! {
        p { (visitor.say(IN_USE)) }
        @if !console.must_have_code.contains(&visitor.user.role) {
            form.actions method="post" action="/account/code/remove" {
                (layout::token(visitor))
                (code_field(visitor))
                button.second { (visitor.say(REMOVE)) }
            }
        }
    }
}

fn code_field(visitor: &Visitor) -> Markup {
    html! {
        label {
            span { (visitor.say(CODE)) }
            input name="code" autocomplete="one-time-code" inputmode="numeric" maxlength="40" required;
        }
    }
}

impl Console {
    /// Whether their role must log in with a code and they do not yet.
    pub(super) fn misses_code(&self, visitor: &Visitor) -> bool {
        visitor.session.stage == Stage::Whole
            && self.must_have_code.contains(&visitor.user.role)
            && !visitor.user.has_code
    }
}

#[derive(Deserialize)]
pub(super) struct Password {
    token: String,
    password: String,
}

/// Shows the secret to be put into the telephone. The password is asked for, so that an open page is not enough.
pub(super) async fn begin_code(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    source: Source,
    Form(form): Form<Password>,
) -> Result<Markup, Oops> {
    visitor.must_be_own_form(&form.token)?;
    let user = &visitor.user;
    let attempt = Attempt::new(&source, Some(user), &user.name, Timestamp::now());
    let locked = console.turned_away(&attempt) || console.is_locked(&attempt);
    let hash = user.password_hash.clone().filter(|_| !locked);
    if !console.verify(form.password, hash, visitor.language).await? {
        console.failed(&attempt, locked).await?;
        return Ok(overview(&console, &visitor, Some(WRONG_PASSWORD)));
    }
    let shared = Shared::new(user).map_err(failed)?;
    let sealed = shared.seal(&console.seal, user.id).map_err(failed)?;
    console.store.begin_code(user.id, sealed).await?;
    confirm_form(&visitor, &shared, None)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
fn failed(error: anyhow::Error) -> Oops {
    Oops::Conflict(format!("{error:#}"))
}

fn confirm_form(visitor: &Visitor, shared: &Shared, said: Option<Both>) -> Result<Markup, Oops> {
    let picture = shared.picture().map_err(failed)?;
    Ok(layout::page(
        visitor,
        visitor.say(CODES),
        &html! {
            @if let Some(said) = said { p.note.warning role="alert" { (visitor.say(said)) } }
            p { (visitor.say(SCAN)) }
            (picture)
            p { (visitor.say(OR_TYPE)) " " code { (shared.text()) } }
            form.actions method="post" action="/account/code/confirm" {
                (layout::token(visitor))
                (code_field(visitor))
                button { (visitor.say(CONFIRM)) }
            }
        },
    ))
}

#[derive(Deserialize)]
pub(super) struct Typed {
    token: String,
    code: String,
}

pub(super) async fn confirm_code(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(form): Form<Typed>,
) -> Result<Markup, Oops> {
    visitor.must_be_own_form(&form.token)?;
    let user = &visitor.user;
    let begun = console.store.code(user.id).await?.filter(|row| !row.confirmed);
    let shared = begun.and_then(|row| Shared::open(&console.seal, user, &row.sealed));
    let Some(shared) = shared else {
        return Err(Oops::Conflict(visitor.say(NOTHING_BEGUN).to_owned()));
    };
    let Some(step) = shared.step(&form.code, Timestamp::now()) else {
        return confirm_form(&visitor, &shared, Some(WRONG_CODE));
    };
    let codes = recovery_codes().map_err(failed)?;
    let hashes = codes.iter().map(|code| recovery_hash(code)).collect();
    console.store.confirm_code(user.id, step, hashes, visitor.by()).await?;
    Ok(layout::page(
        &visitor,
        visitor.say(RECOVERY),
        &html! {
            p.note { (visitor.say(RECOVERY_NOTE)) }
            ol { @for code in &codes { li { code { (code) } } } }
            p { a href="/account" { (visitor.say(DONE)) } }
        },
    ))
}

pub(super) async fn remove_code(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    source: Source,
    Form(form): Form<Typed>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(&form.token)?;
    let user = &visitor.user;
    if !user.has_code || console.must_have_code.contains(&user.role) {
        return Err(Oops::Conflict(visitor.say(MUST).to_owned()));
    }
    let now = Timestamp::now();
    let attempt = Attempt::new(&source, Some(user), &user.name, now);
    let locked = console.turned_away(&attempt) || console.is_locked(&attempt);
    if locked || !console.takes_code(user, &form.code, now).await? {
        console.failed(&attempt, locked).await?;
        return Ok(overview(&console, &visitor, Some(WRONG_CODE)).into_response());
    }
    console.store.forget_code(user.id, visitor.by()).await?;
    Ok(Redirect::to("/account").into_response())
}

#[derive(Deserialize)]
pub(super) struct OnlyToken {
    token: String,
}

pub(super) async fn end_sessions(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(form): Form<OnlyToken>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(&form.token)?;
    console.store.end_sessions(visitor.user.id, visitor.by()).await?;
    Ok(sent_out())
}

const CODES: Both = both("动态验证码", "Log-in with a code");
const SESSIONS: Both = both("登录状态", "Sessions");
const END_SESSIONS: Both = both("退出所有登录", "Log out everywhere");
const EXPLAINED: Both = both(
    "启用后，登录时除密码外还需输入手机验证器应用（TOTP）显示的六位数字。",
    "From then on, logging in takes the password and six digits that an authenticator app (TOTP) on your telephone shows.",
);
const MUST: Both = both(
    "您的角色必须使用动态验证码登录。",
    "Your role must log in with a code from a telephone.",
);
const BEGIN: Both = both("启用", "Set it up");
const IN_USE: Both = both(
    "已启用。手机遗失时请使用恢复码登录，或请管理员重置。",
    "It is in use. If the telephone is lost, log in with a recovery code or ask an administrator.",
);
const REMOVE: Both = both("停用", "Stop using it");
const CODE: Both = both("六位验证码", "Six digits");
const WRONG_PASSWORD: Both = both("密码不正确。", "The password is wrong.");
const WRONG_CODE: Both = both(
    "验证码不正确，或已使用过。请检查手机时间。",
    "The code is wrong, or was used already. Check the telephone's clock.",
);
const SCAN: Both = both(
    "用验证器应用扫描此图，再输入它显示的数字。",
    "Scan this picture with the authenticator app, then type the digits it shows.",
);
const OR_TYPE: Both = both("或手动输入密钥：", "Or type this key into it:");
const CONFIRM: Both = both("确认", "Confirm");
const NOTHING_BEGUN: Both = both("请从头开始设置。", "Begin the set-up again.");
const RECOVERY: Both = both("恢复码", "Recovery codes");
const RECOVERY_NOTE: Both = both(
    "请打印或抄写并妥善保管：手机不在身边时，每个恢复码可代替验证码登录一次。此页不会再次显示。",
    "Print them or write them down: without the telephone each of them logs you in once. They are not shown again.",
);
const DONE: Both = both("我已保存", "I have kept them");
