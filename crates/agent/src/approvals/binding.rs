//! What an approval holds for: exactly one command, in one place, for one asker.

use std::collections::BTreeMap;

use openclaw_protocol::methods::approvals::MutableFileOperand;
use sha2::{Digest as _, Sha256};

/// A digest.
pub type Digest = [u8; 32];

/// What a command is to the approval: everything that would make it another one. Two bindings are
/// the same when their digests are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// The command and its arguments; empty when only its text is known.
    pub argv: Vec<String>,
    /// The command as text, when there are no parts.
    pub text: Option<String>,
    /// The folder.
    pub cwd: Option<String>,
    /// Which file is run: its real path and, where it was looked at, what identifies its content.
    pub executable: Option<String>,
    /// Variables that are set for it.
    pub env: BTreeMap<String, String>,
    /// A script that is run, as (argument, path, digest).
    pub script: Option<(u64, String, String)>,
    /// `gateway`, `node` or `sandbox`.
    pub host: Option<String>,
    /// The node.
    pub node: Option<String>,
    /// The agent that asks.
    pub agent: Option<String>,
    /// The session that asks.
    pub session: Option<String>,
}

impl Binding {
    /// The digest. Each field has its name and its length before it, so that no two bindings
    /// share one text.
    pub fn digest(&self) -> Digest {
        let mut hash = Fields(Sha256::new());
        hash.put("openclaw approval 1", "");
        hash.list("argv", self.argv.iter().map(String::as_str));
        hash.maybe("text", self.text.as_deref());
        hash.maybe("cwd", self.cwd.as_deref());
        hash.maybe("executable", self.executable.as_deref());
        hash.list("env", self.env.iter().flat_map(|(name, value)| [name.as_str(), value]));
        if let Some((index, path, digest)) = &self.script {
            hash.list("script", [index.to_string().as_str(), path, digest]);
        }
        hash.maybe("host", self.host.as_deref());
        hash.maybe("node", self.node.as_deref());
        hash.maybe("agent", self.agent.as_deref());
        hash.maybe("session", self.session.as_deref());
        hash.0.finalize().into()
    }

    /// The digest of the variables as approvers and nodes are told it; `None` when none is set.
    pub fn env_hash(&self) -> Option<String> {
        if self.env.is_empty() {
            return None;
        }
        let mut hash = Fields(Sha256::new());
        hash.list("env", self.env.iter().flat_map(|(name, value)| [name.as_str(), value]));
        Some(hex(&hash.0.finalize()))
    }

    /// With the script that a plan names.
    #[must_use]
    pub fn with_script(self, operand: Option<&MutableFileOperand>) -> Self {
        let script =
            operand.map(|file| (file.argv_index.get(), file.path.clone(), file.sha256.clone()));
        Self { script, ..self }
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a text cannot fail.
        write!(out, "{byte:02x}").ok();
        out
    })
}

struct Fields(Sha256);

impl Fields {
    fn put(&mut self, name: &str, value: &str) {
        for text in [name, value] {
            self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            self.0.update(text);
        }
    }

    /// Nothing and an empty text are two things.
    fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn list<'a>(&mut self, name: &str, values: impl IntoIterator<Item = &'a str>) {
        let values: Vec<_> = values.into_iter().collect();
        self.put(name, &values.len().to_string());
        for value in values {
            self.put("", value);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[ab]{0,2}", 0..3)
    }

    fn maybe() -> impl Strategy<Value = Option<String>> {
        prop::option::of("[ab]{0,2}")
    }

    prop_compose! {
        fn binding()(
            argv in texts(), text in maybe(), cwd in maybe(), executable in maybe(),
            env in prop::collection::btree_map("[ab]{0,1}", "[ab]{0,1}", 0..2),
            script in prop::option::of((0u64..2, "[ab]{0,1}", "[ab]{0,1}")),
            agent in maybe(), session in maybe(),
        ) -> Binding {
            Binding { argv, text, cwd, executable, env, script, agent, session, ..Binding::default() }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_digest_stands_for_one_binding(one in binding(), other in binding()) {
            prop_assert_eq!(one.digest() == other.digest(), one == other);
        }
    }

    #[test]
    fn fields_do_not_run_together() {
        let of = |argv: &[&str]| Binding {
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            ..Binding::default()
        };
        assert_ne!(of(&["ab", "c"]).digest(), of(&["a", "bc"]).digest());
        assert_ne!(of(&["a"]).digest(), of(&["a", ""]).digest());
        let cwd = Binding { cwd: Some("/x".to_owned()), ..of(&[]) };
        let session = Binding { session: Some("/x".to_owned()), ..of(&[]) };
        assert_ne!(cwd.digest(), session.digest());
        assert_eq!(of(&["a"]).env_hash(), None);
    }
}
