//! The first start: a token is made and kept in the config file, where every client looks for it.

use std::sync::Arc;

use openclaw_auth::{Credentials, Mode, Secret, config::SecretInput};
use serde_json::json;

use super::{
    edit,
    error::ConfigError,
    files,
    load::{self, Loaded},
    paths::Paths,
    secret_ref::Programs,
};

/// Random bytes of a token; OpenClaw's have as many, in hex too.
pub(super) const TOKEN_BYTES: usize = 24;

/// A token that this start made.
#[derive(Debug, Clone)]
pub struct GeneratedToken {
    /// The token.
    pub token: Secret,
    /// Why it could not be written, so that it ends with this process; `None` when it was written.
    pub not_saved: Option<String>,
}

/// Makes a token when the mode is `token` and there is none, and writes it to `gateway.auth.token`.
///
/// Comments and order of the file stay. When it cannot be written, the token serves this process.
///
/// # Errors
/// When the system gives no random bytes.
pub fn ensure_token(
    loaded: &mut Loaded,
    paths: &Paths,
) -> Result<Option<GeneratedToken>, ConfigError> {
    let credentials = Credentials::new(&loaded.config.gateway.auth);
    if credentials.mode != Mode::Token || !credentials.secret_missing() {
        return Ok(None);
    }
    let token = files::random_hex(TOKEN_BYTES).map_err(ConfigError::io(&paths.config_file))?;
    let not_saved = save(loaded, paths, &token).err().map(|error| error.to_string());
    if not_saved.is_some() {
        // The file has none, and a reload of the secrets must not take this one away.
        loaded.overrides.insert("token".to_owned(), token.clone().into());
    }
    loaded.secrets.push(token.clone());
    let secret = Secret::new(token);
    let config = Arc::make_mut(&mut loaded.config);
    config.gateway.auth.token = Some(SecretInput::Text(secret.clone()));
    Ok(Some(GeneratedToken { token: secret, not_saved }))
}

/// Writes the token and takes over the snapshot of the new text.
fn save(loaded: &mut Loaded, paths: &Paths, token: &str) -> Result<(), ConfigError> {
    let text = match &loaded.snapshot.raw {
        None => edit::render(&json!({
            "gateway": { "mode": "local", "auth": { "mode": "token", "token": token } }
        })),
        Some(raw) => {
            let path = ["gateway", "auth", "token"].map(str::to_owned);
            edit::set(raw, &path, json!(token))?
        }
    };
    let env = &loaded.environment;
    let renewed = load::load_with(paths, env, Some(text.clone()), Programs::Run)?;
    // Someone may have written the file since it was read; his text is not lost for a token.
    if load::read(paths).is_ok_and(|now| now != loaded.snapshot.raw) {
        return Err(ConfigError::Edit {
            path: "gateway.auth.token".into(),
            reason: format!("{} changed meanwhile; start again", paths.config_file.display()),
        });
    }
    keep_original(paths)?;
    files::replace_private(&paths.config_file, &text)?;
    *loaded = Loaded { environment: loaded.environment.clone(), ..renewed };
    Ok(())
}

/// Copies the file as a person or another program left it, once, before the first change.
pub(crate) fn keep_original(paths: &Paths) -> Result<(), ConfigError> {
    let Ok(text) = std::fs::read_to_string(&paths.config_file) else { return Ok(()) };
    let name = paths.config_file.file_name().unwrap_or_default();
    let copy = paths.state_dir.join("originals").join(name);
    if copy.exists() { Ok(()) } else { files::replace_private(&copy, &text) }
}

#[cfg(test)]
mod tests;
