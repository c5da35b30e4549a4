//! What must not be in a log: secrets, and characters that a terminal or a reader takes for more than text.

use std::{borrow::Cow, collections::BTreeSet, fmt::Write as _, sync::Arc};

use parking_lot::RwLock;

/// What stands in the place of a secret.
const MASK: &str = "***";
/// Shorter texts are not taken for secrets: they would blot out ordinary words.
const MIN_SECRET: usize = 4;
/// More secrets than this are not kept; the config cannot hold as many.
const MAX_SECRETS: usize = 4096;
/// What a secret follows in a header, a query or a JSON text.
const MARKERS: [&str; 8] =
    ["bearer ", "token=", "password=", "api_key=", "apikey=", "secret=", "key=sk-", "basic "];

/// The secrets that this process knows; cheap to clone, shared by all clones.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<BTreeSet<String>>>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.read().len())
    }
}

impl Secrets {
    /// Never lets these be written again, as they are or as they stand in an address or in JSON.
    pub fn add<S: AsRef<str>>(&self, secrets: impl IntoIterator<Item = S>) {
        let mut known = self.0.write();
        for secret in secrets {
            let secret = secret.as_ref().trim();
            if secret.len() < MIN_SECRET || known.len() >= MAX_SECRETS {
                continue;
            }
            known.insert(percent_encoded(secret));
            let json = serde_json::Value::from(secret).to_string();
            known.insert(json.trim_matches('"').to_owned());
            known.insert(secret.to_owned());
        }
    }

    /// `text` without secrets and without what follows words like `Bearer`.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = Cow::Borrowed(text);
        // In reverse order a secret that begins with another comes first.
        for secret in self.0.read().iter().rev() {
            if out.contains(secret.as_str()) {
                out = Cow::Owned(out.replace(secret.as_str(), MASK));
            }
        }
        match marked(&out) {
            Some(masked) => Cow::Owned(masked),
            None => out,
        }
    }
}

fn percent_encoded(secret: &str) -> String {
    secret.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else if write!(out, "%{byte:02X}").is_err() {
            // A String takes everything.
        }
        out
    })
}

/// Masks the word after each marker; nothing when there is none.
fn marked(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if !MARKERS.iter().any(|marker| lower.contains(marker)) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = lower.get(at..)?;
        let found =
            MARKERS.iter().filter_map(|marker| Some((rest.find(marker)?, marker.len()))).min();
        let Some((offset, length)) = found else { break };
        let start = at + offset + length;
        out.push_str(text.get(at..start)?);
        let word = text.get(start..)?;
        let end = word
            .find(|c: char| c.is_whitespace() || "\"'&,;)}]<>".contains(c))
            .unwrap_or(word.len());
        if end > 0 {
            out.push_str(MASK);
        }
        at = start + end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// `text` with control and direction characters spelled out, so that it is one line and looks like what it is.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if !is_unsafe(c) => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(out)
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_secrets_are_masked_in_every_spelling() {
        let secrets = Secrets::default();
        secrets.add(["canary+1", "canary+12", "a\"quote", "ab"]);
        let masked = |text: &str| secrets.mask(text).into_owned();
        assert_eq!(masked("x canary+12 y canary+1"), "x *** y ***");
        assert_eq!(masked("/ws?t=canary%2B1&a"), "/ws?t=***&a");
        assert_eq!(masked(r#"{"p":"a\"quote"}"#), r#"{"p":"***"}"#);
        assert_eq!(masked("x a\"quote y"), "x *** y");
        assert_eq!(masked("about"), "about");
        assert!(!format!("{secrets:?}").contains("canary"));
    }

    #[test]
    fn a_bounded_number_of_secrets_is_kept() {
        let secrets = Secrets::default();
        secrets.add((0..=MAX_SECRETS).map(|n| format!("canary{n}")));
        assert_eq!(secrets.0.read().len(), MAX_SECRETS);
    }

    #[test]
    fn words_after_markers_are_masked() {
        let masked = |text: &str| Secrets::default().mask(text).into_owned();
        assert_eq!(
            masked("Authorization: Bearer abc.def, next"),
            "Authorization: Bearer ***, next"
        );
        assert_eq!(masked("/ws?token=abc&x=1 é Token=d"), "/ws?token=***&x=1 é Token=***");
        assert_eq!(masked("token= none"), "token= none");
        assert_eq!(masked("nothing here"), "nothing here");
    }

    #[test]
    fn control_and_direction_characters_are_spelled_out() {
        assert_eq!(plain("a\r\nb\u{1b}[31m\u{202e}\u{0}ü"), "a\\r\\nb\\u{1b}[31m\\u{202e}\\u{0}ü");
        assert!(matches!(plain("plain ⇄ text"), Cow::Borrowed(_)));
    }
}
