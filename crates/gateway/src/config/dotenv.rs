//! `.env` files: `NAME=value` lines, with quotes, comments and `export`.

use std::{fs::File, io::Read as _, path::Path};

use super::{environment::Environment, error::Problem, json5::Position};

/// A `.env` larger than this is not read.
const MAX_BYTES: u64 = 256 * 1024;

/// Lines of one file that are told; more would bury the rest.
const MAX_TOLD: usize = 10;

/// Fills `env` from `<cwd>/.env`, then from `<state>/.env`. A value that is there already stays. Lines that
/// are no pair, and files that are no text, are told; never what is in them.
pub(super) fn fill(env: &mut Environment, state_dir: &Path) -> Vec<Problem> {
    let cwd = env.cwd().map(Path::to_owned);
    let mut told = Vec::new();
    for dir in cwd.as_deref().into_iter().chain([state_dir]) {
        let file = dir.join(".env");
        let mut tell = |position, message: &str| {
            let (file, path) = (file.clone(), String::new());
            told.push(Problem { file, position, path, message: message.to_owned() });
        };
        match read(&file) {
            Ok(text) => {
                let (pairs, odd) = parse(&text);
                for line in odd.into_iter().take(MAX_TOLD) {
                    let message = "no NAME=value, so this line is passed over";
                    tell(Some(Position { line, column: 1 }), message);
                }
                for (name, value) in pairs {
                    env.fill(&name, &value);
                }
            }
            Err(Some(why)) => tell(None, why),
            Err(None) => {}
        }
    }
    told
}

/// The text of a regular file of sane size; without a reason there is no such file.
fn read(path: &Path) -> Result<String, Option<&'static str>> {
    if !std::fs::metadata(path).is_ok_and(|file| file.is_file()) {
        return Err(None);
    }
    let cannot = |_| Some("cannot be read, so none of it is used");
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Some("larger than 256 KiB, so none of it is used"));
    }
    String::from_utf8(bytes).map_err(|_| Some("no UTF-8 text, so none of it is used"))
}

/// The pairs of a `.env` text, in order, and the numbers of the lines that are none.
fn parse(text: &str) -> (Vec<(String, String)>, Vec<usize>) {
    let (mut pairs, mut odd) = (Vec::new(), Vec::new());
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        match pair(line) {
            Some(pair) => pairs.push(pair),
            None if line.is_empty() || line.starts_with('#') => {}
            None => odd.push(index + 1),
        }
    }
    (pairs, odd)
}

fn pair(line: &str) -> Option<(String, String)> {
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
        let (parsed, odd) = parse(text);
        assert_eq!(odd, [7, 8], "the name with a digit, and no pair at all");
        let parsed: Vec<_> = parsed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(parsed, expected);
    }

    #[test]
    fn the_working_directory_comes_before_the_state_directory() {
        let (cwd, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(cwd.path().join(".env"), "A=cwd\nB=cwd\n").unwrap();
        std::fs::write(state.path().join(".env"), "A=state\nB=state\nC=state\n").unwrap();
        let mut env = Environment::from_vars([("A", "process")]).with_cwd(cwd.path());
        assert_eq!(fill(&mut env, state.path()), []);
        assert_eq!(
            ["A", "B", "C"].map(|name| env.get(name)),
            [Some("process"), Some("cwd"), Some("state")]
        );
    }

    #[test]
    fn what_is_passed_over_is_told_without_its_text() {
        let state = tempfile::tempdir().unwrap();
        let file = state.path().join(".env");
        let told = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            let told = fill(&mut Environment::default(), state.path());
            let line = |problem: &Problem| (problem.position, problem.message.clone());
            told.iter().map(line).collect::<Vec<_>>()
        };
        let place = Some(Position { line: 2, column: 1 });
        let passed_over = "no NAME=value, so this line is passed over".to_owned();
        assert_eq!(told(b"A=1\nTOKEN canary\n# B\n\n"), [(place, passed_over)]);
        assert_eq!(told("x\n".repeat(100).as_bytes()).len(), MAX_TOLD);
        assert_eq!(told(b"A=\xff")[0].1, "no UTF-8 text, so none of it is used");
        let large = vec![b'#'; usize::try_from(MAX_BYTES).unwrap() + 1];
        assert_eq!(told(&large)[0].1, "larger than 256 KiB, so none of it is used");
    }
}
