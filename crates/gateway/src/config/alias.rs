//! Older spellings of settings, read as what they mean.
//!
//! The tree is changed, the file is not: [`found_path`] tells where a setting stands in the shape that the file has,
//! so that an edit keeps that shape. Each change leaves a note for `config validate`.

use super::{
    error::Problem,
    gateway::Bind,
    json5::{Kind, Member, Node},
    source::Sources,
};

/// Rewrites the older spellings of `root`.
pub(super) fn normalise(root: &mut Node, sources: &Sources) -> Vec<Problem> {
    let mut aliases = Aliases { sources, notes: Vec::new() };
    aliases.agents(root);
    aliases.workspaces(root);
    if let Some(http) = take(root, "http") {
        let taken = root.at(&["gateway", "http"]).is_some();
        let message =
            if taken { "not used, because gateway.http is set" } else { "read as gateway.http" };
        aliases.note(&http, &["http"], message);
        if let Some(gateway) = object(root, "gateway", &http) {
            insert(gateway, "http", http);
        }
    }
    if let Some(gateway) = root.get_mut("gateway") {
        aliases.http(gateway);
        aliases.bind(gateway);
        aliases.auth(gateway);
        aliases.reload(gateway);
    }
    aliases.notes
}

/// Where `path` stands in a file of the shape of `root`, the tree as it was parsed.
pub fn found_path(root: &Node, path: &[String]) -> Vec<String> {
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    let list = root.get("agents").is_some_and(|agents| matches!(agents.kind, Kind::Array(_)));
    let has = |path: &[&str]| root.at(path).is_some();
    let found: Vec<&str> = match steps.as_slice() {
        ["agents", "list", rest @ ..] if list => [&["agents"], rest].concat(),
        ["agents", "defaults", "workspace"]
            if !has(&["agents", "defaults", "workspace"]) && has(&["agent", "workspace"]) =>
        {
            vec!["agent", "workspace"]
        }
        ["gateway", "reload", "debounceMs"] if has(&["gateway", "reload", "debounce"]) => {
            vec!["gateway", "reload", "debounce"]
        }
        ["gateway", "http", rest @ ..] if has(&["http"]) && !has(&["gateway", "http"]) => {
            [&["http"], rest].concat()
        }
        other => other.to_vec(),
    };
    found.into_iter().map(str::to_owned).collect()
}

struct Aliases<'a> {
    sources: &'a Sources,
    notes: Vec<Problem>,
}

