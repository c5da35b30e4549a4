//! The machine's device identity, in the file and format that OpenClaw's own programs use.

use std::{fs, io, path::Path};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    SigningKey, VerifyingKey,
    pkcs8::{
        DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _,
        spki::der::pem::LineEnding,
    },
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::files;

/// What others may know of the identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Lower-case hex SHA-256 of the raw public key.
    pub(crate) device_id: String,
    /// The raw public key in base64url without padding.
    pub(crate) public_key: String,
}

/// `identity/device.json`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    version: u32,
    device_id: String,
    public_key_pem: String,
    private_key_pem: String,
    created_at_ms: i64,
}

/// Reads the identity of a state directory, or makes one.
pub(crate) fn load_or_create(state_dir: &Path, now: i64) -> io::Result<Identity> {
    let path = state_dir.join("identity").join("device.json");
    match fs::read(&path) {
        Ok(bytes) => {
            let file: File = serde_json::from_slice(&bytes)?;
            let key =
                SigningKey::from_pkcs8_pem(&file.private_key_pem).map_err(io::Error::other)?;
            Ok(describe(&key.verifying_key()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(&path, now),
        Err(error) => Err(error),
    }
}

fn create(path: &Path, now: i64) -> io::Result<Identity> {
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    let key = SigningKey::from_bytes(&seed);
    let identity = describe(&key.verifying_key());
    let file = File {
        version: 1,
        device_id: identity.device_id.clone(),
        public_key_pem: key
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .map_err(io::Error::other)?,
        private_key_pem: key.to_pkcs8_pem(LineEnding::LF).map_err(io::Error::other)?.to_string(),
        created_at_ms: now,
    };
    files::replace_private(path, &serde_json::to_string_pretty(&file)?)
        .map_err(io::Error::other)?;
    Ok(identity)
}

fn describe(key: &VerifyingKey) -> Identity {
    let raw = key.to_bytes();
    let device_id = files::hex(&Sha256::digest(raw));
    Identity { device_id, public_key: URL_SAFE_NO_PAD.encode(raw) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn an_identity_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = load_or_create(dir.path(), 1).unwrap();
        assert_eq!(load_or_create(dir.path(), 2).unwrap(), first);
        let path = dir.path().join("identity/device.json");
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(first.device_id.len(), 64);
    }
}
