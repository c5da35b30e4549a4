//! The text side of edits: which bytes to replace, and how new values look.

use std::ops::Range;

use json5::char::{is_json5_identifier, is_json5_identifier_start, is_json5_whitespace};
use serde_json::Value;

use crate::config::json5::{Kind, Member, Node};

/// One step of indentation in what is written anew.
const STEP: &str = "  ";

/// How a config is written when there is no text yet.
pub fn render(value: &Value) -> String {
    let mut out = String::new();
    put(&mut out, value, "", false);
    out.push('\n');
    out
}

/// `text`, of which `root` is the tree, with the value `new`.
pub(super) fn rewrite(text: &str, root: &Node, new: &Value) -> String {
    if text.trim().is_empty() {
        return render(new);
    }
    let mut writer = Writer { text, quoted: quotes_keys(text, root), edits: Vec::new() };
    writer.node(root, new);
    let mut edits = writer.edits;
    // Insertions at one place keep the order in which they were made.
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, replacement) in edits {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&replacement);
        at = at.max(range.end);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

struct Writer<'a> {
    text: &'a str,
    quoted: bool,
    edits: Vec<(Range<usize>, String)>,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node, new: &Value) {
        match (&node.kind, new) {
            _ if node.to_value() == *new => {}
            (Kind::Object(members), Value::Object(map)) => {
                let grows = map.keys().any(|key| node.get(key).is_none());
                for (index, member) in members.iter().enumerate() {
                    match map.get(&member.key) {
                        Some(value) => self.node(&member.value, value),
                        None => self.remove(members, index, |key| grows || map.contains_key(key)),
                    }
                }
                let fresh = map.iter().filter(|(key, _)| node.get(key).is_none());
                let last = members.iter().rev().find(|member| map.contains_key(&member.key));
                let indent =
                    self.indent_inside(node, members.first().map(|member| member.key_span.start));
                let parts: Vec<_> =
                    fresh.map(|(key, value)| self.member(key, value, &indent)).collect();
                self.insert(node, last.map(|member| member.value.span.end), &parts, &indent);
            }
            (Kind::Array(items), Value::Array(values))
                if values.len() >= items.len() && !items.is_empty() =>
            {
                for (item, value) in items.iter().zip(values) {
                    self.node(item, value);
                }
                let indent = self.indent_inside(node, items.first().map(|item| item.span.start));
                let fresh = values.iter().skip(items.len());
                let parts: Vec<_> = fresh.map(|value| self.value(value, &indent)).collect();
                self.insert(node, items.last().map(|item| item.span.end), &parts, &indent);
            }
            _ => {
                let indent = self.indent_of_line(node.span.start);
                let replacement = self.value(new, &indent);
                self.edits.push((node.span.clone(), replacement));
            }
        }
    }

    fn value(&self, value: &Value, indent: &str) -> String {
        let mut out = String::new();
        put(&mut out, value, indent, self.quoted);
        out
    }

    fn member(&self, key: &str, value: &Value, indent: &str) -> String {
        format!("{}: {}", key_text(key, self.quoted), self.value(value, indent))
    }

    /// Adds `parts` after the item that ends at `last`, or as the first ones of an empty object or list.
    fn insert(&mut self, node: &Node, last: Option<usize>, parts: &[String], indent: &str) {
        if parts.is_empty() {
            return;
        }
        let inner = self.text.get(node.span.clone()).unwrap_or_default();
        let multi_line = inner.contains('\n');
        let Some(last) = last else {
            let outer = self.indent_of_line(node.span.start);
            let mut lines = format!("\n{indent}{}", parts.join(&format!(",\n{indent}")));
            if !self.quoted {
                lines.push(',');
            }
            let blank = inner
                .get(1..inner.len().saturating_sub(1))
                .is_some_and(|inside| inside.trim().is_empty());
            let (range, tail) = if blank {
                (node.span.start + 1..node.span.end - 1, format!("\n{outer}"))
            } else {
                (node.span.start + 1..node.span.start + 1, String::new())
            };
            self.edits.push((range, lines + &tail));
            return;
        };
        let comma = self.comma_after(last);
        if comma.is_none() {
            self.edits.push((last..last, ",".into()));
        }
        let end = node.children_end().unwrap_or(last);
        let trailing = if self.comma_after(end).is_some() { "," } else { "" };
        if multi_line {
            let at = self.after_line_comment(comma.map_or(last, |comma| comma + 1));
            let text = format!("\n{indent}{}{trailing}", parts.join(&format!(",\n{indent}")));
            self.edits.push((at..at, text));
        } else {
            let at = comma.map_or(last, |comma| comma + 1);
            self.edits.push((at..at, format!(" {}{trailing}", parts.join(", "))));
        }
    }

    /// Removes a member with its comma, and its line when nothing else is on it. `stays` tells whether something
    /// stands where a key stood; it is true of every key when more is added behind.
    fn remove(&mut self, members: &[Member], index: usize, stays: impl Fn(&str) -> bool) {
        let Some(member) = members.get(index) else { return };
        let end = member.value.span.end;
        let comma = self.comma_after(end);
        let mut range = member.key_span.start..comma.map_or(end, |comma| comma + 1);
        let line = self.line_start(range.start);
        let before = self.text.get(line..range.start).unwrap_or_default();
        let after = self.text.get(range.end..).unwrap_or_default();
        let rest = after.split('\n').next().unwrap_or_default();
        if line > 0 && before.trim().is_empty() && rest.trim().is_empty() {
            range = line - 1..range.end + rest.trim_end_matches('\r').len();
        } else if comma.is_some() {
            range.end += rest.len() - rest.trim_start().len();
        }
        // Text that had no comma at the end gets none.
        let is_last = members.iter().skip(index).all(|member| !stays(&member.key));
        let previous = members.iter().take(index).rev().find(|member| stays(&member.key));
        if is_last
            && let Some(previous) = previous
            && members.last().is_some_and(|last| self.comma_after(last.value.span.end).is_none())
            && let Some(comma) = self.comma_after(previous.value.span.end)
            && !self.edits.iter().any(|(range, _)| range.contains(&comma))
        {
            self.edits.push((comma..comma + 1, String::new()));
        }
        self.edits.push((range, String::new()));
    }

    /// The comma that follows `offset`, past white space and comments.
    fn comma_after(&self, mut offset: usize) -> Option<usize> {
        loop {
            let rest = self.text.get(offset..)?;
            let skipped = rest.len() - rest.trim_start_matches(is_json5_whitespace).len();
            offset += skipped;
            let rest = rest.get(skipped..)?;
            if rest.starts_with("//") {
                offset += rest.find('\n')?;
            } else if rest.starts_with("/*") {
                offset += rest.find("*/")? + 2;
            } else {
                return rest.starts_with(',').then_some(offset);
            }
        }
    }

    /// `offset`, or the end of its line when only a comment follows there.
    fn after_line_comment(&self, offset: usize) -> usize {
        let rest = self.text.get(offset..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let comment = line.trim_start();
        let block = comment.starts_with("/*") && comment.trim_end().ends_with("*/");
        if comment.starts_with("//") || block { offset + line.len() } else { offset }
    }

    fn line_start(&self, offset: usize) -> usize {
        self.text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
    }

    fn indent_of_line(&self, offset: usize) -> String {
        let line = self.text.get(self.line_start(offset)..).unwrap_or_default();
        line.chars().take_while(|c| *c == ' ' || *c == '\t').collect()
    }

    /// The indentation of what stands in `node`, whose first item begins at `first`.
    fn indent_inside(&self, node: &Node, first: Option<usize>) -> String {
        let opening = self.line_start(node.span.start);
        match first {
            Some(first) if self.line_start(first) != opening => self.indent_of_line(first),
            _ => self.indent_of_line(node.span.start) + STEP,
        }
    }
}