impl Aliases<'_> {
    fn note(&mut self, at: &Node, path: &[&str], message: impl Into<String>) {
        self.notes.push(self.sources.problem((at.file, at.span.start), path, message));
    }

    /// A list of agents is `agents.list`.
    fn agents(&mut self, root: &mut Node) {
        let Some(agents) = root.get_mut("agents") else { return };
        let Kind::Array(items) = &mut agents.kind else { return };
        let mut items = std::mem::take(items);
        let place = agents.replaced_by(Kind::Null);
        self.note(&place, &["agents"], "a list is read as agents.list");
        for (index, item) in items.iter_mut().enumerate() {
            self.agent(item, &index.to_string());
        }
        let list = place.replaced_by(Kind::Array(items));
        agents.kind = Kind::Object(Vec::new());
        insert(agents, "list", list);
    }

    /// Name, role and capabilities are read by the agents themselves.
    fn agent(&mut self, agent: &mut Node, index: &str) {
        if let Some(port) = take(agent, "port") {
            let message = "agents have no port of their own; all are reached through the gateway's";
            self.note(&port, &["agents", index, "port"], message);
        }
    }

    /// Older places of workspaces; the agents read them where nothing newer is set.
    fn workspaces(&mut self, root: &Node) {
        let newer = root.at(&["agents", "defaults", "workspace"]).is_some();
        let places: [(&[&str], &str); 2] = [
            (&["agent", "workspace"], "read as agents.defaults.workspace"),
            (&["workspace"], "agents/<name> under it is read as an agent's workspace"),
        ];
        for (path, message) in places {
            if let Some(found) = root.at(path) {
                let message = if newer {
                    "not used, because agents.defaults.workspace is set"
                } else {
                    message
                };
                self.note(found, path, message);
            }
        }
    }

    /// `http.chatCompletions: true` and `http.openResponses: true` beside the `endpoints` spelling, which wins.
    fn http(&mut self, gateway: &mut Node) {
        let Some(http) = gateway.get_mut("http") else { return };
        for (short, name) in [
            ("chatCompletions", "chatCompletions"),
            ("openResponses", "responses"),
            ("responses", "responses"),
            ("tools", "tools"),
        ] {
            let Some(found) = take(http, short) else { continue };
            let message = format!("read as gateway.http.endpoints.{name}.enabled");
            self.note(&found, &["gateway", "http", short], message);
            let endpoints = object(http, "endpoints", &found);
            let endpoint = endpoints.and_then(|endpoints| object(endpoints, name, &found));
            let Some(endpoint) = endpoint else { continue };
            let value = if matches!(found.kind, Kind::Object(_)) {
                found.get("enabled").cloned()
            } else {
                Some(found)
            };
            let Some(value) = value else { continue };
            // An explicit false turns the interface off, wherever it stands.
            if value.kind == Kind::Bool(false) {
                drop(take(endpoint, "enabled"));
            }
            insert(endpoint, "enabled", value);
        }
    }

    /// An address as the string is `custom` with `customBindHost`; `localhost` is loopback.
    fn bind(&mut self, gateway: &mut Node) {
        let Some(bind) = gateway.get_mut("bind") else { return };
        let Some(text) = bind.as_str().map(str::to_owned) else { return };
        match Bind::parse(&text, None) {
            Some(Bind::Address(address)) => {
                let host = bind.replaced_by(Kind::String(address.to_string()));
                bind.kind = Kind::String("custom".into());
                self.note(
                    &host,
                    &["gateway", "bind"],
                    "an address is read as custom with customBindHost",
                );
                drop(take(gateway, "customBindHost"));
                insert(gateway, "customBindHost", host);
            }
            Some(Bind::Loopback) if text != "loopback" => {
                bind.kind = Kind::String("loopback".into());
            }
            _ => {}
        }
    }

    /// `tailscale` is a token with Tailscale's headers; `device` is a token that is not asked from afar.
    fn auth(&mut self, gateway: &mut Node) {
        let Some(auth) = gateway.get_mut("auth") else { return };
        let Some(mode) = auth.get("mode").cloned() else { return };
        match mode.as_str() {
            Some("tailscale") => {
                self.note(
                    &mode,
                    &["gateway", "auth", "mode"],
                    "tailscale is read as token with allowTailscale",
                );
                insert(auth, "allowTailscale", mode.replaced_by(Kind::Bool(true)));
            }
            Some("device") => {
                let message =
                    "device is read as token, where other machines need a paired device's token";
                self.note(&mode, &["gateway", "auth", "mode"], message);
            }
            _ => {}
        }
    }

    fn reload(&mut self, gateway: &mut Node) {
        let Some(reload) = gateway.get_mut("reload") else { return };
        if let Some(debounce) = take(reload, "debounce") {
            self.note(&debounce, &["gateway", "reload", "debounce"], "read as debounceMs");
            insert(reload, "debounceMs", debounce);
        }
    }
}

fn take(node: &mut Node, key: &str) -> Option<Node> {
    let Kind::Object(members) = &mut node.kind else { return None };
    let index = members.iter().position(|member| member.key == key)?;
    Some(members.remove(index).value)
}

/// Adds `key` unless it is there.
fn insert(node: &mut Node, key: &str, value: Node) {
    let Kind::Object(members) = &mut node.kind else { return };
    if members.iter().all(|member| member.key != key) {
        let (key_file, key_span) = (value.file, value.span.clone());
        members.push(Member { key: key.to_owned(), key_file, key_span, value });
    }
}

/// The value at `key`, an empty object made where `place` stands when there is none; nothing when `node` is no object.
fn object<'n>(node: &'n mut Node, key: &str, place: &Node) -> Option<&'n mut Node> {
    insert(node, key, place.replaced_by(Kind::Object(Vec::new())));
    node.get_mut(key)
}

#[cfg(test)]
mod tests;
