//! The console: where people see whether the rules work. Server-rendered, nothing from elsewhere, and no scripts but for
//! one: the page where a policy is written checks it while somebody types.

mod access;
mod account;
mod apply;
mod attempt;
mod browser;
mod charts;
mod code;
mod devices;
mod download;
mod entry;
mod findings;
mod guesses;
mod hashing;
mod integrations;
mod layout;
mod oops;
mod order;
mod overview;
mod people;
mod places;
mod policy;
mod registers;
mod requests;
mod routes;
mod scope;
pub(crate) mod sign_on;
mod trail;
mod views;
mod visitor;
mod welcome;
mod words;
mod work;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request};
use axum::handler::Handler as _;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use fileward_protocol::ids::CompanyKey;
use fileward_protocol::vocabulary::Language;
use tower_http::timeout::TimeoutLayer;

use self::access::Right;
use self::guesses::Guesses;
use self::hashing::Hashing;
use self::oops::Oops;
use self::routes::{Needs, Routes};
use crate::folder::Folder;
use crate::seal::SealKey;
use crate::store::Store;
use crate::store::people::Role;

/// The largest form, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// How long one page may take, the form sent for it included.
const PAGE_TIME: Duration = Duration::from_secs(30);

/// What a console is made over.
pub(crate) struct Setup {
    /// Everything kept.
    pub store: Arc<dyn Store>,
    /// The collector's folder, where secrets of integrations are kept.
    pub folder: Folder,
    /// The console's own address, for links that are handed out.
    pub url: String,
    /// The company's secret, from which accounts get their pseudonyms.
    pub company_key: CompanyKey,
    /// The key of what is sealed.
    pub seal: SealKey,
    /// The roles that must log in with a code.
    pub must_have_code: Vec<Role>,
    /// The company's own log-in.
    pub sign_on: Option<sign_on::Provider>,
}

/// What every page needs.
struct Console {
    store: Arc<dyn Store>,
    folder: Folder,
    url: String,
    company_key: CompanyKey,
    seal: SealKey,
    must_have_code: Vec<Role>,
    sign_on: Option<sign_on::Provider>,
    guesses: Guesses,
    hashing: Hashing,
    simulations: policy::Simulations,
    page_time: Duration,
}

impl Console {
    fn new(setup: Setup) -> Self {
        Self {
            store: setup.store,
            folder: setup.folder,
            url: setup.url,
            company_key: setup.company_key,
            seal: setup.seal,
            must_have_code: setup.must_have_code,
            sign_on: setup.sign_on,
            guesses: Guesses::default(),
            hashing: Hashing::new(),
            simulations: policy::Simulations::default(),
            page_time: PAGE_TIME,
        }
    }
}

/// The console.
pub(crate) fn router(setup: Setup) -> Router {
    serving(Arc::new(Console::new(setup)))
}

fn serving(console: Arc<Console>) -> Router {
    let page_time = console.page_time;
    routes(console)
        .router()
        .fallback(oops::nothing_here)
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            page_time,
        ))
        .layer(from_fn(guard))
}

