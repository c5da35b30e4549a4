//! How an agent shows itself: its name, and its picture if it has one.

use std::{io::Read as _, path::Path};

use bytes::Bytes;
use openclaw_agent::{config::ResolvedAgent, tool::open_beneath};
use openclaw_protocol::ids::AgentId;
use sha2::{Digest as _, Sha256};

use crate::{config::files::hex, state::App};

/// The name of an agent that has none.
const NAMELESS: &str = "Assistant";
/// How the names of pictures end, and what type they are.
const KINDS: [(&str, &str); 7] = [
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".gif", "image/gif"),
    (".webp", "image/webp"),
    (".avif", "image/avif"),
    (".svg", "image/svg+xml"),
];
/// The largest picture in bytes; a larger file is none.
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// Name and picture, as clients are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Face {
    pub(crate) name: String,
    /// Where the name is set, in protocol 4's words: `agent` or `default`.
    pub(crate) name_source: &'static str,
    pub(crate) emoji: Option<String>,
    /// The picture's address, or what stands for it: an emoji or the first letter of the name.
    pub(crate) avatar: String,
    /// The picture's address alone.
    pub(crate) address: Option<String>,
    /// What the config says of the picture.
    pub(crate) source: Option<String>,
    /// In protocol 4's words: `none`, `local`, `remote` or `data`.
    pub(crate) status: Option<&'static str>,
    /// Why there is no picture although the config names one.
    pub(crate) reason: Option<&'static str>,
}

impl Face {
    /// That of an agent. The file of a picture is looked at.
    pub(crate) async fn of(app: &App, id: &AgentId) -> Self {
        let agent = app.agents.get(id);
        let face = Self::without_picture(agent);
        let Some((agent, text)) = agent.and_then(|a| Some((a, a.identity.avatar.clone()?))) else {
            return face;
        };
        let (workspace, path) = (agent.workspace.clone(), path(app.page.prefix(), id));
        let looking = face.clone();
        let look = move || looking.with(&text, &workspace, &path);
        tokio::task::spawn_blocking(look).await.unwrap_or(face)
    }

    fn without_picture(agent: Option<&ResolvedAgent>) -> Self {
        let own = agent.map(|agent| &agent.identity);
        let name = own.and_then(|own| own.name.clone());
        let name = name.or_else(|| agent.and_then(|agent| agent.name.clone()));
        let name_source = if name.is_some() { "agent" } else { "default" };
        let name = name.unwrap_or_else(|| NAMELESS.to_owned());
        let emoji = own.and_then(|own| own.emoji.clone());
        let avatar = emoji.clone().unwrap_or_else(|| initial(&name));
        Self {
            name,
            name_source,
            emoji,
            avatar,
            address: None,
            source: None,
            status: None,
            reason: None,
        }
    }

    /// With what a text in the config means; `path` is where files of the workspace are shown.
    fn with(self, text: &str, workspace: &Path, path: &str) -> Self {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("data:image/") {
            // The picture itself is long, and says nothing of where it is from.
            return self.shown("data", "data:", text.to_owned());
        }
        if lower.starts_with("https://") || lower.starts_with("http://") {
            return self.shown("remote", text, text.to_owned());
        }
        if kind(text).is_none() {
            return Self { avatar: text.to_owned(), ..self };
        }
        match Portrait::read(workspace, text) {
            Some(portrait) => self.shown("local", text, format!("{path}?v={}", portrait.revision)),
            None => Self {
                source: Some(text.to_owned()),
                status: Some("none"),
                reason: Some("missing"),
                ..self
            },
        }
    }

    fn shown(self, status: &'static str, source: &str, address: String) -> Self {
        Self {
            avatar: address.clone(),
            address: Some(address),
            source: Some(source.to_owned()),
            status: Some(status),
            ..self
        }
    }
}

/// A picture in a workspace, as it is now.
pub(crate) struct Portrait {
    /// Its type.
    pub(crate) kind: &'static str,
    /// What tells one state of it from another; nobody knows it who does not know the picture or was told.
    pub(crate) revision: String,
    /// The file.
    pub(crate) bytes: Bytes,
}

impl Portrait {
    /// Reads it. What is no plain file in the workspace, is no picture by its name, or is too large is none.
    fn read(workspace: &Path, path: &str) -> Option<Self> {
        let kind = kind(path)?;
        let file = open_beneath(workspace, path).ok()?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).ok()?;
        let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_BYTES);
        let revision = hex(&Sha256::digest(&bytes)[..16]);
        fits.then(|| Self { kind, revision, bytes: Bytes::from(bytes) })
    }

    /// That of an agent.
    pub(crate) async fn of(app: &App, id: &AgentId) -> Option<Self> {
        let agent = app.agents.get(id)?;
        let path = agent.identity.avatar.as_deref()?.trim().to_owned();
        let workspace = agent.workspace.clone();
        let read = move || Self::read(&workspace, &path);
        tokio::task::spawn_blocking(read).await.ok()?
    }
}

/// The type of a picture by its name.
fn kind(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    KINDS.iter().find(|(end, _)| name.ends_with(end)).map(|(_, kind)| *kind)
}

fn path(prefix: &str, agent: &AgentId) -> String {
    format!("{prefix}/avatar/{agent}")
}

fn initial(name: &str) -> String {
    name.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_text_says() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("pictures")).unwrap();
        std::fs::write(dir.path().join("pictures/me.PNG"), "picture").unwrap();
        std::fs::write(dir.path().join("notes.md"), "notes").unwrap();
        let large = std::fs::File::create(dir.path().join("large.png")).unwrap();
        large.set_len(MAX_BYTES + 1).unwrap();
        // printf picture | sha256sum | cut -c1-32
        let shown = "/x/avatar/main?v=2cea274d0bedc39ec4ab6ba9e59ec889";
        for (text, avatar, status) in [
            ("🦀", "🦀", None),
            ("notes.md", "notes.md", None),
            ("pictures/me.PNG", shown, Some("local")),
            ("missing.png", "A", Some("none")),
            ("large.png", "A", Some("none")),
            ("../outside.png", "A", Some("none")),
            ("https://a.example/b.png", "https://a.example/b.png", Some("remote")),
            ("data:image/png;base64,AA", "data:image/png;base64,AA", Some("data")),
            ("data:text/html,x", "data:text/html,x", None),
            ("javascript:alert(1)", "javascript:alert(1)", None),
        ] {
            let face = Face::without_picture(None).with(text, dir.path(), "/x/avatar/main");
            assert_eq!((face.avatar.as_str(), face.status), (avatar, status), "{text}");
            let has_address = matches!(status, Some("local" | "remote" | "data"));
            assert_eq!(face.address.is_some(), has_address, "{text}");
        }
        assert!(Portrait::read(dir.path(), "notes.md").is_none(), "it is no picture by its name");
    }
}
