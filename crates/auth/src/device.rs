//! Device identity: an Ed25519 key, the id derived from it, and the signature over the challenge.
//!
//! Only the server's side; clients sign elsewhere.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey, pkcs8::DecodePublicKey as _};
use openclaw_protocol::ids::DeviceId;
use sha2::{Digest as _, Sha256};

use crate::attempt::{Attempt, DeviceClaim};

/// Largest difference between `signedAt` and our clock, in milliseconds, either way.
pub const MAX_SKEW_MS: u64 = 120_000;
/// Longest public key text that is looked at; PEM takes about 120 bytes.
const MAX_KEY_TEXT: usize = 1024;
/// Bytes of a raw Ed25519 public key.
const KEY_BYTES: usize = 32;

/// A device whose signature over this socket's challenge is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenDevice {
    /// Its id, derived from the key.
    pub id: DeviceId,
    /// The raw key as base64url without padding.
    pub public_key: String,
}

/// Why a device is not believed, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceError {
    /// The id is not the one of the key, or there is no key.
    IdMismatch,
    /// `signedAt` is more than [`MAX_SKEW_MS`] away.
    Stale,
    /// No nonce.
    NonceMissing,
    /// Not this socket's nonce.
    NonceMismatch,
    /// The signature is not over these fields, or not a signature.
    Signature,
    /// The key is weak or not in canonical form.
    PublicKey,
}

impl DeviceError {
    /// The message, which is also the close reason.
    pub const fn message(self) -> &'static str {
        match self {
            Self::IdMismatch => "device identity mismatch",
            Self::Stale => "device signature expired",
            Self::NonceMissing => "device nonce required",
            Self::NonceMismatch => "device nonce mismatch",
            Self::Signature => "device signature invalid",
            Self::PublicKey => "device public key invalid",
        }
    }

    /// `details.code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::IdMismatch => "DEVICE_AUTH_DEVICE_ID_MISMATCH",
            Self::Stale => "DEVICE_AUTH_SIGNATURE_EXPIRED",
            Self::NonceMissing => "DEVICE_AUTH_NONCE_REQUIRED",
            Self::NonceMismatch => "DEVICE_AUTH_NONCE_MISMATCH",
            Self::Signature => "DEVICE_AUTH_SIGNATURE_INVALID",
            Self::PublicKey => "DEVICE_AUTH_PUBLIC_KEY_INVALID",
        }
    }

    /// `details.reason`.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::IdMismatch => "device-id-mismatch",
            Self::Stale => "device-signature-stale",
            Self::NonceMissing => "device-nonce-missing",
            Self::NonceMismatch => "device-nonce-mismatch",
            Self::Signature => "device-signature",
            Self::PublicKey => "device-public-key",
        }
    }
}

/// Reads a key: base64url of the raw 32 bytes, or PEM.
pub fn parse_key(text: &str) -> Option<[u8; KEY_BYTES]> {
    if text.len() > MAX_KEY_TEXT {
        return None;
    }
    if text.contains("BEGIN") {
        return Some(VerifyingKey::from_public_key_pem(text.trim()).ok()?.to_bytes());
    }
    decode(text)?.try_into().ok()
}

/// A key as records have it: base64url of the raw bytes, without padding.
pub fn key_text(key: &[u8; KEY_BYTES]) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// The id of a key: lower-case hex SHA-256 of the raw bytes.
pub fn id_of(key: &[u8; KEY_BYTES]) -> DeviceId {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(key) {
        // Writing to a String cannot fail.
        write!(hex, "{byte:02x}").unwrap_or_default();
    }
    DeviceId::from(hex)
}

/// Checks the claim of an attempt against this socket's nonce.
pub fn verify(
    attempt: &Attempt,
    claim: &DeviceClaim,
    now_ms: u64,
) -> Result<ProvenDevice, DeviceError> {
    let key = parse_key(&claim.public_key).ok_or(DeviceError::IdMismatch)?;
    let id = id_of(&key);
    if id.as_str() != claim.id {
        return Err(DeviceError::IdMismatch);
    }
    let skew = (i128::from(now_ms) - i128::from(claim.signed_at)).unsigned_abs();
    if skew > u128::from(MAX_SKEW_MS) {
        return Err(DeviceError::Stale);
    }
    let nonce = claim.nonce.as_deref().unwrap_or_default().trim();
    if nonce.is_empty() {
        return Err(DeviceError::NonceMissing);
    }
    if attempt.nonce.is_empty() || nonce != attempt.nonce {
        return Err(DeviceError::NonceMismatch);
    }
    verify_signature(attempt, claim, &key)?;
    Ok(ProvenDevice { id, public_key: key_text(&key) })
}

fn verify_signature(
    attempt: &Attempt,
    claim: &DeviceClaim,
    key: &[u8; KEY_BYTES],
) -> Result<(), DeviceError> {
    let key = canonical(key)
        .then(|| VerifyingKey::from_bytes(key).ok())
        .flatten()
        .filter(|key| !key.is_weak())
        .ok_or(DeviceError::PublicKey)?;
    let signature = decode(&claim.signature)
        .and_then(|bytes| Signature::from_slice(&bytes).ok())
        .ok_or(DeviceError::Signature)?;
    [payload_v3(attempt, claim), payload_v2(attempt, claim)]
        .iter()
        .any(|payload| key.verify_strict(payload.as_bytes(), &signature).is_ok())
        .then_some(())
        .ok_or(DeviceError::Signature)
}

/// Whether the y coordinate is below the field's prime, 2^255 - 19: other spellings of the same
/// point would give one key several ids.
fn canonical(key: &[u8; KEY_BYTES]) -> bool {
    let [low, middle @ .., high] = key;
    !(high & 0x7f == 0x7f && middle.iter().all(|byte| *byte == 0xff) && *low >= 0xed)
}

/// What the first clients sign.
fn payload_v2(attempt: &Attempt, claim: &DeviceClaim) -> String {
    payload(attempt, claim, "v2")
}

/// What clients sign today: also platform and device family, trimmed and in ASCII lower case.
fn payload_v3(attempt: &Attempt, claim: &DeviceClaim) -> String {
    let field =
        |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
    format!(
        "{}|{}|{}",
        payload(attempt, claim, "v3"),
        field(&attempt.client.platform),
        field(&attempt.client.device_family)
    )
}

fn payload(attempt: &Attempt, claim: &DeviceClaim, version: &str) -> String {
    [
        version,
        &claim.id,
        &attempt.client.id,
        &attempt.client.mode,
        attempt.role.as_deref().unwrap_or("operator"),
        &attempt.scopes.join(","),
        &claim.signed_at.to_string(),
        attempt.auth.signed_token(),
        &attempt.nonce,
    ]
    .join("|")
}

/// Base64 in either alphabet, padded or not, as clients have been seen to send it.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text
        .trim_end_matches('=')
        .chars()
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
pub(crate) mod tests;
