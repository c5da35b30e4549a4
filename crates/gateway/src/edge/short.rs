//! The short-connect door: a `connect` that names a secret, a role and scopes and nothing else. What
//! follows is protocol 3.

use openclaw_auth::{AuthFields, Secret};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The short form; there is nothing between it and the whole one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Short {
    token: Option<Secret>,
    password: Option<Secret>,
    /// `role`; absent means operator.
    pub(super) role: Option<String>,
    /// `scopes`; absent and empty both mean none.
    #[serde(default)]
    pub(super) scopes: Vec<String>,
}

impl Short {
    /// Reads it; `None` for every other form.
    pub(super) fn read(params: Option<&RawValue>) -> Option<Self> {
        let short: Self = serde_json::from_str(params?.get()).ok()?;
        (short.token.is_some() != short.password.is_some()).then_some(short)
    }

    /// The secret, as if it stood in `auth`.
    pub(super) fn auth(&self) -> AuthFields {
        let (token, password) = (self.token.clone(), self.password.clone());
        AuthFields { token, password, ..AuthFields::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_short_form_and_nothing_beside_it() {
        let fits = |params: &str| {
            Short::read(Some(&RawValue::from_string(params.to_owned()).unwrap())).is_some()
        };
        assert!(fits(r#"{"token":"s","role":"operator","scopes":["operator.read"]}"#));
        assert!(fits(r#"{"password":"p"}"#));
        for other in [
            "{}",
            "null",
            r#"{"token":null}"#,
            r#"{"token":7}"#,
            r#"{"token":"s","password":"p"}"#,
            r#"{"token":"s","minProtocol":3}"#,
            r#"{"token":"s","client":{"id":"cli"}}"#,
            r#"{"token":"s","auth":{"token":"s"}}"#,
            r#"{"token":"s","device":{}}"#,
        ] {
            assert!(!fits(other), "{other}");
        }
    }
}
