//! What a model is given: the system prompt, and as much of the conversation as its window holds.

pub mod history;
pub mod workspace;

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};

use crate::tool::ToolSet;

/// A token is taken for so many characters.
pub(crate) const CHARS_PER_TOKEN: u64 = 4;
/// Tokens kept free for the answer when the model does not say how much it may answer.
const ANSWER_RESERVE: u64 = 16_384;

/// What a system prompt is made of. Everything in it was chosen by the owner of the gateway: what
/// platforms and senders say about themselves never goes here.
#[derive(Debug, Clone, Default)]
pub struct SystemParts<'a> {
    /// The agent's name for people.
    pub name: &'a str,
    /// A line about its manner.
    pub theme: Option<&'a str>,
    /// The workspace, as the model shall call it.
    pub workspace: &'a str,
    /// The owner's time zone, an IANA name; UTC where it is absent or unknown.
    pub time_zone: Option<&'a str>,
    /// Now, milliseconds since the epoch.
    pub now_ms: i64,
    /// Files of the workspace: name and content.
    pub files: &'a [(String, String)],
    /// Text for this run only.
    pub extra: Option<&'a str>,
}

/// The system prompt.
pub fn system(parts: &SystemParts<'_>, tools: &ToolSet) -> String {
    let mut text =
        format!("You are {}, a personal assistant running inside OpenClaw.\n", parts.name);
    if let Some(theme) = parts.theme.filter(|theme| !theme.trim().is_empty()) {
        line(&mut text, format_args!("Your manner: {}.", theme.trim()));
    }
    if !tools.is_empty() {
        text.push_str("\n## Tools\n");
        text.push_str("Call a tool only when it helps. Names are exact:\n");
        for tool in tools.iter() {
            let spec = tool.spec();
            let first =
                spec.description.split_once(". ").map_or(&*spec.description, |(first, _)| first);
            line(&mut text, format_args!("- {}: {}", spec.name, first.trim_end_matches('.')));
        }
    }
    text.push_str("\n## Workspace\n");
    line(
        &mut text,
        format_args!("Your files are in {}. Paths are relative to it.", parts.workspace),
    );
    text.push_str("\n## Date\n");
    line(&mut text, format_args!("Today is {}.", date(parts.now_ms, parts.time_zone)));
    if !parts.files.is_empty() {
        text.push_str("\n# Workspace files\n");
        for (name, content) in parts.files {
            line(&mut text, format_args!("\n## {name}\n{}", content.trim_end()));
        }
    }
    if let Some(extra) = parts.extra.filter(|extra| !extra.trim().is_empty()) {
        line(&mut text, format_args!("\n# For this message\n{}", extra.trim()));
    }
    text
}

/// How many characters of conversation fit beside the system prompt and the tools.
pub fn room(context_window: u64, max_tokens: Option<u32>, fixed_chars: usize) -> usize {
    let reserve = max_tokens.map_or(ANSWER_RESERVE, u64::from).min(context_window / 2);
    let fixed = u64::try_from(fixed_chars).unwrap_or(u64::MAX) / CHARS_PER_TOKEN;
    let tokens = context_window.saturating_sub(reserve).saturating_sub(fixed);
    usize::try_from(tokens.saturating_mul(CHARS_PER_TOKEN)).unwrap_or(usize::MAX)
}

/// `Friday, 20 November 2026 (Europe/Vienna)`. Without the hour, so that providers can cache the prompt.
fn date(now_ms: i64, zone: Option<&str>) -> String {
    let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    let now = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let now = now.to_zoned(zone);
    let name = now.time_zone().iana_name().unwrap_or("UTC").to_owned();
    format!("{} ({name})", now.strftime("%A, %-d %B %Y"))
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    if text.write_fmt(what).is_ok() {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn the_system_prompt_reads_like_this() {
        let files = [("SOUL.md".to_owned(), "Be kind.\n".to_owned())];
        let parts = SystemParts {
            name: "Molty",
            theme: Some("dry"),
            workspace: "/w",
            time_zone: None,
            now_ms: 1_795_217_494_948,
            files: &files,
            extra: Some("Answer in one line."),
        };
        expect![[r"
            You are Molty, a personal assistant running inside OpenClaw.
            Your manner: dry.

            ## Tools
            Call a tool only when it helps. Names are exact:
            - read: Reads a text file of the workspace
            - session_status: Shows the current time, the model in use, the tokens of this run and the key of this session

            ## Workspace
            Your files are in /w. Paths are relative to it.

            ## Date
            Today is Friday, 20 November 2026 (UTC).

            # Workspace files

            ## SOUL.md
            Be kind.

            # For this message
            Answer in one line.
        "]]
        .assert_eq(&system(&parts, &ToolSet::harmless()));
    }

    #[test]
    fn today_is_that_of_the_person() {
        assert_eq!(date(1_795_217_494_948, None), "Friday, 20 November 2026 (UTC)");
        // A machine may know no names of zones.
        if TimeZone::get("Asia/Tokyo").is_ok() {
            let there = date(1_795_217_494_948, Some("Asia/Tokyo"));
            assert_eq!(there, "Saturday, 21 November 2026 (Asia/Tokyo)");
        }
    }

    #[test]
    fn room_leaves_place_for_the_answer() {
        assert_eq!(room(100_000, Some(20_000), 40_000), (100_000 - 20_000 - 10_000) * 4);
        assert_eq!(room(8_000, None, 0), 4_000 * 4, "a small window keeps half for the answer");
        assert_eq!(room(1_000, None, 1_000_000), 0);
    }
}
