//! The page: the built-in files, or the folder of `gateway.controlUi.root`, below `gateway.controlUi.basePath`.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts};

use self::{
    document::Document,
    file::{Found, PageFile},
};
use super::table::{HttpAccess, HttpRoute};
use crate::{
    config::{
        Paths,
        gateway::{ControlUiConfig, PageFolder},
    },
    edge::query::decoded,
    state::App,
};

mod avatar;
mod bootstrap;
mod builtin;
mod document;
mod file;
mod folder;

/// Said in the page's place.
const UNBUILT: &str = "it is not in this build; run `cargo xtask ui` and build again";

/// Paths that are never the page's, so that a typo there is a 404 and not a page.
const RESERVED: [&str; 6] = ["/api", "/plugins", "/v1", "/hooks", "/__openclaw", "/__openclaw__"];

/// What is answered here beside files and views, below the page's own path.
pub(super) const PLACES: &[HttpRoute] = &[
    HttpRoute::get("/", HttpAccess::Everyone),
    HttpRoute::get(bootstrap::OPEN, HttpAccess::ReaderSeesMore),
    HttpRoute::get(bootstrap::GUARDED[0], HttpAccess::Reader),
    HttpRoute::get(bootstrap::GUARDED[1], HttpAccess::Reader),
    HttpRoute::get("/avatar/{agent}", HttpAccess::Reader),
];

/// What a browser gets, and where.
pub(crate) struct Page {
    /// Empty, or `/x/y`.
    prefix: String,
    source: Source,
}

enum Source {
    /// Switched off.
    Nowhere,
    /// The built-in page, which is not in this build.
    Unbuilt,
    /// The built-in page.
    Builtin(Document),
    /// Another one, read anew for each request: it may be replaced while the gateway runs.
    Folder(PageFolder),
}

/// Where a path leads.
enum Place<'a> {
    /// To the page, or below it: the path from there, with its slash.
    Inside(&'a str),
    /// To the address of the page, which has a slash at its end.
    Door,
    /// Elsewhere.
    Outside,
}

impl Page {
    /// The page of a config.
    pub(crate) fn new(config: &ControlUiConfig, paths: &Paths) -> Self {
        let prefix = config.prefix();
        let source = match config.folder(paths) {
            _ if !config.is_enabled() => Source::Nowhere,
            Some(folder) => Source::Folder(folder),
            None => builtin::index(&prefix).map_or(Source::Unbuilt, Source::Builtin),
        };
        Self { prefix, source }
    }

    /// Whether there is one.
    pub(crate) fn is_served(&self) -> bool {
        !matches!(self.source, Source::Nowhere)
    }

    /// Its path, with a slash at the end.
    pub(crate) fn path(&self) -> String {
        format!("{}/", self.prefix)
    }

    /// The prefix of everything that belongs to it: empty, or `/x/y`.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether it is at `/` and not below a path of its own.
    pub(super) fn is_at_root(&self) -> bool {
        self.is_served() && self.prefix.is_empty()
    }

    fn place<'a>(&self, path: &'a str) -> Place<'a> {
        match path.strip_prefix(self.prefix.as_str()) {
            Some("") => Place::Door,
            Some(rest) if rest.starts_with('/') => Place::Inside(rest),
            _ if path == "/" => Place::Door,
            _ => Place::Outside,
        }
    }
}

/// From `/ui/…` to `/…`. What follows is a path of this host, whatever it looks like: more than one
/// slash in front would name another.
pub(super) async fn moved(uri: Uri) -> Response {
    let rest = uri.path().strip_prefix("/ui").unwrap_or_default().trim_start_matches(['/', '\\']);
    redirect(StatusCode::PERMANENT_REDIRECT, &format!("/{rest}"), &uri)
}

/// Sends a request to another path, its query with it.
fn redirect(status: StatusCode, path: &str, asked: &Uri) -> Response {
    let query = asked.query().map(|query| format!("?{query}")).unwrap_or_default();
    match HeaderValue::from_str(&format!("{path}{query}")).ok().filter(|_| is_plain(path)) {
        Some(target) => {
            let mut response = super::text(status, "");
            response.headers_mut().insert(header::LOCATION, target);
            response
        }
        None => not_found(),
    }
}

/// Whether every reader of a path sees the same path: no part that somebody may resolve or decode.
fn is_plain(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let odd = ["//", "\\", "%2f", "%5c", "%2e", "%00", "%25"];
    !odd.iter().any(|odd| path.contains(odd))
        && !path.split('/').any(|part| matches!(part, "." | ".."))
}

/// Answers every path that no other route has.
pub(super) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    let path = request.uri.path();
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    if !reads || !is_plain(path) || !app.page.is_served() {
        return not_found();
    }
    match app.page.place(path) {
        Place::Outside => not_found(),
        Place::Door => redirect(StatusCode::FOUND, &app.page.path(), &request.uri),
        Place::Inside(rest) => below(&app, rest, &request).await,
    }
}

