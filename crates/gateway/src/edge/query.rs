//! The query-token door: the shared token in the query of an upgrade at exactly `/ws`, compared before
//! the 101, and cut from the request so that nothing that is logged later can hold it.

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::{extract::Request, response::Response};
use http::{HeaderMap, StatusCode, Uri, header};
use openclaw_auth::{AuthFields, Secret, SecretCheck};
use tracing::info;

use super::Kind;
use crate::{http::text, state::App, upgrade::Facts, upgrade::single};

/// The one path whose query may hold the token.
const PATH: &str = "/ws";
/// The name that it has there.
const NAME: &str = "token";

/// Secrets that came with an upgrade, outside of any frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct Offered {
    /// The token of the query at `/ws`, found right.
    pub(crate) query: Option<Secret>,
    /// The Bearer token, not compared yet: only doors without a handshake look at it.
    bearer: Option<Secret>,
    /// Whether a secret stood where none is taken: it lets nobody in, and was offered all the same.
    astray: bool,
}

impl Offered {
    /// What a door without a handshake goes by. An empty secret is one that is wrong.
    pub(crate) fn fields(&self) -> AuthFields {
        let astray = self.astray.then(Secret::default);
        let token = self.query.clone().or_else(|| self.bearer.clone()).or(astray);
        AuthFields { token, ..AuthFields::default() }
    }
}

/// Reads what an upgrade offers and compares the token in its query; or the answer instead of the 101.
pub(crate) async fn offered(
    app: &Arc<App>,
    facts: &Facts,
    request: &mut Request,
) -> Result<Offered, Box<Response>> {
    let (bearer, mut astray) = authorization(request.headers());
    let tokens = cut(request);
    let mut query = None;
    if !tokens.is_empty() && request.uri().path() == PATH {
        query = Some(compare(app, facts, &tokens).await.map_err(Box::new)?);
    } else {
        astray |= !tokens.is_empty();
    }
    Ok(Offered { query, bearer, astray })
}

/// The Bearer token, and whether there is an `Authorization` of another kind or more than one.
fn authorization(headers: &HeaderMap) -> (Option<Secret>, bool) {
    let bearer = single(headers, &header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
    });
    let astray = bearer.is_none() && headers.contains_key(header::AUTHORIZATION);
    (bearer, astray)
}

/// Takes every token out of the query; a query that held one goes as a whole.
fn cut(request: &mut Request) -> Vec<Secret> {
    let query = request.uri().query().unwrap_or_default();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let tokens: Vec<Secret> = pairs
        .filter(|(name, _)| decoded(name).is_some_and(|name| name == NAME))
        .map(|(_, value)| Secret::new(decoded(value).unwrap_or_default().into_owned()))
        .collect();
    if !tokens.is_empty() {
        *request.uri_mut() = request.uri().path().parse().unwrap_or(Uri::from_static("/"));
    }
    tokens
}

/// Undoes percent encoding; `+` is itself, as it is in a token of base64. `None` when it is not text.
pub(crate) fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(text.into());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = str::from_utf8(after.get(..2)?).ok()?;
            let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            bytes.push(u8::from_str_radix(hex.then_some(digits)?, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Compares the one token under the limiter, as often as a delay asks for within the handshake's time.
async fn compare(app: &App, facts: &Facts, tokens: &[Secret]) -> Result<Secret, Response> {
    if app.config.config.gateway.doors.query_token == Some(false) {
        return Err(refuse(
            facts,
            StatusCode::UNAUTHORIZED,
            "Tokens in the query are turned off (gateway.doors.queryToken); send a connect frame.",
        ));
    }
    let [secret] = tokens else {
        return Err(refuse(facts, StatusCode::UNAUTHORIZED, "More than one token in the query."));
    };
    let asking = async {
        loop {
            let now = u64::try_from(app.clock.now_ms()).unwrap_or_default();
            match app.authority.check_secret(&facts.peer(), Some(secret), now) {
                SecretCheck::Wait { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
                check => return check,
            }
        }
    };
    match tokio::time::timeout(app.patience.handshake, asking).await {
        Ok(SecretCheck::Granted { .. }) => Ok(secret.clone()),
        Ok(SecretCheck::Elsewhere) => Err(refuse(
            facts,
            StatusCode::FORBIDDEN,
            "gateway.auth.mode none lets programs of this machine in alone; set it to token.",
        )),
        Ok(SecretCheck::Origin) => Err(refuse(
            facts,
            StatusCode::FORBIDDEN,
            "This origin is not allowed; add it to gateway.controlUi.allowedOrigins.",
        )),
        Ok(SecretCheck::Missing | SecretCheck::Wrong) => Err(refuse(
            facts,
            StatusCode::UNAUTHORIZED,
            "The token in the query is not the right one.",
        )),
        Ok(SecretCheck::Locked { retry_after_ms }) => Err(busy(facts, retry_after_ms)),
        Ok(SecretCheck::Wait { ms }) => Err(busy(facts, ms)),
        Err(_) => Err(busy(facts, 1_000)),
    }
}

fn refuse(facts: &Facts, status: StatusCode, problem: &'static str) -> Response {
    info!(
        status = status.as_u16(), address = %facts.client,
        agent = facts.user_agent.as_deref(), "an upgrade with a token in its query was refused"
    );
    let mut response = text(status, problem);
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    response
}

fn busy(facts: &Facts, retry_after_ms: u64) -> Response {
    let mut response =
        refuse(facts, StatusCode::TOO_MANY_REQUESTS, "Too many failed attempts; try again later.");
    let seconds = retry_after_ms.div_ceil(1_000);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// A session that was made has a name of its own here.
pub(super) fn event(name: &'static str, payload: &str) -> &'static str {
    match name {
        "sessions.changed" if Kind::of(payload).reason == "create" => "session.created",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn cut_from(uri: &str) -> (Vec<String>, String) {
        let mut request = Request::builder().uri(uri).body(Body::empty()).unwrap();
        let tokens = cut(&mut request).iter().map(|token| token.expose().to_owned()).collect();
        (tokens, request.uri().to_string())
    }

    #[test]
    fn tokens_are_decoded_and_cut_with_the_whole_query() {
        let owned = |tokens: &[&str]| tokens.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let cases: [(&str, &[&str], &str); 7] = [
            ("/ws?token=abc", &["abc"], "/ws"),
            ("/ws?a=1&token=a%2Bb+c%20d&b=2", &["a+b+c d"], "/ws"),
            ("/ws?%74oken=abc", &["abc"], "/ws"),
            ("/ws?token=a&token=b", &["a", "b"], "/ws"),
            ("/ws?token", &[""], "/ws"),
            ("/ws?token=%zz", &[""], "/ws"),
            ("/ws?tokens=abc", &[], "/ws?tokens=abc"),
        ];
        for (uri, tokens, rest) in cases {
            assert_eq!(cut_from(uri), (owned(tokens), rest.to_owned()), "{uri}");
        }
    }

    #[test]
    fn only_one_bearer_is_one() {
        let headers = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            headers
        };
        let (bearer, astray) = authorization(&headers(&["bearer abc"]));
        assert!(bearer.unwrap().expose() == "abc" && !astray);
        for values in [&["Basic YTpi"][..], &["Bearer a", "Bearer b"], &["Bearer"]] {
            let (bearer, astray) = authorization(&headers(values));
            assert!(bearer.is_none() && astray, "{values:?}");
        }
        assert!(!authorization(&HeaderMap::new()).1);
    }
}
