//! What becomes of each parameter of a method: it is used, refused, or a hint that may be ignored.
//!
//! A client that sets a parameter must be able to rely on it. So every parameter of a method that
//! changes something stands in one of three lists beside its definition; one that stands in none, or
//! in two, does not compile.

use serde::Serialize;
use serde_json::Value;

use crate::{error::RpcError, object::camel};

/// Parameters whose treatment is settled by `handled!`.
pub trait Handled {
    /// The three lists.
    const TREATMENT: Treatment;

    /// The first parameter that asks for what this gateway cannot do, and why it cannot.
    fn unsupported(&self) -> Option<(&'static str, &'static str)>;

    /// Refuses parameters that ask for what this gateway cannot do.
    fn supported(&self) -> Result<(), RpcError> {
        match self.unsupported() {
            None => Ok(()),
            Some((name, why)) => {
                Err(RpcError::invalid(format!("{} is not supported here: {why}", camel(name))))
            }
        }
    }
}

/// What becomes of the parameters of one method, by their Rust names.
#[derive(Debug, Clone, Copy)]
pub struct Treatment {
    /// The handler acts on them.
    pub used: &'static [&'static str],
    /// Asking for them is refused; with the reason.
    pub refused: &'static [(&'static str, &'static str)],
    /// They change nothing here, and that harms nobody; with the reason.
    pub hints: &'static [(&'static str, &'static str)],
}

/// Whether a value asks for anything: `null`, `false`, nothing and empty lists do not, nor does the
/// word that names what is the case anyway.
pub fn asks(value: &impl Serialize, anyway: &[&str]) -> bool {
    match serde_json::to_value(value) {
        Ok(Value::Null | Value::Bool(false)) => false,
        Ok(Value::String(word)) => !word.is_empty() && !anyway.contains(&word.as_str()),
        Ok(Value::Array(list)) => !list.is_empty(),
        Ok(Value::Object(object)) => !object.is_empty(),
        Ok(Value::Bool(true) | Value::Number(_)) | Err(_) => true,
    }
}

/// Settles what becomes of each parameter.
///
/// ```text
/// handled! { ExampleParams {
///     used: key, message;
///     refused: fork: "sessions cannot be copied", sandbox unless "off": "there is no sandbox";
///     hints: deliver: "there is no channel to deliver to";
/// } }
/// ```
#[macro_export]
macro_rules! handled {
    ($name:ident {
        used: $($used:ident),* $(,)?;
        refused: $($refused:ident $(unless $anyway:literal)?: $why:literal),* $(,)?;
        hints: $($hint:ident: $reason:literal),* $(,)?;
    }) => {
        impl $crate::handled::Handled for $name {
            const TREATMENT: $crate::handled::Treatment = $crate::handled::Treatment {
                used: &[$(stringify!($used)),*],
                refused: &[$((stringify!($refused), $why)),*],
                hints: &[$((stringify!($hint), $reason)),*],
            };

            fn unsupported(&self) -> Option<(&'static str, &'static str)> {
                // No dots at the end: a parameter that is in no list is an error here.
                let Self { $($used: _,)* $($hint: _,)* $($refused,)* } = self;
                $(if $crate::handled::asks($refused, &[$($anyway)?]) {
                    return Some((stringify!($refused), $why));
                })*
                None
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::methods::sessions::SessionsPatchParams;

    fn refused(params: Value) -> Option<&'static str> {
        let params: SessionsPatchParams = serde_json::from_value(params).unwrap();
        params.unsupported().map(|(name, _)| name)
    }

    #[test]
    fn only_what_asks_for_something_is_refused() {
        for harmless in [
            json!({"key": "main"}),
            json!({"key": "main", "permissionMode": null, "fastMode": false}),
            json!({"key": "main", "elevatedLevel": "off", "toolOverrides": {}}),
            json!({"key": "main", "expectedPermissionMode": null}),
        ] {
            assert_eq!(refused(harmless.clone()), None, "{harmless}");
        }
        assert_eq!(refused(json!({"key": "a", "fastMode": "auto"})), Some("fast_mode"));
        assert_eq!(refused(json!({"key": "a", "elevatedLevel": "on"})), Some("elevated_level"));
        assert_eq!(refused(json!({"key": "a", "ttlMinutes": 5})), Some("ttl_minutes"));
        let denied = json!({"key": "a", "toolOverrides": {"webSearch": false}});
        assert_eq!(refused(denied), Some("tool_overrides"));
        let stale = json!({"key": "a", "expectedPermissionMode": "full"});
        assert_eq!(refused(stale), Some("expected_permission_mode"));
    }

    #[test]
    fn the_refusal_names_the_parameter_as_the_client_wrote_it() {
        let params = json!({"key": "a", "sendPolicy": "deny"});
        let params: SessionsPatchParams = serde_json::from_value(params).unwrap();
        let error = params.supported().unwrap_err();
        assert!(error.message.starts_with("sendPolicy is not supported here: "), "{error:?}");
    }
}
