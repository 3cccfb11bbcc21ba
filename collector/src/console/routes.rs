//! The table of routes: each stands with what it needs, is guarded by it before its handler runs, and is known to the
//! tests, which ask for every route in every role.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::Console;
use super::access::Right;
use super::oops::Oops;
use super::visitor::Visitor;

/// What a route needs of those who ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: it is open to anybody.
    Nothing,
    /// That they have logged in, in whatever role.
    LogIn,
    /// That their role has this right.
    Right(Right),
}

impl From<Right> for Needs {
    fn from(right: Right) -> Self {
        Self::Right(right)
    }
}

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
}

/// The routes, and the router made of them.
pub(super) struct Routes {
    console: Arc<Console>,
    router: Router<Arc<Console>>,
    table: Vec<Route>,
}

impl Routes {
    /// No routes yet, over this console.
    pub(super) fn new(console: Arc<Console>) -> Self {
        Self {
            console,
            router: Router::new(),
            table: Vec::new(),
        }
    }

    /// A page to look at.
    pub(super) fn page<H, T>(self, path: &'static str, needs: impl Into<Needs>, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        self.add(&Method::GET, path, needs.into(), get(handler))
    }

    /// A form that changes something.
    pub(super) fn form<H, T>(self, path: &'static str, needs: impl Into<Needs>, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        self.add(&Method::POST, path, needs.into(), post(handler))
    }

    fn add(mut self, method: &Method, path: &'static str, needs: Needs, handler: MethodRouter<Arc<Console>>) -> Self {
        let guarded = match needs {
            Needs::Nothing => handler,
            needs => handler.route_layer(from_fn_with_state((Arc::clone(&self.console), needs), admit)),
        };
        self.router = self.router.route(path, guarded);
        self.table.push(Route {
            method: if *method == Method::GET { "GET" } else { "POST" },
            path,
            needs,
        });
        self
    }

    /// Every route.
    #[cfg(test)]
    pub(super) fn table(&self) -> &[Route] {
        &self.table
    }

    /// The router.
    pub(super) fn router(self) -> Router {
        self.router.with_state(self.console)
    }
}

/// Lets only those through who may. The handler finds the same visitor again.
async fn admit(
    State((console, needs)): State<(Arc<Console>, Needs)>,
    request: Request,
    next: Next,
) -> Result<Response, Oops> {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, &console).await?;
    if let Needs::Right(right) = needs {
        visitor.must(right)?;
        if console.misses_code(&visitor) {
            return Err(Oops::SetUpCode);
        }
    }
    parts.extensions.insert(visitor);
    Ok(next.run(Request::from_parts(parts, body)).await)
}
