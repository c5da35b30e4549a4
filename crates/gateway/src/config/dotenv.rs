//! `.env` files: `NAME=value` lines, with quotes, comments and `export`.

use std::{fs::File, io::Read as _, path::Path};

use super::environment::Environment;

/// A `.env` larger than this is not read.
const MAX_BYTES: u64 = 256 * 1024;

/// Fills `env` from `<cwd>/.env`, then from `<state>/.env`. A value that is there already stays.
pub(super) fn fill(env: &mut Environment, state_dir: &Path) {
    let cwd = env.cwd().map(Path::to_owned);
    for dir in cwd.as_deref().into_iter().chain([state_dir]) {
        for (name, value) in read(&dir.join(".env")).map(|text| parse(&text)).unwrap_or_default() {
            env.fill(&name, &value);
        }
    }
}

/// The text of a regular file of sane size; anything else counts as no file.
fn read(path: &Path) -> Option<String> {
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_BYTES + 1).read_to_string(&mut text).ok()?;
    (text.len() as u64 <= MAX_BYTES).then_some(text)
}

/// The pairs of a `.env` text, in order. Lines that are no pair are skipped.
fn parse(text: &str) -> Vec<(String, String)> {
    text.trim_start_matches('\u{feff}').lines().filter_map(pair).collect()
}

fn pair(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    Some((name.to_owned(), unquote(value.trim())))
}

fn unquote(value: &str) -> String {
    for quote in ['"', '\'', '`'] {
        let inner = value.strip_prefix(quote).and_then(|rest| rest.rsplit_once(quote));
        if let Some((inner, tail)) = inner
            && (tail.trim().is_empty() || tail.trim_start().starts_with('#'))
        {
            return if quote == '"' { inner.replace("\\n", "\n") } else { inner.to_owned() };
        }
    }
    let end = value.find(" #").unwrap_or(value.len());
    let plain = value.get(..end).unwrap_or(value);
    if plain.starts_with('#') { String::new() } else { plain.trim_end().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let text = "\u{feff}# c\nA=1\nexport B = two words # c\nC=\"a # b\\nc\" # c\nD='x'\nE=\n9X=1\nbad line\nF=a#b\r\nG=# c\n";
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "a # b\nc"),
            ("D", "x"),
            ("E", ""),
            ("F", "a#b"),
            ("G", ""),
        ];
        let parsed = parse(text);
        let parsed: Vec<_> = parsed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(parsed, expected);
    }

    #[test]
    fn the_working_directory_comes_before_the_state_directory() {
        let (cwd, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(cwd.path().join(".env"), "A=cwd\nB=cwd\n").unwrap();
        std::fs::write(state.path().join(".env"), "A=state\nB=state\nC=state\n").unwrap();
        let mut env = Environment::from_vars([("A", "process")]).with_cwd(cwd.path());
        fill(&mut env, state.path());
        assert_eq!(
            ["A", "B", "C"].map(|name| env.get(name)),
            [Some("process"), Some("cwd"), Some("state")]
        );
    }
}
