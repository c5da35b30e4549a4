//! What the file says. Names that are not known here are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use uuid::Uuid;

use super::MAX_BYTES;
use crate::exec::policy::{Ask, Command, Limits, Security, pattern};

/// The agent that an old file calls `default`.
const MAIN: &str = "main";

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApprovalsFile {
    /// 1.
    pub version: u64,
    /// A socket of OpenClaw's own; kept, not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<Socket>,
    /// What holds for every agent.
    #[serde(default)]
    pub defaults: LimitWords,
    /// What holds for one; `*` is every one.
    #[serde(default)]
    pub agents: BTreeMap<String, Agent>,
    /// What is not known here.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A socket of OpenClaw's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Socket {
    /// Its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its secret; never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Limits as they are written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitWords {
    /// `deny`, `allowlist` or `full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<String>,
    /// `off`, `on-miss` or `always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
    /// What holds when nobody answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_fallback: Option<String>,
    /// Whether programs of skills may run; kept, without effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_allow_skills: Option<bool>,
}

/// What holds for one agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// Its limits.
    #[serde(flatten)]
    pub limits: LimitWords,
    /// What may run without asking.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "entries")]
    pub allowlist: Vec<Entry>,
    /// What is not known here.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Where an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A lasting decision.
    #[serde(rename = "allow-always")]
    AllowAlways,
}

/// A program that may run without asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// A name of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The path of the program, with `*`, `**` and `?`.
    pub pattern: String,
    /// Where it comes from; a person wrote it when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Its arguments; any, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arg_pattern: Option<String>,
    /// When it was last used, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Number>,
    /// By which command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_command: Option<String>,
    /// For which program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resolved_path: Option<String>,
    /// What is not known here.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// An entry may be its pattern alone.
fn entries<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Vec<Entry>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Pattern(String),
        Entry(Box<Entry>),
    }
    let written = Vec::<Written>::deserialize(input)?;
    Ok(written
        .into_iter()
        .map(|one| match one {
            Written::Pattern(pattern) => Entry::new(pattern),
            Written::Entry(entry) => *entry,
        })
        .collect())
}

impl Default for ApprovalsFile {
    fn default() -> Self {
        Self {
            version: 1,
            socket: None,
            defaults: LimitWords::default(),
            agents: BTreeMap::new(),
            rest: Map::new(),
        }
    }
}

impl ApprovalsFile {
    /// Nothing may run.
    pub fn closed() -> Self {
        let word = |word: &str| Some(word.to_owned());
        let defaults = LimitWords {
            security: word(Security::Deny.name()),
            ask: word(Ask::Off.name()),
            ask_fallback: word(Security::Deny.name()),
            auto_allow_skills: Some(false),
        };
        Self { defaults, ..Self::default() }
    }

