//! Refusals over HTTP: a status, and the JSON that both versions answer with.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use openclaw_protocol::{ErrorCode, RpcError, Scope};
use serde_json::{Value, json};

/// Why a request is not answered as it wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    kind: &'static str,
    message: String,
    /// Seconds after which it may be tried again.
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), retry_after: None }
    }

    /// The request is wrong as it stands: 400.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// The same type of error with another status, for example 413.
    pub(super) fn request(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, "invalid_request_error", message)
    }

    /// No secret, or a wrong one: 401.
    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized")
    }

    /// Too many wrong ones: 429.
    pub(super) fn locked(retry_after_ms: u64) -> Self {
        let message = "Too many failed authentication attempts. Please try again later.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message).after(retry_after_ms)
    }

    /// The page that asks may not: 403.
    pub(super) fn origin() -> Self {
        let message = "This origin is not allowed; add it to gateway.controlUi.allowedOrigins.";
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// Nothing is asked for, and so only this machine may ask: 403.
    pub(super) fn elsewhere() -> Self {
        let message = "gateway.auth.mode none lets programs of this machine in alone; set it to token to come from elsewhere, from a page or through a proxy.";
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// Its rights do not reach so far: 403.
    pub(super) fn scope(missing: Scope) -> Self {
        let message = format!("missing scope: {}", missing.name());
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// No room, or no gateway, right now: 503.
    pub(super) fn busy(message: impl Into<String>, retry_after_ms: u64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "api_error", message).after(retry_after_ms)
    }

    /// The gateway stops before there is an answer: 503.
    pub(super) fn stopping() -> Self {
        Self::busy("the gateway is stopping; try again when it is back", 1000)
    }

    /// What answers failed.
    pub(super) fn failed(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, "api_error", message)
    }

    fn after(self, ms: u64) -> Self {
        Self { retry_after: Some(ms.div_ceil(1000).max(1)), ..self }
    }

    /// `{"error":{"message":…,"type":…}}`; 2026.3.28 was recorded to begin refusals of rights with `ok`.
    pub(super) fn body(&self) -> Value {
        let error = json!({"message": self.message, "type": self.kind});
        match self.status {
            StatusCode::FORBIDDEN => json!({"ok": false, "error": error}),
            _ => json!({ "error": error }),
        }
    }
}

impl From<RpcError> for Problem {
    fn from(error: RpcError) -> Self {
        match error.code {
            ErrorCode::Unavailable => {
                Self::busy(error.message, error.retry_after_ms.unwrap_or(1000))
            }
            _ => Self::invalid(error.message),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = super::json(self.status, &self.body());
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
