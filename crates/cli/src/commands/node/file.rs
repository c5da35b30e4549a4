//! `<state>/node.json`, as OpenClaw's node host writes it: who this node is and where its gateway is.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Place;
use crate::{args::NodeRunArgs, failure::Failure};

/// The name of the file in the state directory.
const FILE_NAME: &str = "node.json";

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NodeFile {
    version: u32,
    /// What tells this node's instances apart. The gateway calls the node by its device.
    pub(super) node_id: String,
    /// The token that the gateway below has given to this device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gateway: Option<GatewayPlace>,
    /// What this build does not know.
    #[serde(flatten)]
    rest: Map<String, Value>,
    /// Where it was read from.
    #[serde(skip)]
    path: PathBuf,
}

/// The gateway of last time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct GatewayPlace {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls_fingerprint: Option<String>,
}

impl NodeFile {
    /// Reads the file, or begins a new one. One that cannot be read is left alone.
    pub(super) fn read(state_dir: &Path) -> Result<Self, Failure> {
        let path = state_dir.join(FILE_NAME);
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new("NODE_FILE", format!("{}: {error}; move it away", path.display()))
        };
        let mut file = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| failed(&error))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(failed(&error)),
        };
        file.path = path;
        Ok(file)
    }

    /// Takes over what this start says.
    pub(super) fn settle(&mut self, place: &Place, args: &NodeRunArgs) {
        self.version = 1;
        if let Some(id) = args.node_id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
            id.clone_into(&mut self.node_id);
        }
        if self.node_id.trim().is_empty() {
            self.node_id = Uuid::new_v4().to_string();
        }
        let named = args.display_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        if let Some(name) = named {
            self.display_name = Some(name.to_owned());
        }
        let here = self.display_name.as_deref().is_none_or(|name| name.trim().is_empty());
        if here {
            let system = rustix::system::uname();
            self.display_name = Some(system.nodename().to_string_lossy().into_owned());
        }
        let gateway = place.kept();
        if self.gateway.as_ref() != Some(&gateway) {
            // A token is of one gateway, and nobody else's business.
            self.token = None;
        }
        self.gateway = Some(gateway);
    }

    /// The name that people see.
    pub(super) fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.node_id)
    }

    /// Writes the file whole, readable by its owner alone.
    pub(super) fn write(&self, state_dir: &Path) -> Result<(), Failure> {
        let failed = |error: io::Error| {
            Failure::new("NODE_FILE", format!("{}: {error}", self.path.display()))
        };
        DirBuilder::new().recursive(true).mode(0o700).create(state_dir).map_err(failed)?;
        self.write_again()
    }

    /// [`NodeFile::write`], where the folder is known to be there.
    pub(super) fn write_again(&self) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new("NODE_FILE", format!("{}: {error}", self.path.display()))
        };
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(&error))?;
        replace(&self.path, &format!("{text}\n")).map_err(|error| failed(&error))
    }
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_file_name(format!(".{FILE_NAME}.{}.tmp", Uuid::new_v4().simple()));
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use serde_json::json;

    use super::*;

    fn args(host: &str, name: Option<&str>) -> NodeRunArgs {
        NodeRunArgs {
            host: Some(host.into()),
            port: Some(5),
            tls: false,
            tls_fingerprint: None,
            node_id: None,
            display_name: name.map(str::to_owned),
            secret: crate::args::SecretArgs::default(),
        }
    }

    fn settle(file: &mut NodeFile, args: &NodeRunArgs) {
        let env = openclaw_gateway::config::Environment::default();
        let place = Place::choose(args, file, &env).unwrap();
        file.settle(&place, args);
    }

    #[test]
    fn what_was_chosen_is_kept_and_the_token_stays_with_its_gateway() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let mut file = NodeFile::read(&state).unwrap();
        settle(&mut file, &args("127.0.0.1", Some(" Desk ")));
        file.token = Some("secret".into());
        file.write(&state).unwrap();
        let path = state.join(FILE_NAME);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&state)), (0o600, 0o700));
        let mut again = NodeFile::read(&state).unwrap();
        settle(&mut again, &args("127.0.0.1", None));
        assert_eq!(again, file);
        assert_eq!((again.name(), again.token.as_deref()), ("Desk", Some("secret")));
        settle(&mut again, &args("localhost", None));
        assert_eq!((again.token.as_deref(), &again.node_id), (None, &file.node_id));
    }

    #[test]
    fn what_another_build_wrote_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        let old = json!({ "version": 1, "nodeId": "n", "gateway": { "host": "127.0.0.1", "port": 5 }, "later": [1] });
        fs::write(&path, old.to_string()).unwrap();
        let mut file = NodeFile::read(dir.path()).unwrap();
        settle(&mut file, &args("127.0.0.1", None));
        file.write(dir.path()).unwrap();
        let written: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!((&written["nodeId"], &written["later"]), (&json!("n"), &json!([1])));
        assert!(!file.name().is_empty());
        fs::write(&path, "{").unwrap();
        assert!(NodeFile::read(dir.path()).unwrap_err().message.contains("node.json"));
        assert_eq!(fs::read(&path).unwrap(), b"{");
    }
}
