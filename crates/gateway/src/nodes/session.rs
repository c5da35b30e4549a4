//! One connection of a node: what it declared, what of that counts.

use openclaw_auth::node::{NodeAbout, Surface};
use openclaw_protocol::methods::nodes::NodeHostStats;
use parking_lot::RwLock;
use serde::Deserialize;

/// A node's side of a connection.
#[derive(Debug)]
pub(crate) struct NodeSession {
    /// The device that it proved to be.
    pub(crate) node_id: String,
    /// What it says of itself.
    pub(crate) about: NodeAbout,
    /// Where it looks for programs.
    pub(crate) path_env: Option<String>,
    /// What it declared, less what policy withholds.
    pub(crate) declared: Surface,
    /// Since when it is connected, in milliseconds since 1970.
    pub(crate) connected_at_ms: u64,
    changing: RwLock<Changing>,
}

#[derive(Debug)]
struct Changing {
    effective: Surface,
    stats: Option<NodeHostStats>,
    activity: Option<Activity>,
}

/// How a node knows of a person at its machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ActivitySource {
    /// Somebody uses the node's program.
    App,
    /// Somebody uses the machine.
    #[default]
    System,
}

/// When a person was last at a node's machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Activity {
    /// How it knows.
    pub(crate) source: ActivitySource,
    /// When, in milliseconds since 1970.
    pub(crate) active_at_ms: u64,
    /// When it told.
    pub(crate) told_at_ms: u64,
}

impl NodeSession {
    /// A session that may `effective` of what it declared.
    pub(crate) fn new(
        (node_id, about): (String, NodeAbout),
        path_env: Option<String>,
        (declared, effective): (Surface, Surface),
        connected_at_ms: u64,
    ) -> Self {
        let changing = RwLock::new(Changing { effective, stats: None, activity: None });
        Self { node_id, about, path_env, declared, connected_at_ms, changing }
    }

    /// What it may be asked for now.
    pub(crate) fn effective(&self) -> Surface {
        self.changing.read().effective.clone()
    }

    /// Whether it may be asked for a command now.
    pub(crate) fn may(&self, command: &str) -> bool {
        self.changing.read().effective.commands.contains(command)
    }

    /// Something was approved: what it declared of that counts from now on.
    pub(crate) fn approve(&self, approved: &Surface) {
        self.changing.write().effective = self.declared.cut_to(approved);
    }

    /// How its machine does, as it last told.
    pub(crate) fn stats(&self) -> Option<NodeHostStats> {
        self.changing.read().stats.clone()
    }

    /// Its machine does so.
    pub(crate) fn set_stats(&self, stats: NodeHostStats) {
        self.changing.write().stats = Some(stats);
    }

    /// When a person was last at its machine, as it last told.
    pub(crate) fn activity(&self) -> Option<Activity> {
        self.changing.read().activity
    }

    /// A person was there then; or it does not tell any longer.
    pub(crate) fn set_activity(&self, activity: Option<Activity>) {
        self.changing.write().activity = activity;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_declared_is_not_approved_with_the_rest() {
        let surface = |commands: &[&str]| {
            let none: [(&str, bool); 0] = [];
            Surface::declared(["system"], commands.iter().copied(), none)
        };
        let (about, declared) = (NodeAbout::default(), surface(&["camera.snap"]));
        let session =
            NodeSession::new(("n".to_owned(), about), None, (declared, Surface::default()), 1);
        assert!(!session.may("camera.snap"));
        session.approve(&surface(&["camera.snap", "system.run"]));
        assert!(session.may("camera.snap") && !session.may("system.run"));
    }
}