/// Whether the text puts its keys into quotes, as JSON does.
fn quotes_keys(text: &str, root: &Node) -> bool {
    let first = root.members().first().and_then(|member| text.get(member.key_span.start..));
    first.is_some_and(|text| text.starts_with('"'))
}

impl Node {
    /// Where the last item of an object or a list ends.
    fn children_end(&self) -> Option<usize> {
        match &self.kind {
            Kind::Object(members) => members.last().map(|member| member.value.span.end),
            Kind::Array(items) => items.last().map(|item| item.span.end),
            _ => None,
        }
    }
}

fn put(out: &mut String, value: &Value, indent: &str, quoted: bool) {
    let inner = format!("{indent}{STEP}");
    let (open, parts, close) = match value {
        Value::Object(map) => {
            let part = |(key, value): (&String, &Value)| {
                let mut part = format!("{}: ", key_text(key, quoted));
                put(&mut part, value, &inner, quoted);
                part
            };
            ('{', map.iter().map(part).collect::<Vec<_>>(), '}')
        }
        Value::Array(items) => {
            let part = |value: &Value| {
                let mut part = String::new();
                put(&mut part, value, &inner, quoted);
                part
            };
            ('[', items.iter().map(part).collect(), ']')
        }
        scalar => return out.push_str(&scalar.to_string()),
    };
    out.push(open);
    if !parts.is_empty() {
        for (index, part) in parts.iter().enumerate() {
            let comma = if quoted && index + 1 == parts.len() { "" } else { "," };
            out.extend(["\n", &inner, part.as_str(), comma]);
        }
        out.extend(["\n", indent]);
    }
    out.push(close);
}

fn key_text(key: &str, quoted: bool) -> String {
    let mut chars = key.chars();
    let plain =
        chars.next().is_some_and(is_json5_identifier_start) && chars.all(is_json5_identifier);
    if plain && !quoted { key.to_owned() } else { Value::from(key).to_string() }
}
