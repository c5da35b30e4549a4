//! Which commands may run: `exec-approvals.json`, in OpenClaw's own format, and what it means.
//!
//! What is judged is a [`Command`]: the list of its words, the real path of its program, its folder
//! and its variables, looked up once. A runner takes the same value and runs that program with
//! those words; no text is parsed on the way, and no shell stands between. What cannot be judged
//! needs a person.
//!
//! Reading order: [`mod@file`] (the file), [`command`] (what is judged), [`pattern`] (what a rule
//! covers), [`carriers`] (programs that no rule covers), this file (the judgement).

pub mod carriers;
pub mod command;
pub mod file;
pub mod pattern;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use command::{Changed, Command, SearchPath, Unresolved};
pub use file::{ApprovalsFile, Entry, Snapshot, UpdateError};

/// What may run at all, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Security {
    /// Nothing.
    Deny,
    /// What is listed; other commands when a person says so.
    Allowlist,
    /// Everything.
    Full,
}

/// When a person is asked, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// Never.
    Off,
    /// When a command is not listed.
    OnMiss,
    /// Always.
    Always,
}

impl Security {
    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Allowlist => "allowlist",
            Self::Full => "full",
        }
    }

    /// Reads the word; no other is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Deny, Self::Allowlist, Self::Full].into_iter().find(|one| one.name() == word.trim())
    }
}

impl Ask {
    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::OnMiss => "on-miss",
            Self::Always => "always",
        }
    }

    /// Reads the word; no other is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Off, Self::OnMiss, Self::Always].into_iter().find(|one| one.name() == word.trim())
    }
}

/// What holds for one agent, or where the file says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What may run at all.
    pub security: Security,
    /// When a person is asked.
    pub ask: Ask,
    /// What holds when nobody answers.
    pub fallback: Security,
}

impl Limits {
    /// Where the file says nothing, nothing runs. As OpenClaw 2026.3.28 has it; 2026.9.6 runs everything.
    pub const BASE: Self =
        Self { security: Security::Deny, ask: Ask::OnMiss, fallback: Security::Deny };
}

/// The rules for one agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What holds.
    pub limits: Limits,
    /// What may run without asking.
    pub allowlist: Vec<Entry>,
    /// What `~` in a pattern means.
    home: Option<PathBuf>,
}

/// What becomes of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// It runs.
    Run(Basis),
    /// A person is asked; the text says why.
    Ask(String),
    /// It does not run; the text says why and what would change that.
    Refuse(String),
}

/// Why a command may run.
#[derive(Debug, Clone, PartialEq)]
pub enum Basis {
    /// Everything may.
    Full,
    /// This entry lists it.
    Listed(Box<Entry>),
}

impl Policy {
    /// The rules for an agent, with `base` where the file says nothing.
    pub fn of(file: &ApprovalsFile, agent: &str, base: Limits, home: Option<&Path>) -> Self {
        let (limits, allowlist) = file.rules(agent, base);
        Self { limits, allowlist, home: home.map(Path::to_owned) }
    }

    /// The same, but no laxer than an asker wants it. What an asker says only narrows.
    #[must_use]
    pub fn narrowed(mut self, security: Option<Security>, ask: Option<Ask>) -> Self {
        let limits = &mut self.limits;
        limits.security = security.map_or(limits.security, |most| limits.security.min(most));
        limits.ask = ask.map_or(limits.ask, |least| limits.ask.max(least));
        limits.fallback = limits.fallback.min(limits.security);
        self
    }

    /// What becomes of a command.
    pub fn judge(&self, command: &Command) -> Judgement {
        let Limits { security, ask, .. } = self.limits;
        if security == Security::Deny {
            return Judgement::Refuse(
                "running commands is switched off; allow it with `openclaw approvals set` (security: allowlist)".to_owned(),
            );
        }
        if ask == Ask::Always {
            return Judgement::Ask("every command is asked about".to_owned());
        }
        if security == Security::Full {
            return Judgement::Run(Basis::Full);
        }
        match (self.listed(command), ask) {
            (Ok(entry), _) => Judgement::Run(Basis::Listed(Box::new(entry.clone()))),
            (Err(why), Ask::OnMiss) => Judgement::Ask(why),
            (Err(why), _) => Judgement::Refuse(format!(
                "{why}, and nobody is asked; list it with `openclaw approvals allowlist add {}`",
                command.program().display()
            )),
        }
    }

    /// What becomes of a command about which a person was asked and nobody answered.
    pub fn unanswered(&self, command: &Command) -> Judgement {
        let refuse = || Judgement::Refuse("nobody decided about the command in time".to_owned());
        match self.limits.fallback.min(self.limits.security) {
            Security::Deny => refuse(),
            Security::Full => Judgement::Run(Basis::Full),
            Security::Allowlist => match self.listed(command) {
                Ok(entry) => Judgement::Run(Basis::Listed(Box::new(entry.clone()))),
                Err(_) => refuse(),
            },
        }
    }

    /// The entry that lists a command, or why none does.
    pub fn listed(&self, command: &Command) -> Result<&Entry, String> {
        let Some(program) = command.program().to_str() else {
            return Err("the program's path is no text".to_owned());
        };
        if let Some(name) = command.odd_variable() {
            return Err(format!("the variable {name} can change what a program does"));
        }
        let covers = |entry: &&Entry| {
            pattern::path(&entry.pattern, program, self.home.as_deref())
                && entry.covers_arguments(command)
        };
        self.allowlist.iter().find(covers).ok_or_else(|| match command.carrier() {
            Some(name) => format!("{name} runs what its arguments say"),
            None => format!("{program} is not listed with these arguments"),
        })
    }
}
