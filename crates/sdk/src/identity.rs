//! A device's Ed25519 key: who signs the challenge. Knows PEM, not files.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    Signer as _, SigningKey,
    pkcs8::spki::der::pem::LineEnding,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, KeypairBytes},
};
use openclaw_protocol::ids::DeviceId;
use sha2::{Digest as _, Sha256};

use crate::Error;

/// A device: its id is the SHA-256 of its public key.
#[derive(Clone)]
pub struct DeviceIdentity {
    key: SigningKey,
    id: DeviceId,
}

/// The id of a device with this raw public key.
fn id_of(public_key: &[u8]) -> DeviceId {
    let hash = Sha256::digest(public_key);
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(u32::from);
    digits.filter_map(|digit| char::from_digit(digit, 16)).collect::<String>().into()
}

/// What a device signs; recorded from OpenClaw 2026.3.28 and 2026.9.6 as payload version 3.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) client_mode: &'a str,
    pub(crate) role: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) at: u64,
    pub(crate) token: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) platform: &'a str,
    pub(crate) device_family: &'a str,
}

impl Signed<'_> {
    fn payload(&self, device: &str) -> String {
        let plain = |text: &str| text.trim().to_ascii_lowercase();
        [
            "v3",
            device,
            self.client_id,
            self.client_mode,
            self.role,
            &self.scopes.join(","),
            &self.at.to_string(),
            self.token,
            self.nonce,
            &plain(self.platform),
            &plain(self.device_family),
        ]
        .join("|")
    }
}

impl DeviceIdentity {
    /// Makes a new key from the system's random numbers.
    pub fn generate() -> Result<Self, Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| Error::Identity(error.to_string()))?;
        Ok(Self::from_key(SigningKey::from_bytes(&seed)))
    }

    /// Reads a private key in PKCS#8 PEM, as OpenClaw keeps it in `identity/device.json`.
    pub fn from_pem(private_key: &str) -> Result<Self, Error> {
        let key = SigningKey::from_pkcs8_pem(private_key.trim())
            .map_err(|error| Error::Identity(format!("the private key: {error}")))?;
        Ok(Self::from_key(key))
    }

    fn from_key(key: SigningKey) -> Self {
        let id = id_of(key.verifying_key().as_bytes());
        Self { key, id }
    }

    /// The device's id: lower-case hex SHA-256 of the raw public key.
    pub fn id(&self) -> &DeviceId {
        &self.id
    }

    /// The raw public key in base64url without padding, as `connect` carries it.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes())
    }

    /// The private key in PKCS#8 version 1 PEM, which OpenClaw can read too.
    pub fn private_key_pem(&self) -> Result<String, Error> {
        let pair = KeypairBytes { secret_key: self.key.to_bytes(), public_key: None };
        let pem = pair.to_pkcs8_pem(LineEnding::LF);
        pem.map(|pem| pem.to_string()).map_err(|error| Error::Identity(error.to_string()))
    }

    /// The public key in SPKI PEM.
    pub fn public_key_pem(&self) -> Result<String, Error> {
        let pem = self.key.verifying_key().to_public_key_pem(LineEnding::LF);
        pem.map_err(|error| Error::Identity(error.to_string()))
    }

    /// Signs any text; base64url without padding.
    pub fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.key.sign(text.as_bytes()).to_bytes())
    }

    pub(crate) fn sign_connect(&self, signed: &Signed<'_>) -> String {
        self.sign(&signed.payload(self.id.as_str()))
    }
}

impl std::fmt::Debug for DeviceIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceIdentity").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_pem() {
        let first = DeviceIdentity::generate().unwrap();
        let again = DeviceIdentity::from_pem(&first.private_key_pem().unwrap()).unwrap();
        assert_eq!(first.id(), again.id());
        assert_eq!(first.sign("x"), again.sign("x"));
        assert!(first.public_key_pem().unwrap().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    }

    #[test]
    fn the_private_key_is_pkcs8_version_1() {
        // 48 bytes of DER: what Node's crypto writes and reads.
        let pem = DeviceIdentity::generate().unwrap().private_key_pem().unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
        assert_eq!(
            (der.len(), &der[..16]),
            (48, &b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"[..])
        );
    }

    #[test]
    fn the_id_is_the_hash_of_the_recorded_public_key() {
        // Recorded from the command line of OpenClaw 2026.3.28.
        let raw = URL_SAFE_NO_PAD.decode("cJGAOt-u2TxavqRR0pEBeohYpm2Rh7p5zrKj-r2XYjQ").unwrap();
        let expected = "c5cac24fe905976443dcee959f1cebf486ce448ec4df7318c8bd2c8f22f7bcfd";
        assert_eq!(id_of(&raw).as_str(), expected);
    }

    #[test]
    fn the_payload_has_eleven_fields_in_order() {
        let signed = Signed {
            client_id: "cli",
            client_mode: "probe",
            role: "operator",
            scopes: &["operator.read".into(), "operator.write".into()],
            at: 7,
            token: "t",
            nonce: "n",
            platform: " Linux ",
            device_family: "",
        };
        assert_eq!(
            signed.payload("id"),
            "v3|id|cli|probe|operator|operator.read,operator.write|7|t|n|linux|"
        );
    }

    #[test]
    fn rubbish_is_refused_with_a_reason() {
        let error = DeviceIdentity::from_pem("no").unwrap_err().to_string();
        assert!(error.starts_with("the device identity is unusable: the private key"), "{error}");
    }
}
