//! Skills as they lie in folders: which programs they say that they need.
//!
//! A skill is a folder with a `SKILL.md`, whose head between two lines of `---` has `metadata:` with an
//! object in it. Only that is read; what a skill says to a model is not.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Skills of one folder that are looked at; further ones are left out.
const MAX_SKILLS: usize = 512;
/// Bytes of a `SKILL.md` in which its head must end.
const MAX_HEAD: u64 = 64 * 1024;
/// Longest name of a program.
const MAX_NAME: usize = 64;

/// The programs that the skills in these folders need, sorted. A folder that is not there has none, and a
/// skill whose head cannot be read needs none.
pub(crate) fn bins(folders: &[PathBuf]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in folders {
        let Ok(skills) = std::fs::read_dir(folder) else { continue };
        for skill in skills.flatten().take(MAX_SKILLS) {
            if let Ok(text) = head(&skill.path().join("SKILL.md")) {
                found.extend(metadata(&text).iter().flat_map(needs));
            }
        }
    }
    found
}

fn head(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_HEAD).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The object behind `metadata:`, on its line or on the indented lines below it.
fn metadata(text: &str) -> Option<Value> {
    let head = text.strip_prefix("---")?;
    let (head, _) = head.split_once("\n---")?;
    let mut lines = head.lines().skip_while(|line| !line.starts_with("metadata:"));
    let first = lines.next()?.strip_prefix("metadata:")?;
    let rest = lines.take_while(|line| line.starts_with([' ', '\t']) || line.trim().is_empty());
    let text = std::iter::once(first).chain(rest).collect::<Vec<_>>().join("\n");
    json5::from_str(&text).ok()
}

fn needs(metadata: &Value) -> Vec<String> {
    let own = &metadata["openclaw"];
    let installs = own["install"].as_array().into_iter().flatten().map(|one| &one["bins"]);
    let lists = [&own["requires"]["bins"], &own["requires"]["anyBins"]].into_iter().chain(installs);
    let names = lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
    let plain = |name: &&str| {
        !name.is_empty()
            && name.len() <= MAX_NAME
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
    };
    names.map(str::trim).filter(plain).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skill(dir: &Path, name: &str, text: &str) {
        std::fs::create_dir_all(dir.join(name)).unwrap();
        std::fs::write(dir.join(name).join("SKILL.md"), text).unwrap();
    }

    #[test]
    fn the_programs_of_every_skill_are_found_once() {
        let dir = tempfile::tempdir().unwrap();
        skill(
            dir.path(),
            "a",
            "---\nname: a\nmetadata: {\"openclaw\": {\"requires\": {\"bins\": [\"gh\"]}}}\n---\n# A\n",
        );
        skill(
            dir.path(),
            "b",
            "---\nmetadata:\n  {\n    \"openclaw\":\n      { \"requires\": { \"anyBins\": [\"curl\", \"../x\"] },\n        \"install\": [{ \"bins\": [\"gh\", \"jq\"], }], },\n  }\nname: b\n---\n",
        );
        skill(
            dir.path(),
            "no-head",
            "metadata: {\"openclaw\": {\"requires\": {\"bins\": [\"no\"]}}}",
        );
        skill(dir.path(), "broken", "---\nmetadata: {\n---\n");
        skill(
            dir.path(),
            "body",
            "---\nname: x\n---\nmetadata: {\"openclaw\": {\"requires\": {\"bins\": [\"no\"]}}}\n",
        );
        let folders = [dir.path().to_owned(), dir.path().join("missing")];
        assert_eq!(Vec::from_iter(bins(&folders)), ["curl", "gh", "jq"]);
    }
}
