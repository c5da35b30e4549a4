//! Where things lie in the state directory.

use std::path::{Path, PathBuf};

use openclaw_protocol::ids::AgentId;

/// The names below a state directory, those of OpenClaw 2026.3.28 where it has them.
#[derive(Debug, Clone)]
pub struct Layout {
    state_dir: PathBuf,
}

impl Layout {
    /// The layout of this state directory.
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self { state_dir: state_dir.into() }
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.state_dir.join("gateway.sqlite")
    }

    /// The state directory itself.
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// An agent's database of OpenClaw 2026.9.6, which holds its sessions and transcripts.
    pub fn foreign_database(&self, agent: &AgentId) -> PathBuf {
        self.agents().join(agent.as_str()).join("agent").join("openclaw-agent.sqlite")
    }

    /// The database of OpenClaw 2026.9.6 that holds its devices.
    pub fn foreign_state(&self) -> PathBuf {
        self.state_dir.join("state").join("openclaw.sqlite")
    }

    /// The devices of OpenClaw 2026.3.28.
    pub fn foreign_devices(&self) -> PathBuf {
        self.state_dir.join("devices").join("paired.json")
    }

    /// The setup codes that the command line of OpenClaw 2026.3.28 makes.
    pub fn foreign_setups(&self) -> PathBuf {
        self.state_dir.join("devices").join("bootstrap.json")
    }

    /// Copies of another program's files as they were before this program wrote to them, each at its
    /// place below the state directory.
    pub fn originals(&self) -> PathBuf {
        self.state_dir.join("originals")
    }

    /// The folder with one folder for each agent.
    pub fn agents(&self) -> PathBuf {
        self.state_dir.join("agents")
    }

    /// The folder of an agent's transcripts.
    pub fn sessions_dir(&self, agent: &AgentId) -> PathBuf {
        self.agents().join(agent.as_str()).join("sessions")
    }

    /// An agent's `sessions.json`.
    pub fn sessions_json(&self, agent: &AgentId) -> PathBuf {
        self.sessions_dir(agent).join("sessions.json")
    }

    /// A transcript, by its file name.
    pub fn transcript(&self, agent: &AgentId, file: &str) -> PathBuf {
        self.sessions_dir(agent).join(file)
    }
}

/// The file name of a session's transcript: that of its entry where it has one that is a plain name, else its id.
///
/// Only the name counts: a transcript never lies outside its agent's folder, whatever an entry says.
pub(crate) fn transcript_name(session_file: Option<&str>, session_id: &str) -> String {
    let named = session_file.and_then(|path| Path::new(path).file_name()?.to_str());
    let plain = named.filter(|name| {
        let is_jsonl = Path::new(name).extension().is_some_and(|e| e == "jsonl");
        is_jsonl && !name.starts_with('.')
    });
    plain.map_or_else(|| format!("{session_id}.jsonl"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_stays_in_its_folder() {
        assert_eq!(transcript_name(None, "s"), "s.jsonl");
        assert_eq!(transcript_name(Some("/x/y/s-topic-7.jsonl"), "s"), "s-topic-7.jsonl");
        assert_eq!(transcript_name(Some("../../etc/passwd"), "s"), "s.jsonl");
        assert_eq!(transcript_name(Some(".."), "s"), "s.jsonl");
        assert_eq!(transcript_name(Some("/x/sessions.json"), "s"), "s.jsonl");
    }
}
