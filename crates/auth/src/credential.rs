//! Secrets: never printed, never compared with `==`, made from the system's random source.

use std::{borrow::Cow, fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::AuthError;

/// What stands in the place of a secret in anything that is shown or sent, as OpenClaw writes it.
pub const REDACTED: &str = "__OPENCLAW_REDACTED__";
/// Longest secret that is compared, in bytes; a longer one is a mismatch without being hashed.
pub const MAX_SECRET_BYTES: usize = 4096;
/// Random bytes in a generated token: 256 bits, 43 characters.
const TOKEN_BYTES: usize = 32;

/// A text that must not be seen. Cloning is cheap.
///
/// There is no `Display` and no `==`; serialising writes [`REDACTED`], so that a configuration that
/// is sent or logged cannot give it away.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for the few places that must hand it on: a device's own token, the store.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A new random token: 32 bytes as base64url, 43 characters.
    pub fn generate() -> Result<Self, AuthError> {
        let mut bytes = [0_u8; TOKEN_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| AuthError::Entropy)?;
        Ok(Self::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The trimmed text when it can serve as a configured secret. Blank ones and the words that
    /// scripts leave behind for an unset variable cannot.
    pub fn usable(&self) -> Option<Self> {
        let text = self.0.trim();
        (!matches!(text, "" | "undefined" | "null") && text.len() <= MAX_SECRET_BYTES)
            .then(|| Self::new(text))
    }

    /// Its digest, to compare candidates with.
    pub fn digest(&self) -> Digest {
        Digest::of(self.expose())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// SHA-256 of a secret. Both sides are hashed before the constant-time comparison, so that neither
/// length nor prefix shows in the time it takes.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// One from the records.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, for the records.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether the candidate is exactly the secret: every byte counts, nothing is trimmed or folded.
    pub fn matches(&self, candidate: &Secret) -> bool {
        candidate.expose().len() <= MAX_SECRET_BYTES && self.same(&candidate.digest())
    }

    /// Whether two digests are equal, in constant time.
    pub fn same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// Neither can be compared with `==`: an implementation of `PartialEq` would make this ambiguous, and so no program.
const _: fn() = || {
    trait Compared<A> {
        fn with_equals() {}
    }
    struct Is;
    impl<T: ?Sized> Compared<()> for T {}
    impl<T: ?Sized + PartialEq> Compared<Is> for T {}
    let _ = <Secret as Compared<_>>::with_equals;
    let _ = <Digest as Compared<_>>::with_equals;
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows() {
        let secret = Secret::new("canary-4711");
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "Secret(..) Digest(..)");
        assert_eq!(serde_json::to_value(&secret).unwrap(), REDACTED);
        assert_eq!(serde_json::from_str::<Secret>("\"canary\"").unwrap().expose(), "canary");
    }

    #[test]
    fn only_the_exact_bytes_match() {
        let digest = Secret::new("s3cret").digest();
        assert!(digest.matches(&"s3cret".into()));
        for wrong in [
            "", " ", "s3cret\n", "s3cret\0", " s3cret", "S3cret", "s3cre", "s3crett", "ｓ3cret",
            "null",
        ] {
            assert!(!digest.matches(&wrong.into()), "{wrong:?}");
        }
        let long = "x".repeat(1 << 20);
        assert!(!Secret::new(long.as_str()).digest().matches(&long.as_str().into()));
    }

    #[test]
    fn generated_tokens_are_43_characters_and_differ() {
        let (a, b) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_eq!(a.expose().len(), 43);
        assert!(!a.digest().same(&b.digest()));
    }

    #[test]
    fn what_an_unset_variable_leaves_is_no_secret() {
        for text in ["", " ", "\t\n", "undefined", " null ", &"x".repeat(MAX_SECRET_BYTES + 1)] {
            assert!(Secret::new(text).usable().is_none(), "{text:?}");
        }
        assert_eq!(Secret::new(" abc\n").usable().unwrap().expose(), "abc");
    }
}
