//! The device of this command line, in OpenClaw's file and format: `<state>/identity/device.json`.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use openclaw_sdk::{DeviceIdentity, Error};
use serde::{Deserialize, Serialize};

/// The file, as OpenClaw writes it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeviceFile {
    version: u32,
    device_id: String,
    public_key_pem: String,
    private_key_pem: String,
    #[serde(default)]
    created_at_ms: i64,
}

/// Reads the device's key, or makes one. A file that cannot be read is left alone.
pub(crate) fn load_or_create(state_dir: &Path) -> Result<DeviceIdentity, Error> {
    let path = state_dir.join("identity").join("device.json");
    let failed =
        |error: &dyn std::fmt::Display| Error::Identity(format!("{}: {error}", path.display()));
    match fs::read(&path) {
        Ok(text) => {
            let file: DeviceFile = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
            DeviceIdentity::from_pem(&file.private_key_pem)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let identity = DeviceIdentity::generate()?;
            let file = DeviceFile {
                version: 1,
                device_id: identity.id().to_string(),
                public_key_pem: identity.public_key_pem()?,
                private_key_pem: identity.private_key_pem()?,
                created_at_ms: jiff::Timestamp::now().as_millisecond(),
            };
            let text = serde_json::to_string_pretty(&file).map_err(|error| failed(&error))?;
            write_private(&path, &text).map_err(|error| failed(&error))?;
            Ok(identity)
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Writes a new file that only its owner can read; two commands at once agree on the first.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_device_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = load_or_create(dir.path()).unwrap();
        let again = load_or_create(dir.path()).unwrap();
        assert_eq!(first.id(), again.id());
        let path = dir.path().join("identity/device.json");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let file: DeviceFile = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!((file.version, file.device_id.as_str()), (1, first.id().as_str()));
        let folder = path.parent().unwrap();
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_broken_file_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("identity")).unwrap();
        let path = dir.path().join("identity/device.json");
        fs::write(&path, "{").unwrap();
        let error = load_or_create(dir.path()).unwrap_err().to_string();
        assert!(error.contains("device.json"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"{");
    }
}
