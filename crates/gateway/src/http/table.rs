//! What a route is. The router is made of tables of these alone, so that there is none that does not say
//! who may use it.

use std::sync::Arc;

use axum::{Router, routing::MethodRouter};
use openclaw_protocol::Scope;

use crate::state::App;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpAccess {
    /// Everyone whose Host and Origin pass.
    Everyone,
    /// The same, and the secret, or a person who is vouched for and may read, is told more.
    OwnerSeesMore,
    /// The same, and whoever may read is told more. A wrong credential is refused.
    ReaderSeesMore,
    /// Who brings nothing gets the page; a credential must be one of [`HttpAccess::Needs`].
    PageOrNeeds(Scope),
    /// Whoever may read: as [`HttpAccess::Needs`], and the token of an operator's device.
    Reader,
    /// The shared secret, which has every scope, or a person who is vouched for and has this one.
    Needs(Scope),
}

/// One route, as it is described.
#[derive(Debug, Clone, Copy)]
pub struct HttpRoute {
    /// The method that it answers; a GET is a HEAD too.
    pub method: &'static str,
    /// The path, in which `{name}` is any one part and `{*name}` is all that follows.
    pub path: &'static str,
    /// Who may use it.
    pub access: HttpAccess,
}

/// One route, and what answers.
pub(super) struct Row {
    pub(super) route: HttpRoute,
    /// Whether this gateway has it.
    pub(super) on: fn(&App) -> bool,
    pub(super) serve: fn() -> MethodRouter<Arc<App>>,
}

impl HttpRoute {
    /// A route that reads.
    pub(super) const fn get(path: &'static str, access: HttpAccess) -> Self {
        Self { method: "GET", path, access }
    }

    /// A route that does something.
    pub(super) const fn post(path: &'static str, access: HttpAccess) -> Self {
        Self { method: "POST", path, access }
    }
}

/// Adds the rows that this gateway has.
pub(super) fn add(router: Router<Arc<App>>, rows: &[Row], app: &App) -> Router<Arc<App>> {
    let rows = rows.iter().filter(|row| (row.on)(app));
    rows.fold(router, |router, row| router.route(row.route.path, (row.serve)()))
}
