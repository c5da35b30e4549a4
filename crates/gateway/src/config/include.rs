//! `$include`: other files in the place of an object.
//!
//! A string replaces the object that holds it, a list is merged in order (objects key by key, lists end to end, else
//! the later wins), and the keys beside `$include` override what was included. Files stay under the directory of the
//! config file after symbolic links are resolved.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::Read as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::{
    error::Problem,
    json5::{self, Kind, LineIndex, MAX_BYTES, Member, Node, Position},
    source::Sources,
};

/// The key.
pub(super) const KEY: &str = "$include";
/// Includes inside includes deeper than this are refused, as OpenClaw does.
const MAX_NESTING: usize = 10;
/// A config of more files than this is refused, so that a few small files cannot include each other without end.
const MAX_FILES: usize = 256;

/// Replaces every `$include` of `root`; what fails is a problem and leaves an empty object behind.
pub(super) fn resolve(
    root: Node,
    sources: &mut Sources,
    config_dir: &Path,
) -> (Node, Vec<Problem>) {
    let base = std::fs::canonicalize(config_dir).unwrap_or_else(|_| config_dir.to_owned());
    let main =
        std::fs::canonicalize(sources.path(0)).unwrap_or_else(|_| sources.path(0).to_owned());
    let mut resolver =
        Resolver { sources, base, open: vec![main], path: Vec::new(), problems: Vec::new() };
    let node = resolver.node(root, config_dir);
    (node, resolver.problems)
}

struct Resolver<'a> {
    sources: &'a mut Sources,
    base: PathBuf,
    /// The files that are being read, outermost first.
    open: Vec<PathBuf>,
    /// The config path of the node at hand.
    path: Vec<String>,
    problems: Vec<Problem>,
}

impl Resolver<'_> {
    fn node(&mut self, node: Node, dir: &Path) -> Node {
        let Node { file, span, kind } = node;
        let kind = match kind {
            Kind::Array(items) => Kind::Array(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| self.child(&index.to_string(), item, dir))
                    .collect(),
            ),
            Kind::Object(members) => {
                return self.object(Node { file, span, kind: Kind::Object(members) }, dir);
            }
            scalar => scalar,
        };
        Node { file, span, kind }
    }

    fn child(&mut self, step: &str, node: Node, dir: &Path) -> Node {
        self.path.push(step.to_owned());
        let node = self.node(node, dir);
        self.path.pop();
        node
    }

    fn object(&mut self, node: Node, dir: &Path) -> Node {
        let Node { file, span, kind } = node;
        let Kind::Object(members) = kind else { return Node { file, span, kind } };
        let mut wanted = None;
        let mut own = Vec::with_capacity(members.len());
        for mut member in members {
            if member.key == KEY {
                wanted = Some(member.value);
            } else {
                member.value = self.child(&member.key, member.value, dir);
                own.push(member);
            }
        }
        let own_node = Node { file, span, kind: Kind::Object(own) };
        let Some(wanted) = wanted else { return own_node };
        let Some(included) = self.included(&wanted, dir) else { return own_node };
        match (&included.kind, own_node.members().is_empty()) {
            (_, true) => included,
            (Kind::Object(_), false) => merge(included, own_node),
            (_, false) => {
                self.problem(
                    &wanted,
                    "keys beside $include need an included file that is an object",
                );
                own_node
            }
        }
    }

    /// The merged content of what `$include` names.
    fn included(&mut self, wanted: &Node, dir: &Path) -> Option<Node> {
        let list = match &wanted.kind {
            Kind::String(_) => std::slice::from_ref(wanted),
            Kind::Array(items) if !items.is_empty() => items,
            _ => {
                self.problem(wanted, "$include takes a file name or a list of file names");
                return None;
            }
        };
        let files: Vec<_> = list.iter().filter_map(|name| self.file(name, dir)).collect();
        files.into_iter().reduce(merge)
    }

    fn file(&mut self, name: &Node, dir: &Path) -> Option<Node> {
        let loaded = self.open(name, dir).map_err(|message| self.problem(name, message));
        let (path, text) = loaded.ok()?;
        let id = self.sources.add(path.clone(), text);
        match json5::parse(self.sources.text(id), id) {
            Err(faults) => {
                for fault in faults {
                    self.problems.push(self.sources.problem(
                        (id, fault.offset),
                        &self.path,
                        fault.message,
                    ));
                }
                None
            }
            Ok(node) => {
                let parent = path.parent().unwrap_or(Path::new("/")).to_owned();
                self.open.push(path);
                let node = self.node(node, &parent);
                self.open.pop();
                Some(node)
            }
        }
    }

    /// Reads the file that `name` means, after every check.
    fn open(&self, name: &Node, dir: &Path) -> Result<(PathBuf, String), String> {
        let Some(text) = name.as_str().filter(|text| !text.trim().is_empty()) else {
            return Err("$include takes a file name or a list of file names".into());
        };
        if self.open.len() > MAX_NESTING {
            return Err(format!("{text} is included deeper than {MAX_NESTING} levels"));
        }
        if self.sources.len() > MAX_FILES {
            return Err(format!("more than {MAX_FILES} files are included"));
        }
        let path = std::fs::canonicalize(dir.join(text))
            .map_err(|error| format!("cannot include {text}: {error}"))?;
        if !path.starts_with(&self.base) {
            return Err(format!(
                "{text} lies outside the config directory {}",
                self.base.display()
            ));
        }
        if self.open.contains(&path) {
            return Err(format!("circular include of {text}"));
        }
        let content = read(&path).map_err(|reason| format!("cannot include {text}: {reason}"))?;
        Ok((path, content))
    }

    fn problem(&mut self, at: &Node, message: impl Into<String>) {
        let problem = self.sources.problem((at.file, at.span.start), &self.path, message);
        self.problems.push(problem);
    }
}

