//! The page: embedded files under a Content-Security-Policy that allows no inline script.

use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The built page, made by `cargo xtask ui`.
#[derive(RustEmbed)]
#[folder = "assets/ui"]
struct Assets;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Paths that are never the page's, so that a typo there is a 404 and not a page.
const RESERVED: [&str; 5] = ["/api", "/plugins", "/v1", "/hooks", "/__openclaw__"];

/// Answers every path that no other route has.
pub(super) async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return super::text(StatusCode::NOT_FOUND, "Not Found");
    }
    let reserved = |prefix: &&str| path == *prefix || path.starts_with(&format!("{prefix}/"));
    if RESERVED.iter().any(reserved) {
        return super::text(StatusCode::NOT_FOUND, "Not Found");
    }
    let name = path.trim_start_matches('/');
    match Assets::get(name).filter(|_| !name.is_empty()) {
        Some(file) => answer(name, file),
        // A path without an extension is a view of the page; a missing file is not.
        None if name.rsplit('/').next().is_some_and(|last| last.contains('.')) => {
            guarded(super::text(StatusCode::NOT_FOUND, "Not Found"))
        }
        None => match Assets::get("index.html") {
            Some(file) => answer("index.html", file),
            None => super::text(
                StatusCode::SERVICE_UNAVAILABLE,
                "The page is not in this build; run `cargo xtask ui` and build again.",
            ),
        },
    }
}

fn answer(name: &str, file: EmbeddedFile) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type(name)), (header::CACHE_CONTROL, "no-cache")];
    guarded((headers, file.data.into_owned()).into_response())
}

fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
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
