//! Cross-origin reading: for the pages of `gateway.controlUi.allowedOrigins`, and no others.

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use openclaw_auth::origin::OriginVerdict;

use super::gatekeeper::Passed;
use crate::upgrade::single;

/// What a page may send; more than one list, since browsers ask for each method they use.
const METHODS: &str = "GET, HEAD, POST";
/// Headers that scripts may read besides the usual ones.
const EXPOSED: &str = "retry-after";
/// How long a browser may keep a preflight's answer, in seconds.
const MAX_AGE: &str = "600";
/// The longest list of header names that a preflight may ask for, in bytes.
const MAX_REQUESTED: usize = 1024;

/// The origin of a request when the config lists it.
pub(super) fn listed(passed: &Passed, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = (passed.origin == OriginVerdict::Listed).then(|| headers.get(header::ORIGIN))?;
    origin.cloned()
}

/// The answer to a preflight of a listed origin.
pub(super) fn preflight(request: &Request) -> Option<Response> {
    let headers = request.headers();
    let asks = request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let out = response.headers_mut();
    out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    out.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    // The secret is what protects, not the names of headers: what a listed page asks for it may send.
    let asked = single(headers, &header::ACCESS_CONTROL_REQUEST_HEADERS);
    if let Some(asked) = asked.filter(|asked| is_name_list(asked))
        && let Ok(value) = HeaderValue::from_str(asked)
    {
        out.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, value);
    }
    Some(response)
}

/// Lets scripts of a listed origin read an answer.
pub(super) fn allow(origin: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}

fn is_name_list(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b',' | b' ');
    text.len() <= MAX_REQUESTED && text.bytes().all(plain)
}
