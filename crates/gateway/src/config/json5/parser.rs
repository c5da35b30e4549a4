//! The recursive part of the JSON5 parser: values, objects, lists, white space and comments.

use json5::char::{is_json5_identifier, is_json5_identifier_start, is_json5_whitespace};

use super::{Fault, FileId, Kind, MAX_DEPTH, Member, Node, scalar::unit};

pub(super) fn parse(text: &str, file: FileId) -> Result<Node, Vec<Fault>> {
    if let Some(offset) = text.find('\0') {
        let message =
            "the file holds a NUL byte, as after a crash while it was written; restore it"
                .to_owned();
        return Err(vec![Fault { offset, message }]);
    }
    let mut parser = Parser { text, at: 0, file, duplicates: Vec::new() };
    match parser.document() {
        Err(fault) => Err(parser.duplicates.into_iter().chain([fault]).collect()),
        Ok(_) if !parser.duplicates.is_empty() => Err(parser.duplicates),
        Ok(node) => Ok(node),
    }
}

pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    file: FileId,
    duplicates: Vec<Fault>,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<Node, Fault> {
        self.skip_space()?;
        let node = self.value(0)?;
        self.skip_space()?;
        if self.peek().is_some() { Err(self.unexpected()) } else { Ok(node) }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    pub(super) fn offset(&self) -> usize {
        self.at
    }

    pub(super) fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { offset: self.at, message: message.into() })
    }

    /// The fault of the character that stands here.
    pub(super) fn unexpected(&self) -> Fault {
        let message = match self.peek() {
            None => "JSON5: invalid end of input".to_owned(),
            Some(found) => format!("JSON5: invalid character '{}'", shown(found)),
        };
        Fault { offset: self.at, message }
    }

    fn skip_space(&mut self) -> Result<(), Fault> {
        loop {
            let space = self.rest().find(|c| !is_json5_whitespace(c));
            self.at += space.unwrap_or(self.rest().len());
            if self.eat("//") {
                let end = self.rest().find(['\n', '\r', '\u{2028}', '\u{2029}']);
                self.at += end.unwrap_or(self.rest().len());
            } else if self.eat("/*") {
                let Some(end) = self.rest().find("*/") else {
                    self.at = self.text.len();
                    return Err(self.unexpected());
                };
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        if depth > MAX_DEPTH {
            return self.fault(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.array(depth)?,
            Some('"' | '\'') => Kind::String(self.string()?),
            Some('+' | '-' | '.' | '0'..='9' | 'I' | 'N') => Kind::Number(self.number()?),
            Some('t') => self.literal("true", Kind::Bool(true))?,
            Some('f') => self.literal("false", Kind::Bool(false))?,
            Some('n') => self.literal("null", Kind::Null)?,
            _ => return Err(self.unexpected()),
        };
        Ok(Node { file: self.file, span: start..self.at, kind })
    }

    fn literal(&mut self, word: &str, kind: Kind) -> Result<Kind, Fault> {
        for expected in word.chars() {
            if self.peek() != Some(expected) {
                return Err(self.unexpected());
            }
            self.next();
        }
        Ok(kind)
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Fault> {
        self.next();
        let mut items = Vec::new();
        loop {
            self.skip_space()?;
            if self.eat("]") {
                return Ok(Kind::Array(items));
            }
            items.push(self.value(depth + 1)?);
            self.skip_space()?;
            if !self.eat(",") && self.peek() != Some(']') {
                return Err(self.unexpected());
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Fault> {
        self.next();
        let mut members: Vec<Member> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        loop {
            self.skip_space()?;
            if self.eat("}") {
                return Ok(Kind::Object(members));
            }
            let start = self.at;
            let key = self.key()?;
            let key_span = start..self.at;
            if !seen.insert(key.clone()) {
                let message =
                    format!("duplicate key {key:?}; only one of them can count, remove the other");
                self.duplicates.push(Fault { offset: start, message });
            }
            self.skip_space()?;
            if !self.eat(":") {
                return Err(self.unexpected());
            }
            self.skip_space()?;
            let value = self.value(depth + 1)?;
            members.push(Member { key, key_file: self.file, key_span, value });
            self.skip_space()?;
            if !self.eat(",") && self.peek() != Some('}') {
                return Err(self.unexpected());
            }
        }
    }

    fn key(&mut self) -> Result<String, Fault> {
        if matches!(self.peek(), Some('"' | '\'')) {
            return self.string();
        }
        let mut key = String::new();
        loop {
            let start = self.at;
            let escaped = self.eat("\\u");
            let part = if escaped { Some(unit(self.hex(4)?)) } else { self.next() };
            let fits = if key.is_empty() { is_json5_identifier_start } else { is_json5_identifier };
            let Some(part) = part.filter(|part| fits(*part)) else {
                self.at = start;
                break;
            };
            key.push(part);
        }
        if key.is_empty() { Err(self.unexpected()) } else { Ok(key) }
    }
}

/// A character as OpenClaw's parser shows it in its errors.
fn shown(found: char) -> String {
    match found {
        '\'' | '"' | '\\' => format!("\\{found}"),
        '\u{8}' => "\\b".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        control if control.is_control() => format!("\\x{:02x}", u32::from(control)),
        other => other.to_string(),
    }
}
