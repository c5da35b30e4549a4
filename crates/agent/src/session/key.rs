//! Session keys: the spellings clients use, the one canonical form, and what a key says.

use openclaw_protocol::ids::{AgentId, SessionKey};

use super::SessionEntry;

/// The longest agent id, in characters.
pub const MAX_AGENT_ID: usize = 64;
/// The longest session key, in bytes. Longer ones are refused, since keys are stored, listed and logged.
pub const MAX_KEY: usize = 512;

/// Why a text is no session key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing, or only space.
    #[error("session key is empty")]
    Empty,
    /// More than [`MAX_KEY`] bytes, or control characters.
    #[error("session key is too long or holds control characters")]
    Unfit,
    /// Starts with `agent:` and goes on in a way no key does.
    #[error("malformed session key \"{0}\"; expected agent:<id>:<rest>")]
    Malformed(String),
}

/// What sort of conversation a key stands for, as `sessions.list` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionKind {
    /// One person, or a program.
    Direct,
    /// A group, a room or a channel.
    Group,
    /// The one session of `session.scope=global`.
    Global,
    /// A session whose origin is not known.
    Unknown,
}

impl SessionKind {
    /// The word of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Global => "global",
            Self::Unknown => "unknown",
        }
    }
}

/// An agent id as OpenClaw spells it: lower case, `[a-z0-9_-]`, at most [`MAX_AGENT_ID`]
/// characters, beginning with a letter or a digit. What does not fit becomes `-`; nothing at all becomes `main`.
pub fn normalize_agent_id(text: &str) -> AgentId {
    let lower = text.trim().to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let mut id = String::with_capacity(lower.len().min(MAX_AGENT_ID));
    let clean = lower.chars().all(fits) && lower.starts_with(|c: char| c.is_ascii_alphanumeric());
    for c in lower.chars() {
        let c = if fits(c) { c } else { '-' };
        if c == '-' && !clean && (id.is_empty() || id.ends_with('-')) {
            continue; // a run of what does not fit is one dash, and none comes first
        }
        id.push(c);
        if id.len() == MAX_AGENT_ID {
            break;
        }
    }
    if !clean {
        id.truncate(id.trim_end_matches('-').len());
        let start = id.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(id.len());
        id.drain(..start);
    }
    if id.is_empty() { AgentId::new("main") } else { AgentId::from(id) }
}

/// The key of an agent's main session.
pub fn main_key(agent: &AgentId) -> SessionKey {
    SessionKey::from(format!("agent:{agent}:main"))
}

/// The canonical form of a key as a client sent it.
///
/// `main` is the default agent's main session; `global` and `unknown` stand for themselves; what has
/// no `agent:` in front belongs to the default agent.
pub fn canonical_key(sent: &str, default_agent: &AgentId) -> Result<SessionKey, KeyError> {
    let key = sent.trim().to_lowercase();
    if key.is_empty() {
        return Err(KeyError::Empty);
    }
    if key.len() > MAX_KEY || key.chars().any(char::is_control) {
        return Err(KeyError::Unfit);
    }
    if key == "global" || key == "unknown" {
        return Ok(SessionKey::from(key));
    }
    if key == "agent" || key.starts_with("agent:") {
        let (agent, rest) = split(&key).ok_or_else(|| KeyError::Malformed(key.clone()))?;
        return Ok(SessionKey::from(format!("agent:{}:{rest}", normalize_agent_id(agent))));
    }
    if key.starts_with(':') {
        return Err(KeyError::Malformed(key));
    }
    Ok(SessionKey::from(format!("agent:{default_agent}:{key}")))
}

/// The agent a canonical key belongs to; none for `global` and `unknown`.
pub fn agent_of(key: &SessionKey) -> Option<AgentId> {
    split(key.as_str()).map(|(agent, _)| AgentId::from(agent))
}

/// The part of a canonical key after the agent: `main`, `telegram:group:-100`, ...; the whole key
/// where there is no agent.
pub fn rest_of(key: &SessionKey) -> &str {
    split(key.as_str()).map_or(key.as_str(), |(_, rest)| rest)
}

/// The session is its agent's main session.
pub fn is_main(key: &SessionKey) -> bool {
    rest_of(key) == "main"
}

