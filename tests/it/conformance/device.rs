//! The device of a flow: a fresh key, since a recorded signature is good for its own nonce alone.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use openclaw_tests::{Device, device::now_ms};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How much older than now the signature of a stale device is, in milliseconds; recorded.
const STALE: u64 = 3_600_000;

/// Puts the device in the place of its placeholder, `<DEVICE>` or `<DEVICE what-is-wrong>`.
pub(crate) fn fill(device: &Device, params: &mut Value, nonce: &str) {
    let placeholder = params["device"].as_str().unwrap().to_owned();
    match placeholder.as_str() {
        "<DEVICE>" => device.sign(params, nonce),
        "<DEVICE stale>" => device.sign_at(params, nonce, now_ms() - STALE),
        "<DEVICE bad-signature>" => {
            device.sign(params, nonce);
            params["device"]["signature"] = json!("AAAA");
        }
        "<DEVICE wrong-id>" => {
            device.sign(params, nonce);
            params["device"]["id"] = json!("deadbeef");
        }
        "<DEVICE v2>" => sign_v2(params, nonce),
        other => panic!("{other}"),
    }
}

/// The older payload, which leaves the platform and the device's family out.
fn sign_v2(params: &mut Value, nonce: &str) {
    let key = SigningKey::from_bytes(&[7; 32]);
    let signed_at = now_ms();
    let id = id_of(&key);
    let scopes: Vec<&str> =
        params["scopes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let payload = [
        "v2".to_owned(),
        id.clone(),
        text(&params["client"]["id"]),
        text(&params["client"]["mode"]),
        text(&params["role"]),
        scopes.join(","),
        signed_at.to_string(),
        text(&params["auth"]["token"]),
        nonce.to_owned(),
    ]
    .join("|");
    params["device"] = json!({
        "id": id,
        "publicKey": URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes()),
        "signature": URL_SAFE_NO_PAD.encode(key.sign(payload.as_bytes()).to_bytes()),
        "signedAt": signed_at,
        "nonce": nonce,
    });
}

/// Lower-case hex SHA-256 of the public key.
fn id_of(key: &SigningKey) -> String {
    let digest = Sha256::digest(key.verifying_key().to_bytes());
    digest.iter().fold(String::new(), |id, byte| id + &format!("{byte:02x}"))
}
