//! What can be done about a finding unasked: it only ever takes something away from others.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use serde_json::Value;

use crate::config::{ConfigError, Environment, Paths, edit, files, keep_original, load_text};

/// One change.
#[derive(Debug, Clone)]
pub(super) enum Mend {
    /// The mode of a file or folder.
    Mode(PathBuf, u32),
    /// A key of the config is taken out, its dots apart.
    Unset(&'static str),
}

impl Mend {
    /// Does it and says so. `None` when the key does not stand in the config file itself: whoever wrote
    /// it elsewhere has to look.
    pub(super) fn apply(
        &self,
        paths: &Paths,
        env: &Environment,
    ) -> Result<Option<String>, ConfigError> {
        match self {
            Self::Mode(path, mode) => {
                let permissions = fs::Permissions::from_mode(*mode);
                fs::set_permissions(path, permissions).map_err(ConfigError::io(path))?;
                Ok(Some(format!("chmod {mode:o} {}", path.display())))
            }
            Self::Unset(key) => unset(key, paths, env),
        }
    }
}

fn unset(key: &str, paths: &Paths, env: &Environment) -> Result<Option<String>, ConfigError> {
    let file = &paths.config_file;
    let text = fs::read_to_string(file).map_err(ConfigError::io(file))?;
    let path: Vec<String> = key.split('.').map(str::to_owned).collect();
    let changed = edit::unset(&text, &path)?;
    if changed == text {
        return Ok(None);
    }
    let refused = |reason: String| ConfigError::Edit { path: key.to_owned(), reason };
    let renewed = load_text(paths, env, Some(changed.clone()))
        .map_err(|error| refused(format!("without it the config is refused: {error}")))?;
    if lookup(&renewed.snapshot.resolved, &path).is_some() {
        return Ok(None);
    }
    keep_original(paths)?;
    files::replace_private(file, &changed)?;
    let running = "a running gateway follows when it is started again";
    Ok(Some(format!("removed {key} from {} ({running})", file.display())))
}

fn lookup<'a>(root: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, step| value.get(step))
}
