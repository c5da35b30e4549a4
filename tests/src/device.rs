//! A device key that signs a challenge.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey, pkcs8::DecodePrivateKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A device.
pub struct Device {
    key: SigningKey,
}

impl Default for Device {
    fn default() -> Self {
        Self::new()
    }
}

impl Device {
    /// A device that no gateway knows.
    pub fn new() -> Self {
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(Uuid::new_v4().as_bytes());
        seed[16..].copy_from_slice(Uuid::new_v4().as_bytes());
        Self { key: SigningKey::from_bytes(&seed) }
    }

    /// The device of a private key, as OpenClaw's programs keep it.
    pub fn from_pem(pem: &str) -> Self {
        Self { key: SigningKey::from_pkcs8_pem(pem).unwrap() }
    }

    /// The raw public key in base64url.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.verifying_key().to_bytes())
    }

    /// Lower-case hex SHA-256 of the public key.
    pub fn id(&self) -> String {
        let key = self.key.verifying_key().to_bytes();
        let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
        Sha256::digest(key).iter().fold(String::new(), hex)
    }

    /// Adds the device and its signature over everything that is signed.
    pub fn sign(&self, params: &mut Value, nonce: &str) {
        self.sign_at(params, nonce, now_ms());
    }

    /// The same at another time.
    pub fn sign_at(&self, params: &mut Value, nonce: &str, signed_at: u64) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let scopes: Vec<String> =
            params["scopes"].as_array().into_iter().flatten().map(text).collect();
        let auth = &params["auth"];
        let token =
            ["token", "deviceToken", "bootstrapToken"].iter().find_map(|name| auth[name].as_str());
        let client = &params["client"];
        let payload = [
            "v3".to_owned(),
            self.id(),
            text(&client["id"]),
            text(&client["mode"]),
            params["role"].as_str().unwrap_or("operator").to_owned(),
            scopes.join(","),
            signed_at.to_string(),
            token.unwrap_or_default().to_owned(),
            nonce.to_owned(),
            text(&client["platform"]).to_lowercase(),
            text(&client["deviceFamily"]).to_lowercase(),
        ]
        .join("|");
        params["device"] = json!({
            "id": self.id(),
            "publicKey": self.public_key(),
            "signature": URL_SAFE_NO_PAD.encode(self.key.sign(payload.as_bytes()).to_bytes()),
            "signedAt": signed_at,
            "nonce": nonce,
        });
    }
}

/// The clock of the machine, in milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "tests speak to a gateway that has the machine's clock"
)]
pub fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