/// Every route with what it needs. One that is added here needs a line in the tests' table of who may ask for it.
fn routes(console: Arc<Console>) -> Routes {
    let upload = registers::exchange::upload.layer(DefaultBodyLimit::max(registers::exchange::TABLE_LIMIT));
    let routes = Routes::new(console)
        .page("/", Right::Overview, overview::page)
        .page("/login", Needs::Nothing, entry::log_in_page)
        .form("/login", Needs::Nothing, entry::log_in)
        .page("/sign-on", Needs::Nothing, sign_on::begin)
        .page("/sign-on/back", Needs::Nothing, sign_on::back)
        .page("/login/code", Needs::Nothing, entry::code_page)
        .form("/login/code", Needs::Nothing, entry::check_code)
        .form("/logout", Needs::LogIn, entry::log_out)
        .page("/account", Needs::LogIn, account::page)
        .form("/account/code", Needs::LogIn, account::begin_code)
        .form("/account/code/confirm", Needs::LogIn, account::confirm_code)
        .form("/account/code/remove", Needs::LogIn, account::remove_code)
        .form("/account/sessions", Needs::LogIn, account::end_sessions)
        .page("/welcome/{secret}", Needs::Nothing, welcome::welcome_page)
        .form("/welcome/{secret}", Needs::Nothing, welcome::welcome)
        .page("/language/{language}", Needs::Nothing, entry::language)
        .page("/devices", Right::Devices, devices::list)
        .page("/devices/{device}", Right::Devices, devices::detail)
        .page("/devices.csv", Right::Devices, download::of_devices)
        .form("/devices/views", Right::Devices, views::save_of_devices)
        .form("/devices/selected", Right::Bind, devices::approve_selected)
        .form("/devices/{device}/binding", Right::Bind, devices::bind)
        .form("/devices/{device}/erase", Right::Erase, devices::erase)
        .form("/devices/{device}/purpose", Right::Findings, work::purpose::give)
        .page("/findings", Right::Findings, findings::list)
        .page("/findings.csv", Right::Findings, download::of_findings)
        .page("/findings/{device}/{finding}", Right::Findings, findings::detail)
        .form("/findings/{device}/{finding}/work", Right::Work, work::act)
        .form("/findings/views", Right::Findings, views::save_of_findings)
        .form("/findings/selected", Right::Work, work::selected::act)
        .form("/views/{view}", Right::Devices, views::change)
        .page("/answers", Right::Work, work::answers::page)
        .page("/rules", Right::Decide, work::precision::page)
        .page("/ladder", Right::Ladder, work::ladder::page)
        .form("/ladder", Right::Ladder, work::ladder::set)
        .page("/registers", Right::Register, registers::page)
        .page("/registers/table", Right::Register, registers::exchange::download)
        .form("/registers/table", Right::Register, upload)
        .page("/registers/forms", Right::Register, registers::forms::page)
        .form("/registers/forms", Right::Register, registers::forms::make)
        .form("/registers/forms/{form}", Right::Register, registers::forms::close)
        .page("/registers/{filing}", Right::Register, registers::entry::page)
        .form("/registers/{filing}", Right::Register, registers::entry::act)
        .page("/applications", Right::Applications, registers::applications::list)
        .page(
            "/applications/{application}",
            Right::Applications,
            registers::applications::page,
        )
        .form(
            "/applications/{application}",
            Right::Applications,
            registers::applications::decide,
        )
        .page("/file/{secret}", Needs::Nothing, apply::page)
        .form("/file/{secret}", Needs::Nothing, apply::send)
        .page("/filed/{secret}", Needs::Nothing, apply::state)
        .form("/filed/{secret}", Needs::Nothing, apply::withdraw)
        .page("/places", Right::Devices, places::page)
        .page("/audit", Right::Trail, trail::page)
        .page("/people", Right::People, people::list)
        .form("/people", Right::People, people::add)
        .page("/people/{user}", Right::People, people::detail)
        .form("/people/{user}/role", Right::People, people::set_role)
        .form("/people/{user}/groups", Right::People, people::set_groups)
        .form("/people/{user}/standing", Right::People, people::set_standing)
        .form("/people/{user}/erase", Right::Erase, people::erase::erase)
        .form("/people/{user}/link", Right::People, people::link)
        .page("/assets/{name}", Needs::Nothing, asset);
    requests::routes(integrations::routes(policy::routes(routes)))
}

/// What browsers are told: nothing from elsewhere, nowhere framed, no scripts.
const CONTENT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                       frame-ancestors 'none'; base-uri 'none'";

/// The same for the one page with a script: it comes from here, and talks to nobody else.
const CONTENT_WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                                   frame-ancestors 'none'; base-uri 'none'; script-src 'self'; connect-src 'self'";

/// Headers for every answer: nothing from elsewhere, nothing kept, nowhere framed.
async fn guard(request: Request, next: Next) -> Response {
    let asset = request.uri().path().starts_with("/assets/");
    let content = if request.uri().path() == policy::WITH_SCRIPT {
        CONTENT_WITH_SCRIPT
    } else {
        CONTENT
    };
    let language = visitor::language(request.headers());
    let answer = if is_from_elsewhere(&request) {
        Oops::StrangeForm(language).into_response()
    } else {
        next.run(request).await
    };
    let mut response = in_own_words(answer, language);
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_SECURITY_POLICY, content);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "no-referrer");
    set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(CACHE_CONTROL, if asset { "private, max-age=3600" } else { "no-store" });
    response
}

/// Whether a browser sends a form from another site's page. The forms before a log-in have no token that would tell.
fn is_from_elsewhere(request: &Request) -> bool {
    let from = request.headers().get("sec-fetch-site");
    !request.method().is_safe() && from.is_some_and(|from| from != "same-origin" && from != "none")
}

/// What the framework says of a form it cannot read repeats what was sent, in English. People get a page instead.
fn in_own_words(response: Response, language: Language) -> Response {
    let plain = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if plain && response.status().is_client_error() {
        return Oops::Unreadable(response.status(), language).into_response();
    }
    response
}

async fn asset(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "console.css" => (
            [(CONTENT_TYPE, "text/css; charset=utf-8")],
            include_str!("assets/console.css"),
        )
            .into_response(),
        "policy.js" => (
            [(CONTENT_TYPE, "text/javascript; charset=utf-8")],
            include_str!("assets/policy.js"),
        )
            .into_response(),
        "mark.svg" => ([(CONTENT_TYPE, "image/svg+xml")], include_str!("assets/mark.svg")).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::in_a_hurry;