async fn below(app: &Arc<App>, rest: &str, request: &Parts) -> Response {
    if bootstrap::is_path(rest) {
        return bootstrap::answer(app, rest, request).await;
    }
    if let Some(agent) = rest.strip_prefix("/avatar/") {
        return avatar::answer(app, agent, request).await;
    }
    let below = |prefix: &&str| rest == *prefix || rest.starts_with(&format!("{prefix}/"));
    // The view of a page of 2026.9.6; further down it is the plugins' own.
    let reserved = !matches!(rest, "/plugins" | "/plugins/") && RESERVED.iter().any(below);
    match decoded(rest.trim_start_matches('/')) {
        Some(name) if !reserved => app.page.find(&name, &request.headers).await,
        _ => not_found(),
    }
}

impl Page {
    async fn find(&self, name: &str, asked: &HeaderMap) -> Response {
        let found = match &self.source {
            Source::Nowhere => Found::Nothing,
            Source::Unbuilt => Found::Fault(UNBUILT.to_owned()),
            Source::Builtin(index) => builtin::find(name, index),
            Source::Folder(folder) => {
                folder::find(folder.clone(), name.to_owned(), self.prefix.clone()).await
            }
        };
        match found {
            Found::Nothing if is_view(name, asked) => self.index().await.answer(asked),
            found => found.answer(asked),
        }
    }

    /// The page itself, which stands for each of its views.
    async fn index(&self) -> Found {
        match &self.source {
            Source::Nowhere => Found::Nothing,
            Source::Unbuilt => Found::Fault(UNBUILT.to_owned()),
            Source::Builtin(index) => Found::Document(index.clone()),
            Source::Folder(folder) => folder::index(folder.clone(), self.prefix.clone()).await,
        }
    }
}

impl Found {
    fn answer(self, asked: &HeaderMap) -> Response {
        match self {
            Self::Document(document) => send_document(&document, asked),
            Self::File(file) => send_file(file, asked),
            Self::Nothing => guarded(not_found(), asked),
            Self::Fault(fault) => guarded(unavailable(&fault), asked),
        }
    }
}

/// Whether a path that is no file is a view of the page. One that ends like a file is not, nor is one that is
/// hidden, and who wants JSON did not look for one.
fn is_view(name: &str, headers: &HeaderMap) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    let hidden = name.split('/').any(|part| part.starts_with('.'));
    !hidden && content_type(last).is_none() && takes_pages(headers)
}

/// Whether a page is among what the client accepts; without a word everything is.
fn takes_pages(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted
        .is_none_or(|accepted| ["html", "*/*", "text/*"].iter().any(|kind| accepted.contains(kind)))
}

fn not_found() -> Response {
    super::text(StatusCode::NOT_FOUND, "Not Found")
}

/// What stands in the page's place. Strangers read it too, so it does not say where a folder is.
fn unavailable(fault: &str) -> Response {
    let message = format!("There is no page: {fault}.\n");
    let mut response = super::text(StatusCode::SERVICE_UNAVAILABLE, message);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn send_document(document: &Document, asked: &HeaderMap) -> Response {
    let body = Body::from(document.body.clone());
    let response = unless_known(asked, &document.tag, "text/html; charset=utf-8", body);
    guarded(allowed(response, &document.policy), asked)
}

fn send_file(file: PageFile, asked: &HeaderMap) -> Response {
    let mut response = unless_known(asked, &file.tag, file.kind, file.body);
    if response.status() == StatusCode::OK {
        // A body that is read piece by piece does not know its length.
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(file.length));
    }
    guarded(allowed(response, &file.policy), asked)
}

fn allowed(mut response: Response, policy: &str) -> Response {
    if let Ok(policy) = HeaderValue::from_str(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The body with its tag, or 304 when the browser has it. `no-cache`: it may keep what it asks about again.
fn unless_known(asked: &HeaderMap, tag: &str, kind: &'static str, body: Body) -> Response {
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let same = |value: &str| {
        value.trim() == "*" || value.split(',').any(|offered| bare(offered) == bare(tag))
    };
    let mut response = if known.into_iter().any(same) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, kind)], body).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// With the headers that keep other sites out. A policy that is there already stays.
fn guarded(mut response: Response, asked: &HeaderMap) -> Response {
    let headers = response.headers_mut();
    let policy = headers.entry(header::CONTENT_SECURITY_POLICY);
    policy.or_insert_with(|| HeaderValue::from_static(document::STRICT));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    // Browsers heed it where they trust the origin, and complain elsewhere, such as on plain HTTP in a
    // network. Which of the two holds they say themselves: this header goes to trusted origins alone.
    if asked.contains_key("sec-fetch-site") {
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    }
    response
}

/// The type of a file by the end of its name, when it is one that pages are made of.
fn content_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "webmanifest" => "application/manifest+json; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "wasm" => "application/wasm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "br" | "gz" | "zip" => "application/octet-stream",
        _ => return None,
    })
}
