//! What a node can do: capabilities, commands, permissions. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Most capabilities, commands or permissions that one node may declare; further ones are dropped.
pub const MAX_ENTRIES: usize = 256;
/// Longest name of one, in characters; a longer one is dropped, since a cut one would be another name.
pub const MAX_NAME: usize = 128;

/// What a node declares, asks for or may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Surface {
    /// What it can do, for example `system`.
    pub caps: BTreeSet<String>,
    /// The commands that it may be asked for.
    pub commands: BTreeSet<String>,
    /// What its operating system lets it do.
    pub permissions: BTreeMap<String, bool>,
}

impl Surface {
    /// What a node says, with names that fit.
    pub fn declared<S: AsRef<str>>(
        caps: impl IntoIterator<Item = S>,
        commands: impl IntoIterator<Item = S>,
        permissions: impl IntoIterator<Item = (S, bool)>,
    ) -> Self {
        let permissions =
            permissions.into_iter().filter_map(|(n, on)| Some((name(n.as_ref())?, on)));
        Self {
            caps: names(caps),
            commands: names(commands),
            permissions: permissions.take(MAX_ENTRIES).collect(),
        }
    }

    /// Whether nothing in it has to be approved beyond `approved`. A permission that is off needs nobody.
    pub fn within(&self, approved: &Self) -> bool {
        self.caps.is_subset(&approved.caps)
            && self.commands.is_subset(&approved.commands)
            && self.permissions.iter().all(|(name, on)| !on || approved.permits(name))
    }

    /// What is declared and approved. A permission that was not approved is left out, rather than told as off.
    #[must_use]
    pub fn cut_to(&self, approved: &Self) -> Self {
        let permissions = self.permissions.iter();
        let permissions = permissions.filter(|(name, on)| !**on || approved.permits(name));
        Self {
            caps: self.caps.intersection(&approved.caps).cloned().collect(),
            commands: self.commands.intersection(&approved.commands).cloned().collect(),
            permissions: permissions.map(|(name, on)| (name.clone(), *on)).collect(),
        }
    }

    fn permits(&self, permission: &str) -> bool {
        self.permissions.get(permission) == Some(&true)
    }
}

fn names<S: AsRef<str>>(given: impl IntoIterator<Item = S>) -> BTreeSet<String> {
    given.into_iter().filter_map(|given| name(given.as_ref())).take(MAX_ENTRIES).collect()
}

/// The trimmed name, when it is one: these texts reach terminals and logs.
fn name(given: &str) -> Option<String> {
    let name = given.trim();
    let fits = !name.is_empty()
        && name.chars().count() <= MAX_NAME
        && name.chars().all(|c| c.is_ascii_graphic());
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(commands: &[&str], permissions: &[(&str, bool)]) -> Surface {
        Surface::declared([].iter().copied(), commands.iter().copied(), permissions.iter().copied())
    }

    #[test]
    fn what_was_not_approved_does_not_count() {
        let approved = surface(&["system.which"], &[("screen", true)]);
        let declared = surface(&["system.which", "system.run"], &[("screen", true), ("mic", true)]);
        assert!(!declared.within(&approved) && approved.within(&declared));
        let cut = declared.cut_to(&approved);
        assert_eq!(cut, approved);
        assert!(cut.within(&approved));
        let nothing = declared.cut_to(&Surface::default());
        assert_eq!(nothing, Surface::default());
    }

    #[test]
    fn a_permission_that_is_off_needs_nobody_and_is_told() {
        let declared = surface(&[], &[("mic", false)]);
        assert!(declared.within(&Surface::default()));
        assert!(!declared.cut_to(&Surface::default()).permissions["mic"]);
        // Nor does approving it once mean that it is on.
        assert!(!surface(&[], &[("mic", true)]).within(&declared));
    }

    #[test]
    fn names_that_no_terminal_should_show_are_dropped() {
        let long = "x".repeat(MAX_NAME + 1);
        let given =
            [" system.run ", "", "a\u{1b}[2J", "sys\u{200b}tem.run", "a b", &long, "system.run"];
        assert_eq!(surface(&given, &[]).commands.len(), 1);
        let many: Vec<String> = (0..MAX_ENTRIES + 9).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(surface(&many, &[]).commands.len(), MAX_ENTRIES);
    }

    #[test]
    fn capabilities_are_approved_like_commands() {
        let of = |caps: &[&str]| Surface { caps: names(caps), ..Surface::default() };
        let (declared, approved) = (of(&["system", "camera"]), of(&["system"]));
        assert!(!declared.within(&approved) && approved.within(&declared));
        assert_eq!(declared.cut_to(&approved), approved);
    }

    #[test]
    fn permissions_are_bounded_like_commands() {
        let many = (0..MAX_ENTRIES + 9).map(|n| (n.to_string(), true));
        let declared = Surface::declared([], [], many);
        assert_eq!(declared.permissions.len(), MAX_ENTRIES);
    }
}
