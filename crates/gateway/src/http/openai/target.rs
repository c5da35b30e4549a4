//! Which agent answers, in which session, with which model: the `model` field, `user`, and the headers.

use http::{HeaderMap, HeaderName};
use openclaw_agent::session::{self, key::MAX_AGENT_ID};
use openclaw_protocol::ids::{AgentId, SessionKey};
use uuid::Uuid;

use super::{super::problem::Problem, request::ChatRequest};
use crate::{state::App, upgrade::single};

const AGENT: HeaderName = HeaderName::from_static("x-openclaw-agent-id");
const AGENT_SHORT: HeaderName = HeaderName::from_static("x-openclaw-agent");
const SESSION: HeaderName = HeaderName::from_static("x-openclaw-session-key");
const CHANNEL: HeaderName = HeaderName::from_static("x-openclaw-message-channel");
const MODEL: HeaderName = HeaderName::from_static("x-openclaw-model");

/// The longest name of a channel, in bytes.
const MAX_CHANNEL: usize = 64;

/// Where a request goes.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) agent: AgentId,
    pub(super) key: SessionKey,
    /// The session lives on, or was named: not one that was made for this request.
    pub(super) lasting: bool,
    /// The model that the header asks for.
    pub(super) model: Option<String>,
    pub(super) channel: String,
}

/// What a `model` field names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// Whatever agent is the default.
    Default,
    /// This one.
    Agent(String),
}

/// Reads a `model`; none for what names no agent.
pub(super) fn named(model: &str) -> Option<Named> {
    let model = model.trim().to_ascii_lowercase();
    if model == "openclaw" || model == "openclaw/default" {
        return Some(Named::Default);
    }
    let id = ["openclaw/", "openclaw:", "agent:"].iter().find_map(|p| model.strip_prefix(p))?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    let fits = id.len() <= MAX_AGENT_ID
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.bytes().all(plain);
    fits.then(|| Named::Agent(id.to_owned()))
}

impl Target {
    /// Settles where a request goes. A header wins over the `model` field.
    pub(super) fn of(app: &App, headers: &HeaderMap, body: &ChatRequest) -> Result<Self, Problem> {
        let asked = body.model.as_deref().filter(|model| !model.trim().is_empty());
        let asked = named(asked.unwrap_or("openclaw")).ok_or_else(|| {
            Problem::invalid("Invalid `model`. Use `openclaw` or `openclaw/<agentId>`.")
        })?;
        let agent = match (header(headers, &AGENT)?.or(header(headers, &AGENT_SHORT)?), asked) {
            (Some(sent), _) => known(app, sent)?,
            (None, Named::Agent(id)) => known(app, &id)?,
            (None, Named::Default) => app.agents.default_id().clone(),
        };
        let session = header(headers, &SESSION)?;
        let user = body.user.as_deref().map(str::trim).filter(|user| !user.is_empty());
        let lasting = session.is_some() || user.is_some();
        let sent = match (session, user) {
            (Some(key), _) => key.to_owned(),
            (None, Some(user)) => format!("agent:{agent}:openai-user:{user}"),
            (None, None) => format!("agent:{agent}:openai:{}", Uuid::new_v4()),
        };
        let key = session::canonical_key(&sent, &agent)
            .map_err(|error| Problem::invalid(error.to_string()))?;
        // A whole key names its agent itself.
        let agent = match session::agent_of(&key) {
            Some(owner) => known(app, owner.as_str())?,
            None => agent,
        };
        let model = header(headers, &MODEL)?.map(str::to_owned);
        if let Some(model) = &model {
            let found = app.catalog.resolve(agent.as_str(), Some(model));
            found.map_err(|error| Problem::invalid(error.to_string()))?;
        }
        Ok(Self { agent, key, lasting, model, channel: channel(headers)? })
    }
}

fn known(app: &App, sent: &str) -> Result<AgentId, Problem> {
    let id = session::normalize_agent_id(sent);
    if app.agents.get(&id).is_some() {
        Ok(id)
    } else {
        Err(Problem::invalid(format!("Unknown agent '{sent}'.")))
    }
}

fn channel(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(name) = header(headers, &CHANNEL)? else { return Ok("webchat".to_owned()) };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if name.len() <= MAX_CHANNEL && name.bytes().all(plain) {
        Ok(name.to_ascii_lowercase())
    } else {
        Err(Problem::invalid(format!("Invalid {CHANNEL} header.")))
    }
}

/// A header that must not come twice; an empty one is as good as none.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let value = single(headers, name);
    let value = value.ok_or_else(|| Problem::invalid(format!("Invalid {name} header.")))?;
    Ok(Some(value.trim()).filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_agents() {
        for default in ["openclaw", "OpenClaw", " openclaw/default "] {
            assert_eq!(named(default), Some(Named::Default), "{default}");
        }
        for main in ["openclaw/main", "openclaw:main", "agent:MAIN"] {
            assert_eq!(named(main), Some(Named::Agent("main".to_owned())), "{main}");
        }
        let long = format!("openclaw/{}", "x".repeat(65));
        for none in ["gpt-4o", "openclaw/", "openclaw/a b", "openclaw/../x", "openclaw/-a", &long] {
            assert_eq!(named(none), None, "{none}");
        }
    }
}
