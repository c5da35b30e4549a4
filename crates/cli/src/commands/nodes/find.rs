//! Which node a person means: by its id or the beginning of it, its name, or its address.

use openclaw_protocol::methods::nodes::NodeSummary;

use crate::{commands::nodes::name_of, failure::Failure};

/// The shortest beginning of an id that means a node.
const SHORTEST: usize = 6;

/// The one node that is meant. A connected one goes before others of the same name.
pub(crate) fn node<'a>(nodes: &'a [NodeSummary], named: &str) -> Result<&'a NodeSummary, Failure> {
    let named = named.trim();
    if named.is_empty() {
        return Err(Failure::usage("--node is empty; `openclaw nodes status` lists the nodes"));
    }
    if let Some(node) = nodes.iter().find(|node| node.node_id == named) {
        return Ok(node);
    }
    let mut found: Vec<_> = nodes.iter().filter(|node| means(node, named)).collect();
    if found.len() > 1 && found.iter().filter(|node| node.connected).count() == 1 {
        found.retain(|node| node.connected);
    }
    match *found {
        [node] => Ok(node),
        [] => Err(Failure::new(
            "NODE_UNKNOWN",
            format!("no node is called {named:?}; known: {}", names(nodes.iter())),
        )),
        _ => Err(Failure::new(
            "NODE_AMBIGUOUS",
            format!("{named:?} can be {}; give the whole id", names(found.iter().copied())),
        )),
    }
}

fn means(node: &NodeSummary, named: &str) -> bool {
    let by_name = |name: &String| !plain(name).is_empty() && plain(name) == plain(named);
    node.remote_ip.as_deref() == Some(named)
        || node.display_name.as_ref().is_some_and(by_name)
        || (named.len() >= SHORTEST && node.node_id.starts_with(named))
}

/// A name as people say it: `Büro  Mac` and `büro-mac` are the same.
fn plain(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

fn names<'a>(nodes: impl Iterator<Item = &'a NodeSummary>) -> String {
    let name = |node: &'a NodeSummary| {
        let name = name_of(node.display_name.as_ref(), &node.node_id);
        if name == node.node_id { name.to_owned() } else { format!("{name} ({})", node.node_id) }
    };
    let names = nodes.map(name).collect::<Vec<_>>().join(", ");
    if names.is_empty() { "none".to_owned() } else { names }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(id: &str, name: &str, ip: &str, connected: bool) -> NodeSummary {
        NodeSummary {
            node_id: id.into(),
            display_name: Some(name.into()),
            remote_ip: Some(ip.into()),
            connected,
            ..NodeSummary::default()
        }
    }

    #[test]
    fn a_node_has_many_names() {
        let nodes = [
            known("abcdef01", "Office Mac", "10.0.0.1", true),
            known("abcdef02", "Shelf", "10.0.0.2", false),
        ];
        let id = |named: &str| node(&nodes, named).map(|node| node.node_id.clone()).ok();
        for named in ["abcdef01", " abcdef01 ", "office-mac", "OFFICE  mac", "10.0.0.1"] {
            assert_eq!(id(named).as_deref(), Some("abcdef01"), "{named}");
        }
        // Both begin so, and one of them is here.
        assert_eq!(id("abcdef").as_deref(), Some("abcdef01"));
        for named in ["abcde", "Office", "10.0.0", "x", ""] {
            assert_eq!(id(named), None, "{named}");
        }
        let failure = node(&nodes, "desk").unwrap_err();
        assert_eq!(
            failure.message,
            "no node is called \"desk\"; known: Office Mac (abcdef01), Shelf (abcdef02)"
        );
    }

    #[test]
    fn two_of_a_name_are_told_apart_by_their_ids() {
        let nodes = [known("a1", "Desk", "", false), known("a2", "desk", "", false)];
        let failure = node(&nodes, "desk").unwrap_err();
        assert_eq!(failure.message, "\"desk\" can be Desk (a1), desk (a2); give the whole id");
        assert_eq!(node(&nodes, "a2").unwrap().node_id, "a2");
    }
}
