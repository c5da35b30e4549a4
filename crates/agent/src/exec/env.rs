//! The variables of a program that runs for an agent: few of our own, and what the caller adds.
//!
//! Nothing is inherited but what is named here: secrets, proxies and what changes how a program is loaded stay out.
//! What a caller adds may be any name but those by which a shell, a loader or an interpreter runs something else.

use std::collections::BTreeMap;

/// Folders in which programs are looked for when our own `PATH` says nothing.
pub const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a program inherits.
const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "TZ",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
];

/// Names that no caller sets: where programs and settings are looked for, and what is run by another program.
const BLOCKED: &[&str] = &[
    "PATH",
    "HOME",
    "SHELL",
    "IFS",
    "ENV",
    "PS4",
    "SHELLOPTS",
    "BASHOPTS",
    "BASH_ENV",
    "ZDOTDIR",
    "PROMPT_COMMAND",
    "HISTFILE",
    "EDITOR",
    "VISUAL",
    "FCEDIT",
    "SUDO_EDITOR",
    "PAGER",
    "MANPAGER",
    "LESSOPEN",
    "LESSCLOSE",
    "BROWSER",
    "SSH_ASKPASS",
    "SSLKEYLOGFILE",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "CLASSPATH",
    "MAVEN_OPTS",
    "SBT_OPTS",
    "ANT_OPTS",
    "CURL_HOME",
    "WGETRC",
    "AWS_CONFIG_FILE",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "XDG_CONFIG_HOME",
    "GOFLAGS",
    "RUSTC",
    "RUSTC_WRAPPER",
    "MAKEFLAGS",
    "CC",
    "CXX",
    "TAR_OPTIONS",
    "RIPGREP_CONFIG_PATH",
];

/// Beginnings of such names.
const BLOCKED_PREFIXES: &[&str] = &[
    "LD_",
    "DYLD_",
    "BASH_FUNC_",
    "GIT_",
    "NPM_CONFIG_",
    "NODE_",
    "PYTHON",
    "PERL",
    "RUBY",
    "GEM_",
    "BUNDLE_",
    "LUA_",
    "JAVA_",
    "_JAVA_",
    "JDK_JAVA_",
    "GRADLE_",
    "DOTNET_",
    "CORECLR_",
    "CGO_",
    "CARGO_",
    "RUSTUP_",
    "DENO_",
    "BUN_",
    "COMPOSER_",
    "OPENSSL_",
    "OPENCLAW_",
];

/// Names that a caller gave and that are not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejected {
    /// Names that change which program runs or how, in capitals, sorted.
    pub blocked: Vec<String>,
    /// Texts that are no name.
    pub invalid: Vec<String>,
}

/// What a program inherits of our own variables; `get` reads one.
pub fn inherited(get: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let own = INHERITED.iter().filter_map(|name| Some(((*name).to_owned(), get(name)?)));
    let mut own: BTreeMap<_, _> = own.filter(|(_, value)| !value.contains('\0')).collect();
    let path = own.entry("PATH".to_owned()).or_default();
    if path.trim().is_empty() {
        USUAL_PATH.clone_into(path);
    }
    own
}

/// What a caller adds, or which of it is not set.
pub fn added(given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Rejected> {
    let (mut set, mut rejected) = (BTreeMap::new(), Rejected::default());
    for (name, value) in given {
        let name = name.trim();
        if !is_name(name) || value.contains('\0') {
            rejected.invalid.push(name.to_owned());
        } else if is_blocked(name) {
            rejected.blocked.push(name.to_ascii_uppercase());
        } else {
            set.insert(name.to_owned(), value.clone());
        }
    }
    if rejected == Rejected::default() { Ok(set) } else { Err(rejected) }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_blocked(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    BLOCKED.contains(&name.as_str())
        || BLOCKED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || name.ends_with("_PROXY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_inherited_and_there_is_always_a_path() {
        let get = |name: &str| match name {
            "HOME" => Some("/home/a".to_owned()),
            "PATH" => Some(" ".to_owned()),
            "OPENCLAW_GATEWAY_TOKEN" | "LD_PRELOAD" | "HTTP_PROXY" => Some("secret".to_owned()),
            "TERM" => Some("x\0y".to_owned()),
            _ => None,
        };
        let expected = [("HOME", "/home/a"), ("PATH", USUAL_PATH)];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(inherited(get), BTreeMap::from(expected));
    }

    #[test]
    fn a_caller_adds_variables_but_not_programs() {
        let one = |name: &str, value: &str| added(&BTreeMap::from([(name.into(), value.into())]));
        for name in ["FOO", "_x", "DEBUG", "LANG", "NO_COLOR"] {
            assert_eq!(one(name, "1").unwrap()[name], "1");
        }
        for name in [
            "PATH",
            "Path",
            "LD_PRELOAD",
            "ld_audit",
            "DYLD_INSERT_LIBRARIES",
            "BASH_ENV",
            "ENV",
            "NODE_OPTIONS",
            "PYTHONSTARTUP",
            "PERL5OPT",
            "RUBYOPT",
            "GIT_SSH_COMMAND",
            "https_proxy",
            "BASH_FUNC_x",
            "OPENCLAW_STATE_DIR",
            "PROMPT_COMMAND",
            "RUSTUP_HOME",
            "IFS",
        ] {
            assert_eq!(one(name, "1").unwrap_err().blocked, [name.to_ascii_uppercase()]);
        }
        for name in ["", "A=B", "1A", "A B", "A\0B", "Ä"] {
            assert_eq!(one(name, "1").unwrap_err().invalid.len(), 1, "{name:?}");
        }
        assert_eq!(one("A", "x\0y").unwrap_err().invalid, ["A"]);
    }
}
