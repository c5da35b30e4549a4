//! `gateway.controlUi`: the page in the browser, where it lies and which pages may connect.

use std::{io::ErrorKind, path::PathBuf};

use openclaw_agent::tool::{OpenError, open_beneath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::Paths;

/// First parts of paths that are the gateway's own, so that no page can lie below them.
const OWN: [&str; 11] = [
    "__openclaw",
    "__openclaw__",
    "api",
    "health",
    "healthz",
    "hooks",
    "plugins",
    "ready",
    "readyz",
    "sessions",
    "v1",
];

/// The page in the browser.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ControlUiConfig {
    /// Whether it is served; it is when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The path that it is served under; the root when absent or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_path: Option<String>,
    /// A folder to serve instead of the built-in page; a relative one lies in the state directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<PathBuf>,
    /// Origins besides the gateway's own that may connect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// Known for compatibility; the Host header never decides alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dangerously_allow_host_header_origin_fallback: Option<bool>,
    /// Lets a page without a secure context sign in with the secret alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_insecure_auth: Option<bool>,
    /// Lets the page connect without a device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dangerously_disable_device_auth: Option<bool>,
}

impl ControlUiConfig {
    /// Whether the page is served.
    pub fn is_enabled(&self) -> bool {
        self.enabled.unwrap_or(true)
    }

    /// The path prefix: empty for the root, else `/x/y` without a slash at the end.
    pub fn prefix(&self) -> String {
        let trimmed = self.base_path.as_deref().unwrap_or_default().trim().trim_matches('/');
        if trimmed.is_empty() { String::new() } else { format!("/{trimmed}") }
    }

    /// The folder to serve, unless it is the built-in page or none.
    pub(crate) fn folder(&self, paths: &Paths) -> Option<PageFolder> {
        let root = self.root.as_deref()?.to_string_lossy();
        let root = Some(root.trim()).filter(|root| self.is_enabled() && !root.is_empty())?;
        Some(PageFolder { root: paths.expand(root), state_dir: paths.state_dir.clone() })
    }

    /// What is wrong with `basePath`.
    pub(in crate::config) fn base_path_issue(&self) -> Option<&'static str> {
        let prefix = self.prefix();
        let mut parts = prefix.split('/').skip(1);
        let plain = |part: &str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
            !part.is_empty() && !matches!(part, "." | "..") && part.bytes().all(plain)
        };
        if !parts.clone().all(plain) {
            Some("expected a path such as /openclaw, of letters, digits and - . _ ~")
        } else if parts.next().is_some_and(|first| OWN.contains(&first)) {
            Some("the gateway answers there itself; choose another path, such as /openclaw")
        } else {
            None
        }
    }
}

/// The folder that is served in the built-in page's place.
#[derive(Debug, Clone)]
pub(crate) struct PageFolder {
    /// Where it is.
    pub(crate) root: PathBuf,
    /// What must not lie in it: secrets and transcripts.
    state_dir: PathBuf,
}

impl PageFolder {
    /// Why it cannot be served, in words that tell nothing of where it lies.
    pub(crate) fn fault(&self) -> Option<String> {
        let root = match self.root.canonicalize() {
            Ok(root) => root,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Some("there is no such folder".to_owned());
            }
            Err(error) => return Some(format!("the folder cannot be read: {}", error.kind())),
        };
        if !root.is_dir() {
            return Some("it is not a folder".to_owned());
        }
        if self.state_dir.canonicalize().is_ok_and(|state| state.starts_with(&root)) {
            return Some("the gateway's own state lies in that folder".to_owned());
        }
        match open_beneath(&root, "index.html") {
            Ok(_) => None,
            Err(OpenError::Io(error)) if error.kind() == ErrorKind::NotFound => {
                Some("the folder has no index.html".to_owned())
            }
            Err(OpenError::Io(error)) => {
                Some(format!("index.html cannot be read: {}", error.kind()))
            }
            Err(error) => Some(format!("index.html cannot be served: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn at(base: &str) -> ControlUiConfig {
        ControlUiConfig { base_path: Some(base.to_owned()), ..ControlUiConfig::default() }
    }

    #[test]
    fn a_base_path_is_one_that_every_reader_sees_the_same() {
        for (base, prefix) in
            [("", ""), ("/", ""), (" /ui/ ", "/ui"), ("a/b", "/a/b"), ("/x.y~z_-", "/x.y~z_-")]
        {
            assert_eq!((at(base).prefix().as_str(), at(base).base_path_issue()), (prefix, None));
        }
        let bad = ["/a//b", "/..", "/a/./b", "/a b", "/a%2f", "/a?b", "/a#b", "/\\a", "/{a}", "/ü"];
        for base in bad.into_iter().chain(OWN).chain(["/v1/ui", "health/"]) {
            assert!(at(base).base_path_issue().is_some(), "{base}");
        }
        assert_eq!(ControlUiConfig::default().base_path_issue(), None);
    }

    #[test]
    fn a_folder_without_a_page_says_what_is_missing() {
        let (dir, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = dir.path();
        let of =
            |root: PathBuf, state: &Path| PageFolder { root, state_dir: state.to_owned() }.fault();
        let fault = |path: PathBuf| of(path, state.path());
        assert_eq!(fault(root.join("gone")).unwrap(), "there is no such folder");
        std::fs::write(root.join("file"), "").unwrap();
        assert_eq!(fault(root.join("file")).unwrap(), "it is not a folder");
        assert_eq!(fault(root.to_owned()).unwrap(), "the folder has no index.html");
        std::os::unix::fs::symlink(root.join("file"), root.join("index.html")).unwrap();
        assert!(fault(root.to_owned()).unwrap().contains("symbolic link"));
        std::fs::remove_file(root.join("index.html")).unwrap();
        std::fs::hard_link(root.join("file"), root.join("index.html")).unwrap();
        assert!(fault(root.to_owned()).unwrap().contains("hard link"));
        std::fs::remove_file(root.join("file")).unwrap();
        assert_eq!(fault(root.to_owned()), None);
        // A link to the folder itself is how versions are swapped, and is the owner's own word.
        let link = state.path().join("current");
        std::os::unix::fs::symlink(root, &link).unwrap();
        assert_eq!(fault(link.clone()), None);
        // The state is kept out, by whatever name the folder is called; a page inside of the state is none of it.
        std::fs::create_dir(root.join("state")).unwrap();
        for above in [root.to_owned(), link, root.join("state/..")] {
            assert!(of(above, &root.join("state")).unwrap().contains("own state"));
        }
        std::fs::create_dir(state.path().join("page")).unwrap();
        std::fs::write(state.path().join("page/index.html"), "").unwrap();
        assert_eq!(fault(state.path().join("page")), None);
    }

    #[test]
    fn a_blank_root_is_no_folder() {
        let env = crate::config::Environment::from_vars([("OPENCLAW_STATE_DIR", "/state")]);
        let paths = Paths::resolve(&env, &crate::config::Profile::DEFAULT).unwrap();
        let folder = |root: &str, enabled| {
            let root = Some(PathBuf::from(root));
            let config =
                ControlUiConfig { root, enabled: Some(enabled), ..ControlUiConfig::default() };
            config.folder(&paths).map(|folder| folder.root)
        };
        assert_eq!((folder("", true), folder(" ", true), folder("x", false)), (None, None, None));
        assert_eq!(folder(" page ", true), Some(PathBuf::from("/state/page")));
    }
}