    /// Reads the text, or says in one line why it cannot be understood.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        if u64::try_from(text.len()).is_ok_and(|length| length > MAX_BYTES) {
            return Err(format!("the file has more than {MAX_BYTES} bytes"));
        }
        let text = std::str::from_utf8(text).map_err(|_| "the file is no text".to_owned())?;
        // Two readers would disagree about a name that comes twice.
        openclaw_protocol::scan::scan(text).map_err(|problem| problem.to_string())?;
        let file: Self = serde_json::from_str(text).map_err(|problem| problem.to_string())?;
        file.normalised()
    }

    /// The same in its one form: every entry has a name and a pattern, `default` is `main`. A word
    /// that is none of the known ones makes it unusable.
    pub fn normalised(mut self) -> Result<Self, String> {
        if self.version != 1 {
            return Err(format!("version {} is not known here", self.version));
        }
        self.defaults.check("defaults")?;
        if let Some(old) = self.agents.remove("default") {
            self.agents.entry(MAIN.to_owned()).or_default().merge(old);
        }
        for (name, agent) in &mut self.agents {
            agent.limits.check(&format!("agents.{name}"))?;
            agent.allowlist.retain(|entry| !entry.pattern.trim().is_empty());
            for entry in &mut agent.allowlist {
                entry.id.get_or_insert_with(|| Uuid::new_v4().to_string());
                // What a decision was about is nothing that a rule needs.
                entry.rest.remove("commandText");
            }
        }
        Ok(self)
    }

    /// What holds for an agent, and what may run without asking: what is said of every agent first.
    pub fn rules(&self, agent: &str, base: Limits) -> (Limits, Vec<Entry>) {
        let own = self.agents.get(agent);
        let every = self.agents.get("*").filter(|_| agent != "*");
        let said: Vec<&LimitWords> = [own, every]
            .into_iter()
            .flatten()
            .map(|agent| &agent.limits)
            .chain([&self.defaults])
            .collect();
        let first = |word: fn(&LimitWords) -> Option<&String>| said.iter().copied().find_map(word);
        let limits = Limits {
            security: first(|said| said.security.as_ref())
                .map_or(base.security, |word| Security::parse(word).unwrap_or(Security::Deny)),
            ask: first(|said| said.ask.as_ref())
                .map_or(base.ask, |word| Ask::parse(word).unwrap_or(Ask::Always)),
            fallback: first(|said| said.ask_fallback.as_ref())
                .map_or(base.fallback, |word| Security::parse(word).unwrap_or(Security::Deny)),
        };
        let listed = [every, own].into_iter().flatten();
        (limits, listed.flat_map(|agent| agent.allowlist.clone()).collect())
    }

    /// Adds an entry for exactly this command, after a lasting decision. False when such a decision
    /// must not last: the program runs what its arguments say, or a path that means more than itself.
    pub fn allow(&mut self, agent: &str, command: &Command, now_ms: i64) -> bool {
        let (program, cwd) = (command.program().to_str(), command.cwd().to_str());
        let (Some(program), Some(cwd)) = (program, cwd) else { return false };
        if command.carrier().is_some()
            || command.odd_variable().is_some()
            || program.contains(['*', '?'])
            || program.trim() != program
        {
            return false;
        }
        let entry = Entry {
            id: Some(Uuid::new_v4().to_string()),
            source: Some(Source::AllowAlways),
            arg_pattern: Some(pattern::digest(command.argv(), cwd)),
            last_used_at: Some(now_ms.into()),
            last_resolved_path: Some(program.to_owned()),
            ..Entry::new(program.to_owned())
        };
        let listed = &mut self.agents.entry(agent.to_owned()).or_default().allowlist;
        let same = |known: &Entry| {
            known.pattern == entry.pattern && known.arg_pattern == entry.arg_pattern
        };
        if !listed.iter().any(same) {
            listed.push(entry);
        }
        true
    }
}

impl LimitWords {
    fn check(&self, at: &str) -> Result<(), String> {
        let words = [("security", &self.security), ("askFallback", &self.ask_fallback)];
        for (name, word) in words {
            if word.as_deref().is_some_and(|word| Security::parse(word).is_none()) {
                return Err(format!("{at}.{name} must be deny, allowlist or full"));
            }
        }
        if self.ask.as_deref().is_some_and(|word| Ask::parse(word).is_none()) {
            return Err(format!("{at}.ask must be off, on-miss or always"));
        }
        Ok(())
    }

    fn merge(&mut self, old: Self) {
        self.security = self.security.take().or(old.security);
        self.ask = self.ask.take().or(old.ask);
        self.ask_fallback = self.ask_fallback.take().or(old.ask_fallback);
        self.auto_allow_skills = self.auto_allow_skills.or(old.auto_allow_skills);
    }
}

impl Agent {
    /// Takes over what is not said here.
    fn merge(&mut self, old: Self) {
        self.limits.merge(old.limits);
        for entry in old.allowlist {
            let same = |known: &Entry| {
                known.pattern.trim() == entry.pattern.trim()
                    && known.arg_pattern == entry.arg_pattern
            };
            if !self.allowlist.iter().any(same) {
                self.allowlist.push(entry);
            }
        }
        for (name, value) in old.rest {
            self.rest.entry(name).or_insert(value);
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.limits == LimitWords::default() && self.allowlist.is_empty() && self.rest.is_empty()
    }
}

impl Entry {
    /// An entry for a program with any arguments.
    pub fn new(pattern: String) -> Self {
        Self {
            id: None,
            pattern,
            source: None,
            arg_pattern: None,
            last_used_at: None,
            last_used_command: None,
            last_resolved_path: None,
            rest: Map::new(),
        }
    }

    /// Whether the arguments of a command are covered. A program that runs what its arguments say
    /// is covered only where a person wrote down which; a decision covers only a digest.
    pub fn covers_arguments(&self, command: &Command) -> bool {
        let cwd = command.cwd().to_str();
        match (&self.arg_pattern, self.source) {
            (None, None) => command.carrier().is_none(),
            (None, Some(Source::AllowAlways)) => false,
            (Some(pattern), source) => {
                let decided = pattern::is_digest(pattern);
                let fits = if decided { command.carrier().is_none() } else { source.is_none() };
                fits && cwd.is_some_and(|cwd| pattern::arguments(pattern, command.argv(), cwd))
            }
        }
    }
}
