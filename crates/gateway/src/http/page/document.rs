//! Pages: where they load their files from, and what they may do.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::config::files::hex;

/// What the built-in page may load and do. Text becomes HTML by the two named policies alone: that of the
/// templates, and that of the cleaner of what models write.
pub(super) const STRICT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types lit-html dompurify";

/// What a page of another folder may do besides running its scripts. Pictures of other hosts are not among
/// it: one that a model names in its answer would carry what the chat says there.
const OPEN: &str = "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-src 'self' blob:; \
    connect-src 'self' ws: wss: data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// A page that is ready to be sent.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) body: Bytes,
    /// What tells one state of it from another.
    pub(super) tag: String,
    /// Its Content-Security-Policy.
    pub(super) policy: String,
}

impl Document {
    /// A page without inline scripts.
    pub(super) fn strict(html: &str, prefix: &str) -> Self {
        Self::new(anchored(html, prefix), STRICT.to_owned())
    }

    /// A page of another folder: its own inline scripts run, and no others. The page itself, which stands for
    /// every view, is told where it was mounted.
    pub(super) fn open(html: &str, mounted: Option<&str>) -> Self {
        let html = mounted
            .map_or_else(|| html.to_owned(), |prefix| stamped(&anchored(html, prefix), prefix));
        let policy = policy(&inline_scripts(&html));
        Self::new(html, policy)
    }

    fn new(html: String, policy: String) -> Self {
        Self { tag: tag(html.as_bytes()), body: Bytes::from(html), policy }
    }
}

/// A strong entity tag.
pub(super) fn tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("\"{}\"", hex(&digest[..16]))
}

/// What a page of another folder with these inline scripts may do.
pub(super) fn policy(inline: &[String]) -> String {
    let hash = |script: &String| {
        // A browser hashes what its parser made of the text, and that knows one kind of line end.
        let script = script.replace("\r\n", "\n").replace('\r', "\n");
        format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script)))
    };
    let hashes: String = inline.iter().map(hash).collect();
    format!("default-src 'self'; script-src 'self'{hashes}; {OPEN}")
}

/// Files that a page names relative to its own folder, named from the root instead: a view such as
/// `/settings/general` is the same page, and would look for them in `/settings/`.
fn anchored(html: &str, base: &str) -> String {
    let mut html = html.to_owned();
    for name in ["src", "href"] {
        for quote in ['"', '\''] {
            let (from, to) = (format!("{name}={quote}./"), format!("{name}={quote}{base}/"));
            html = html.replace(&from, &to);
        }
    }
    html
}

/// Tells a page of OpenClaw where it was mounted, as its own gateway does, and that there is no terminal here.
fn stamped(html: &str, prefix: &str) -> String {
    const NAME: &str = "data-openclaw-control-ui-base-path";
    let at = find(html, 0, "<html").map(|at| at + "<html".len());
    match at {
        Some(at) if !html.contains(NAME) => {
            let (head, rest) = html.split_at(at);
            format!("{head} {NAME}=\"{prefix}\" data-openclaw-terminal-enabled=\"false\"{rest}")
        }
        _ => html.to_owned(),
    }
}

/// The texts of the scripts that stand in a page itself.
fn inline_scripts(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = html.get(at..).and_then(|rest| rest.find('<')).map(|next| at + next) {
        at = open + 1;
        if html[open..].starts_with("<!--") {
            at = html[open..].find("-->").map_or(html.len(), |end| open + end + 3);
            continue;
        }
        let Some(tag) = script_tag(&html[open..]) else { continue };
        let begin = open + tag.len();
        let end = find(html, begin, "</script").unwrap_or(html.len());
        if !has_source(tag) && begin < end {
            found.push(html[begin..end].to_owned());
        }
        at = end;
    }
    found
}

/// The opening tag of a script, when `html` begins with one.
fn script_tag(html: &str) -> Option<&str> {
    let name = "<script";
    let begins = html.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name));
    let next = html.as_bytes().get(name.len())?;
    if !begins || !(next.is_ascii_whitespace() || matches!(next, b'>' | b'/')) {
        return None;
    }
    let mut quote = None;
    for (index, byte) in html.bytes().enumerate().skip(name.len()) {
        match (quote, byte) {
            (None, b'>') => return html.get(..=index),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Whether an opening tag has a `src`: then what stands between the tags is not run.
fn has_source(tag: &str) -> bool {
    let mut quote = None;
    let bare: String = tag
        .chars()
        .map(|c| match (quote, c) {
            (None, '"' | '\'') => {
                quote = Some(c);
                ' '
            }
            (Some(open), c) if open == c => {
                quote = None;
                ' '
            }
            (Some(_), _) => '_',
            (None, c) => c.to_ascii_lowercase(),
        })
        .collect();
    let names = bare.split(|c: char| c.is_whitespace() || matches!(c, '/' | '>'));
    names.filter_map(|word| word.split('=').next()).any(|name| name == "src")
}

/// Where a text stands, in whatever case.
fn find(html: &str, from: usize, text: &str) -> Option<usize> {
    let bytes = html.as_bytes().get(from..)?;
    let found = bytes
        .windows(text.len())
        .position(|window| window.eq_ignore_ascii_case(text.as_bytes()))?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_root() {
        let html = "<link href=\"./a.css\"><script src='./b.js'></script><a href=\"/c\">./d</a>";
        let anchored = anchored(html, "/x/y");
        assert_eq!(
            anchored,
            "<link href=\"/x/y/a.css\"><script src='/x/y/b.js'></script><a href=\"/c\">./d</a>"
        );
    }

    #[test]
    fn the_page_is_told_where_it_is() {
        let html = "<!doctype html>\n<HTML lang=en>";
        let told = stamped(html, "/x");
        assert!(told.contains("<HTML data-openclaw-control-ui-base-path=\"/x\" data-"), "{told}");
        assert!(told.ends_with(" lang=en>"));
        assert_eq!(stamped(&told, "/y"), told, "once");
        assert_eq!(stamped("<p>", "/x"), "<p>");
    }

    #[test]
    fn inline_scripts_are_found_and_others_are_not() {
        let html = "<script>a()</script><SCRIPT type='module'\n>b(\"</p>\")</SCRIPT >\
            <script src=x>no</script><script data-src='>'>c</script><scripty>no</scripty>\
            <!-- <script>no</script> --><script title=\"src=1\">d</script><script></script>\
            <script src>no</script><script/src='y'>no</script><style>a<b{}</style><script>e";
        assert_eq!(inline_scripts(html), ["a()", "b(\"</p>\")", "c", "d", "e"]);
        for torn in ["<", "<!--", "<script", "<script \"", "a < b", "<script>", "ü<script>ü"] {
            assert!(inline_scripts(torn).len() <= 1, "{torn}");
        }
    }

    #[test]
    fn a_script_is_hashed_as_a_browser_reads_it() {
        // printf 'a\nb' | openssl dgst -sha256 -binary | base64
        let hash = "script-src 'self' 'sha256-fhj3NzEbLcOy8mndeDlrA1HxT7Zu+oefdoyyMYGIPHg=';";
        for script in ["a\nb", "a\r\nb", "a\rb"] {
            let policy = policy(&[script.to_owned()]);
            assert!(policy.contains(hash), "{policy}");
        }
        assert!(policy(&[]).contains("script-src 'self';"));
    }

    #[test]
    fn tags_tell_one_state_from_another() {
        let page = |html: &str| Document::open(html, None);
        assert_eq!(page("<p>").tag, page("<p>").tag);
        assert_ne!(page("<p>").tag, page("<b>").tag);
    }
}
