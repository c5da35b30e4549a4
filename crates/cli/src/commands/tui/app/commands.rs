//! What is typed behind a stroke. What is not known here goes to the gateway as it is: it has
//! commands of its own.

use super::{App, Effect};

/// The commands: what is typed, what follows, what it does.
pub(in super::super) const COMMANDS: [(&str, &str, &str); 9] = [
    ("/help", "", "this list"),
    ("/sessions", "", "choose a session (Ctrl+P)"),
    ("/session", "KEY", "go to a session; a new key begins one"),
    ("/new", "", "begin a session"),
    ("/reset", "", "begin this session anew"),
    ("/models", "", "choose a model (Ctrl+L)"),
    ("/model", "NAME", "use a model; `default` for the usual one"),
    ("/think", "LEVEL", "how much to think; `default` for the usual"),
    ("/quit", "", "leave (Ctrl+D)"),
];

/// What else may be typed for a command.
const ALIASES: [(&str, &str); 3] =
    [("/exit", "/quit"), ("/abort", "/stop"), ("/thinking", "/think")];

impl App {
    /// Sends what is written, or does what it says.
    pub(super) fn enter(&mut self) -> Vec<Effect> {
        if self.composer.text().trim().is_empty() {
            self.composer.clear();
            return Vec::new();
        }
        let text = self.composer.take();
        if text.starts_with('/') && !text.contains('\n') {
            return self.command(text);
        }
        vec![self.send(text)]
    }

    fn command(&mut self, text: String) -> Vec<Effect> {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        let rest = rest.trim();
        let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
        let value = Some(rest.to_owned()).filter(|rest| rest != "default");
        match (name, rest) {
            ("/help", _) => self.help = true,
            ("/quit", "") => return vec![Effect::Quit],
            ("/stop", "") => return self.abort(),
            ("/sessions", _) | ("/session", "") => return self.sessions(),
            ("/session", key) => return self.open(self.canonical(key)),
            ("/new", "") => {
                let key =
                    format!("agent:{}:tui-{}-{}", self.agent(), self.nonce, self.now.as_millis());
                return self.open(key);
            }
            ("/reset", "") => return vec![Effect::Reset(self.key.clone())],
            ("/models", _) | ("/model", "") => return self.models(),
            ("/model", _) => return self.patch("model", value),
            ("/think", level) if !level.is_empty() => return self.patch("thinkingLevel", value),
            _ => return vec![self.send(text)],
        }
        Vec::new()
    }

    /// A key as the gateway names it.
    pub(in super::super) fn canonical(&self, key: &str) -> String {
        match key {
            "global" | "unknown" => key.to_owned(),
            key if key.starts_with("agent:") => key.to_owned(),
            key => format!("agent:{}:{key}", self.agent()),
        }
    }

    /// Tab: the rest of a command.
    pub(super) fn complete(&mut self) {
        let typed = self.composer.text().to_owned();
        let mut fitting = COMMANDS.iter().filter(|(name, ..)| name.starts_with(&typed));
        if let (true, Some((name, argument, _))) = (typed.starts_with('/'), fitting.next()) {
            let blank = if argument.is_empty() { "" } else { " " };
            self.composer.set(format!("{name}{blank}"));
        }
    }
}
