//! JSON5 text as a tree in which every key and value knows where it stands.
//!
//! One parser serves reading, error positions and edits that keep comments. It is stricter than JSON5 where a
//! lenient reading has cost people their settings: duplicate keys, NUL bytes and numbers that JSON cannot hold are refused.

mod parser;
mod position;
mod scalar;

use std::ops::Range;

use serde_json::Value;

pub use self::position::{LineIndex, Position};

/// Nesting deeper than this is refused; the deepest setting that OpenClaw knows is at level 9.
pub const MAX_DEPTH: usize = 64;
/// A config file larger than this is refused before it is parsed.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Identifies one of the files that a config was put together from; 0 is the config file itself.
pub type FileId = u16;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The file it was read from.
    pub file: FileId,
    /// Byte range of the value in that file.
    pub span: Range<usize>,
    /// The value.
    pub kind: Kind,
}

/// The kinds of values.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number; whole ones are integers however they are written.
    Number(serde_json::Number),
    /// A string.
    String(String),
    /// A list.
    Array(Vec<Node>),
    /// An object, in the order of the file.
    Object(Vec<Member>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key, without quotes and escapes.
    pub key: String,
    /// The file that the key was read from.
    pub key_file: FileId,
    /// Byte range of the key as written.
    pub key_span: Range<usize>,
    /// Its value.
    pub value: Node,
}

/// Why a text is no config, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset in the text.
    pub offset: usize,
    /// One line; syntax errors are worded as OpenClaw's parser words them (`JSON5: invalid character 'j'`).
    pub message: String,
}

/// Parses `text`. Duplicate keys do not stop the parser, so that all of them are reported.
///
/// # Errors
/// Every duplicate key, and the syntax error that stopped it.
pub fn parse(text: &str, file: FileId) -> Result<Node, Vec<Fault>> {
    parser::parse(text, file)
}

impl Node {
    /// A value that no file holds; it takes the place of `self`.
    #[must_use]
    pub fn replaced_by(&self, kind: Kind) -> Self {
        Self { file: self.file, span: self.span.clone(), kind }
    }

    /// The members when this is an object, else none.
    pub fn members(&self) -> &[Member] {
        if let Kind::Object(members) = &self.kind { members } else { &[] }
    }

    /// The value of `key` when this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|member| &member.value)
    }

    /// The member named `key`.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.key == key)
    }

    /// Same as [`Self::get`], to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Kind::Object(members) = &mut self.kind else { return None };
        members.iter_mut().find(|member| member.key == key).map(|member| &mut member.value)
    }

    /// The text when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// Follows keys and list indices.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| node.step(step.as_ref()))
    }

    fn step(&self, step: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => self.get(step),
        }
    }

    /// The place of the deepest part of `path` that exists: of its key when `key` is set, else of its value.
    pub fn locate<S: AsRef<str>>(&self, path: &[S], key: bool) -> (FileId, usize) {
        let mut place = (self.file, self.span.start);
        let mut node = self;
        for (depth, step) in path.iter().enumerate() {
            let Some(next) = node.step(step.as_ref()) else { break };
            place = (next.file, next.span.start);
            if key
                && depth + 1 == path.len()
                && let Some(member) = node.member(step.as_ref())
            {
                place = (member.key_file, member.key_span.start);
            }
            node = next;
        }
        place
    }

    /// The plain value.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Kind::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|member| (member.key.clone(), member.value.to_value()))
                    .collect(),
            ),
        }
    }

    /// Calls `visit` for every string value, with its path.
    ///
    /// `path` is where `self` stands; it is as before when this returns.
    pub fn for_each_string(
        &mut self,
        path: &mut Vec<String>,
        visit: &mut impl FnMut(&mut Self, &[String]),
    ) {
        match &mut self.kind {
            Kind::String(_) => visit(self, path),
            Kind::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    path.push(index.to_string());
                    item.for_each_string(path, visit);
                    path.pop();
                }
            }
            Kind::Object(members) => {
                for member in members {
                    path.push(member.key.clone());
                    member.value.for_each_string(path, visit);
                    path.pop();
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