/// The session belongs to an agent that another session spawned.
pub fn is_subagent(key: &SessionKey) -> bool {
    rest_of(key).starts_with("subagent:")
}

/// The session belongs to a scheduled job.
pub fn is_cron(key: &SessionKey) -> bool {
    rest_of(key).starts_with("cron:")
}

/// What sort of conversation it is: by the entry where it says so, else by the key.
pub fn kind_of(key: &SessionKey, entry: Option<&SessionEntry>) -> SessionKind {
    match key.as_str() {
        "global" => return SessionKind::Global,
        "unknown" => return SessionKind::Unknown,
        _ => {}
    }
    match entry.and_then(|e| e.chat_type.as_deref()) {
        Some("group" | "channel") => return SessionKind::Group,
        Some("direct") => return SessionKind::Direct,
        _ => {}
    }
    let mut parts = rest_of(key).split(':').skip(1);
    if parts.any(|p| p == "group" || p == "channel") {
        SessionKind::Group
    } else {
        SessionKind::Direct
    }
}

/// `agent:<id>:<rest>` taken apart; neither part may be empty.
fn split(key: &str) -> Option<(&str, &str)> {
    let (agent, rest) = key.strip_prefix("agent:")?.split_once(':')?;
    let whole = !agent.trim().is_empty() && !rest.is_empty() && !rest.starts_with(':');
    whole.then_some((agent, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(sent: &str, canonical: &str) {
        let key = canonical_key(sent, &AgentId::new("main")).unwrap();
        assert_eq!(key.as_str(), canonical);
    }

    #[test]
    fn keys_become_canonical() {
        check("main", "agent:main:main");
        check(" MAIN ", "agent:main:main");
        check("live", "agent:main:live");
        check("Agent:Ops:Main", "agent:ops:main");
        check("agent:my bot:telegram:group:-100", "agent:my-bot:telegram:group:-100");
        check("telegram:group:5", "agent:main:telegram:group:5");
        check("global", "global");
        check("unknown", "unknown");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let agent = AgentId::new("main");
        assert_eq!(canonical_key("  ", &agent), Err(KeyError::Empty));
        assert_eq!(canonical_key("a\nb", &agent), Err(KeyError::Unfit));
        assert_eq!(canonical_key(&"k".repeat(MAX_KEY + 1), &agent), Err(KeyError::Unfit));
        for bad in
            ["agent", "agent:", "agent::", "agent:x", "agent:x:", "agent::main", "agent:x::y"]
        {
            assert_eq!(canonical_key(bad, &agent), Err(KeyError::Malformed(bad.into())), "{bad}");
        }
    }

    #[test]
    fn a_key_tells_its_agent_and_kind() {
        let key = SessionKey::new("agent:ops:discord:channel:7:thread:9");
        assert_eq!(agent_of(&key), Some(AgentId::new("ops")));
        assert_eq!(kind_of(&key, None), SessionKind::Group);
        assert_eq!(agent_of(&SessionKey::new("global")), None);
        assert_eq!(kind_of(&SessionKey::new("global"), None), SessionKind::Global);
        assert_eq!(kind_of(&main_key(&AgentId::new("x")), None), SessionKind::Direct);
        let entry = SessionEntry { chat_type: Some("group".into()), ..SessionEntry::default() };
        assert_eq!(kind_of(&SessionKey::new("agent:a:b"), Some(&entry)), SessionKind::Group);
        assert!(
            is_subagent(&SessionKey::new("agent:a:subagent:1"))
                && is_main(&main_key(&AgentId::new("a")))
        );
    }

    proptest! {
        #[test]
        fn canonical_is_stable(sent in "\\PC{0,80}") {
            let agent = AgentId::new("main");
            if let Ok(key) = canonical_key(&sent, &agent) {
                prop_assert_eq!(canonical_key(key.as_str(), &agent), Ok(key));
            }
        }

        #[test]
        fn agent_ids_fit(text in "\\PC{0,100}") {
            let id = normalize_agent_id(&text);
            prop_assert!((1..=MAX_AGENT_ID).contains(&id.as_str().len()));
            prop_assert!(id.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-'));
            prop_assert_eq!(normalize_agent_id(id.as_str()), id);
        }
    }
}
