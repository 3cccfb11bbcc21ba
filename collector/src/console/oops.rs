//! When a page cannot be shown: what to do instead, or why not.

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Redirect, Response};
use fileward_policy::words::{Both, both};
use fileward_protocol::vocabulary::Language;

use super::layout;
use super::visitor::Speaks;
use crate::safe::visible;
use crate::store::StoreError;

/// Why a page cannot be shown.
#[derive(Debug)]
pub(super) enum Oops {
    /// Nobody has logged in.
    LogIn,
    /// Their role must log in with a code, and they have not set it up.
    SetUpCode,
    /// What was sent cannot be read.
    Unreadable(StatusCode, Language),
    /// There is too much to do.
    Busy(Language),
    /// The visitor's role does not allow it.
    Forbidden(Language),
    /// The form does not come from a page of this session.
    StrangeForm(Language),
    /// What was asked for is not there.
    NotFound(Language),
    /// It cannot be done as things stand.
    Conflict(String),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Oops {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(why) => Self::Conflict(why),
            StoreError::NotFound { what, name } => Self::Conflict(StoreError::NotFound { what, name }.to_string()),
            other => Self::Store(other),
        }
    }
}

impl IntoResponse for Oops {
    fn into_response(self) -> Response {
        match self {
            Self::LogIn => Redirect::to("/login").into_response(),
            Self::Unreadable(status, language) => page(status, UNREADABLE.to(language), language),
            Self::SetUpCode => Redirect::to("/account").into_response(),
            Self::Busy(language) => (
                [(RETRY_AFTER, "5")],
                page(StatusCode::SERVICE_UNAVAILABLE, BUSY.to(language), language),
            )
                .into_response(),
            Self::Forbidden(language) => page(StatusCode::FORBIDDEN, FORBIDDEN.to(language), language),
            Self::StrangeForm(language) => page(StatusCode::FORBIDDEN, STRANGE_FORM.to(language), language),
            Self::NotFound(language) => page(StatusCode::NOT_FOUND, NOT_FOUND.to(language), language),
            Self::Conflict(why) => page(StatusCode::CONFLICT, &visible(&why), Language::En),
            Self::Store(error) => {
                tracing::error!(error = %format!("{:#}", anyhow::Error::from(error)), "a page could not be made");
                page(
                    StatusCode::SERVICE_UNAVAILABLE,
                    UNAVAILABLE.to(Language::En),
                    Language::En,
                )
            }
        }
    }
}

/// The answer at an address that does not exist.
pub(super) async fn nothing_here(Speaks(language): Speaks) -> Response {
    Oops::NotFound(language).into_response()
}

fn page(status: StatusCode, why: &str, language: Language) -> Response {
    (status, layout::message(language, why)).into_response()
}

const FORBIDDEN: Both = both("您的角色无权查看此页。", "Your role does not allow this page.");
const UNREADABLE: Both = both(
    "提交的内容无法识别，或超出长度限制。请返回后重试。",
    "What was sent cannot be read, or is too long. Go back and try again.",
);
const BUSY: Both = both(
    "现在登录的人太多，请稍后再试。",
    "Too many people are logging in at the same time. Try again in a moment.",
);
const STRANGE_FORM: Both = both(
    "此表单已过期或并非来自本次登录。请返回后重试。",
    "This form is out of date or does not come from this log-in. Go back and try again.",
);
const NOT_FOUND: Both = both("没有这个页面或记录。", "There is no such page or record.");
const UNAVAILABLE: Both = both(
    "数据库暂时不可用，请稍后重试。",
    "The database is not available just now. Try again later.",
);
