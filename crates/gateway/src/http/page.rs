//! The page: embedded files under a Content-Security-Policy that allows no inline script.

use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{config::files, state::App};

/// The built page, made by `cargo xtask ui`.
#[derive(RustEmbed)]
#[folder = "assets/ui"]
struct Assets;

/// What the page may load and do. Text becomes HTML by the two named policies alone: that of the
/// templates, and that of the cleaner of what models write.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types lit-html dompurify";

/// Paths that are never the page's, so that a typo there is a 404 and not a page.
const RESERVED: [&str; 5] = ["/api", "/plugins", "/v1", "/hooks", "/__openclaw__"];

/// Whether the page is at `/` and not below a path of its own.
pub(super) fn is_at_root(app: &App) -> bool {
    let base = app.config.config.gateway.control_ui.base_path.as_deref();
    base.unwrap_or_default().trim_matches('/').is_empty()
}

/// From `/ui/…` to `/…`. What follows is a path of this host, whatever it looks like: more than one
/// slash in front would name another.
pub(super) async fn moved(request: Request) -> Response {
    let uri = request.uri();
    let rest = uri.path().strip_prefix("/ui").unwrap_or_default().trim_start_matches(['/', '\\']);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let target = format!("/{rest}{query}");
    match HeaderValue::from_str(&target).ok().filter(|_| is_plain(&target)) {
        Some(target) => {
            let mut response = super::text(StatusCode::PERMANENT_REDIRECT, "");
            response.headers_mut().insert(header::LOCATION, target);
            response
        }
        None => super::text(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// Whether every reader of a path sees the same path: no part that somebody may resolve or decode.
fn is_plain(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default().to_ascii_lowercase();
    let odd = ["//", "\\", "%2f", "%5c", "%2e", "%00", "%25"];
    !odd.iter().any(|odd| path.contains(odd))
        && !path.split('/').any(|part| matches!(part, "." | ".."))
}

/// Answers every path that no other route has.
pub(super) async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return super::text(StatusCode::NOT_FOUND, "Not Found");
    }
    if !is_plain(path) {
        return super::text(StatusCode::NOT_FOUND, "Not Found");
    }
    let reserved = |prefix: &&str| path == *prefix || path.starts_with(&format!("{prefix}/"));
    if RESERVED.iter().any(reserved) {
        return super::text(StatusCode::NOT_FOUND, "Not Found");
    }
    let name = path.trim_start_matches('/');
    let headers = request.headers();
    match Assets::get(name).filter(|_| !name.is_empty()) {
        Some(file) => answer(name, file, headers),
        // Who wants JSON did not look for a view of the page.
        None if !name.is_empty() && !takes_pages(headers) => {
            super::text(StatusCode::NOT_FOUND, "Not Found")
        }
        // A path without an extension is a view of the page; a missing file is not.
        None if name.rsplit('/').next().is_some_and(|last| last.contains('.')) => {
            guarded(super::text(StatusCode::NOT_FOUND, "Not Found"), headers)
        }
        None => match Assets::get("index.html") {
            Some(file) => answer("index.html", file, headers),
            None => super::text(
                StatusCode::SERVICE_UNAVAILABLE,
                "The page is not in this build; run `cargo xtask ui` and build again.",
            ),
        },
    }
}

/// Whether a page is among what the client accepts; without a word everything is.
fn takes_pages(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted
        .is_none_or(|accepted| ["html", "*/*", "text/*"].iter().any(|kind| accepted.contains(kind)))
}

/// A file, unless the browser has it already: it asks each time, so that a new build shows at once.
fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = tag_of(&file);
    let headers = [(header::CACHE_CONTROL, "no-cache".to_owned()), (header::ETAG, tag.clone())];
    let response = if has(asked, &tag) {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        let kind = [(header::CONTENT_TYPE, content_type(name))];
        (headers, kind, file.data.into_owned()).into_response()
    };
    guarded(response, asked)
}

/// What tells one content of a file from another.
fn tag_of(file: &EmbeddedFile) -> String {
    format!("\"{}\"", files::hex(&file.metadata.sha256_hash()[..12]))
}

fn has(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let mut known = known.flat_map(|tags| tags.split(','));
    known.any(|known| known.trim().trim_start_matches("W/") == tag)
}

/// With the headers that keep other sites out.
fn guarded(mut response: Response, asked: &HeaderMap) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    // Browsers heed it where they trust the origin, and complain elsewhere, such as on plain HTTP in a
    // network. Which of the two holds they say themselves: this header goes to trusted origins alone.
    if asked.contains_key("sec-fetch-site") {
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json" | "webmanifest") => "application/json; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
