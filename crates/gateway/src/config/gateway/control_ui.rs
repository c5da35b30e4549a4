//! `gateway.controlUi`: the page in the browser, where it lies and which pages may connect.

use std::path::{Path, PathBuf};

use openclaw_agent::tool::{OpenError, open_beneath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Why a folder cannot be served as the page, in words that tell nothing of where it lies.
pub(crate) fn fault(root: &Path) -> Option<String> {
    match std::fs::metadata(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Some("there is no such folder".to_owned());
        }
        Err(error) => return Some(format!("the folder cannot be read: {}", error.kind())),
        Ok(metadata) if !metadata.is_dir() => return Some("it is not a folder".to_owned()),
        Ok(_) => {}
    }
    match open_beneath(root, "index.html") {
        Ok(_) => None,
        Err(OpenError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Some("the folder has no index.html".to_owned())
        }
        Err(OpenError::Io(error)) => Some(format!("index.html cannot be read: {}", error.kind())),
        Err(error) => Some(format!("index.html cannot be served: {error}")),
    }
}

#[cfg(test)]
mod tests {
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
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        assert_eq!(fault(&root.join("gone")).unwrap(), "there is no such folder");
        std::fs::write(root.join("file"), "").unwrap();
        assert_eq!(fault(&root.join("file")).unwrap(), "it is not a folder");
        assert_eq!(fault(root).unwrap(), "the folder has no index.html");
        std::os::unix::fs::symlink(root.join("file"), root.join("index.html")).unwrap();
        assert!(fault(root).unwrap().contains("symbolic link"));
        std::fs::remove_file(root.join("index.html")).unwrap();
        std::fs::hard_link(root.join("file"), root.join("index.html")).unwrap();
        assert!(fault(root).unwrap().contains("hard link"));
        std::fs::remove_file(root.join("file")).unwrap();
        assert_eq!(fault(root), None);
        // A link to the folder itself is how versions are swapped, and is the owner's own word.
        let link = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(root, link.path().join("current")).unwrap();
        assert_eq!(fault(&link.path().join("current")), None);
    }
}