/// The text of a regular file, refused when it is too large or not UTF-8. `path` is resolved, so a link is an attack.
fn read(path: &Path) -> Result<String, String> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    #[expect(clippy::cast_possible_wrap, reason = "flag bits, not a number")]
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path);
    let text = read_limited(file.map_err(|error| error.to_string())?);
    text.map_err(|unreadable| unreadable.to_string())
}

/// Why a file gives no text, and where in it.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// Why.
    pub(super) message: String,
    /// Where; absent when the file as a whole is meant.
    pub(super) position: Option<Position>,
}

impl From<String> for Unreadable {
    fn from(message: String) -> Self {
        Self { message, position: None }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.position {
            Some(Position { line, column }) => write!(f, " (line {line}, column {column})"),
            None => Ok(()),
        }
    }
}

/// Reads a config text from an open file.
pub(super) fn read_limited(file: File) -> Result<String, Unreadable> {
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    if !is_file {
        return Err("it is no regular file".to_owned().into());
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > MAX_BYTES {
        return Err(format!("it is larger than {} MiB", MAX_BYTES / 1024 / 1024).into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let text = String::from_utf8_lossy(valid);
        let position = Some(LineIndex::new(&text).position(&text, text.len()));
        Unreadable { message: "no UTF-8 text from here on".to_owned(), position }
    })
}

/// `over` on top of `base`: objects key by key, lists end to end, anything else replaced.
fn merge(base: Node, over: Node) -> Node {
    let Node { file, span, kind } = base;
    let kind = match (kind, over) {
        (Kind::Object(mut members), Node { kind: Kind::Object(others), .. }) => {
            for other in others {
                put(&mut members, other);
            }
            Kind::Object(members)
        }
        (Kind::Array(mut items), Node { kind: Kind::Array(others), .. }) => {
            items.extend(others);
            Kind::Array(items)
        }
        (_, over) => return over,
    };
    Node { file, span, kind }
}

fn put(members: &mut Vec<Member>, other: Member) {
    match members.iter_mut().find(|member| member.key == other.key) {
        None => members.push(other),
        Some(slot) => {
            let nothing = Node { file: other.key_file, span: 0..0, kind: Kind::Null };
            let base = std::mem::replace(&mut slot.value, nothing);
            *slot = Member { value: merge(base, other.value), ..other };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody may put a link there after the path was resolved.
    #[test]
    fn a_link_in_the_place_of_a_resolved_file_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        std::fs::write(&file, "{}").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(read(&file).unwrap(), "{}");
        read(&link).unwrap_err();
    }
}
