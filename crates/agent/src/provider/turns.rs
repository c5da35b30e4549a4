//! A conversation as every dialect can take it: each tool call has exactly one result.
//!
//! Transcripts hold calls that were cut off, results whose call was compacted away and records of
//! other versions; providers refuse the whole conversation for one of them.

use std::{borrow::Cow, collections::BTreeSet};

use crate::message::{
    AssistantMessage, Content, Message, Part, StopReason, ToolCallPart, ToolResultMessage,
};

use super::ModelInfo;

/// What a model is told of a call whose result is missing.
const NO_RESULT: &str =
    "No result was recorded: the call was interrupted and what it did is unknown.";
/// What a model without eyes is told of an image.
const NO_IMAGES: &str = "[image left out: this model takes no images]";
/// The longest tool call id that all providers take, in bytes.
const MAX_CALL_ID: usize = 64;

/// One turn, in order.
#[derive(Debug, PartialEq)]
pub(super) enum Turn<'a> {
    /// A user's content, not empty.
    User(Vec<Piece<'a>>),
    /// A model's answer, not empty.
    Assistant {
        /// Text, thinking and calls; thinking only where the same model gets it back.
        parts: Vec<&'a Part>,
    },
    /// The result of one call of the assistant turn before.
    Result {
        /// The call.
        call: &'a ToolCallPart,
        /// What it gave; may be empty.
        pieces: Vec<Piece<'a>>,
        /// Whether it failed.
        is_error: bool,
    },
}

/// Text or an image that the model can see.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// Text, not empty.
    Text(Cow<'a, str>),
    /// An image.
    Image {
        /// Base64.
        data: &'a str,
        /// For example `image/png`.
        mime_type: &'a str,
    },
}

/// Brings a conversation into order for a model.
pub(super) fn turns<'a>(messages: &'a [Message], model: &ModelInfo) -> Vec<Turn<'a>> {
    let mut turns = Vec::with_capacity(messages.len());
    let mut rest = messages;
    while let [message, after @ ..] = rest {
        rest = after;
        match message {
            Message::User(user) => {
                let pieces = content(&user.content, model.images);
                if !pieces.is_empty() {
                    turns.push(Turn::User(pieces));
                }
            }
            Message::Assistant(assistant) => {
                let parts = kept_parts(assistant, model);
                if !parts.is_empty() {
                    turns.push(Turn::Assistant { parts: parts.clone() });
                    results(&parts, after, model.images, &mut turns);
                }
            }
            // Results are taken with their call; one without a call is left out.
            Message::ToolResult(_) | Message::Other(_) => {}
        }
    }
    turns
}

/// What of an answer goes back to a model.
fn kept_parts<'a>(assistant: &'a AssistantMessage, model: &ModelInfo) -> Vec<&'a Part> {
    let cut = matches!(assistant.stop_reason, Some(StopReason::Error | StopReason::Aborted));
    let same = assistant.provider == model.provider && assistant.model == model.id;
    let mut seen = BTreeSet::new();
    assistant
        .content
        .iter()
        .filter(|part| match part {
            Part::Text(text) => !text.text.trim().is_empty(),
            Part::Thinking(thinking) => same && !cut && thinking.thinking_signature.is_some(),
            Part::ToolCall(call) => !cut && seen.insert(&call.id),
            Part::Image(_) | Part::Other(_) => false,
        })
        .collect()
}

/// Appends one result for each call: the one that follows before the next answer, or a stand-in.
fn results<'a>(parts: &[&'a Part], after: &'a [Message], images: bool, turns: &mut Vec<Turn<'a>>) {
    for part in parts {
        let Part::ToolCall(call) = part else { continue };
        let result = result_of(call, after);
        let pieces = match result {
            Some(result) => pieces(&result.content, images),
            None => vec![Piece::Text(Cow::Borrowed(NO_RESULT))],
        };
        let is_error = result.is_none_or(|result| result.is_error);
        turns.push(Turn::Result { call, pieces, is_error });
    }
}

fn result_of<'a>(call: &ToolCallPart, after: &'a [Message]) -> Option<&'a ToolResultMessage> {
    after
        .iter()
        .take_while(|message| !matches!(message, Message::Assistant(next) if next.tool_calls().next().is_some()))
        .find_map(|message| match message {
            Message::ToolResult(result) if result.tool_call_id == call.id => Some(result),
            _ => None,
        })
}

fn content(content: &Content, images: bool) -> Vec<Piece<'_>> {
    match content {
        Content::Text(text) if text.is_empty() => Vec::new(),
        Content::Text(text) => vec![Piece::Text(Cow::Borrowed(text))],
        Content::Parts(parts) => pieces(parts, images),
    }
}

fn pieces(parts: &[Part], images: bool) -> Vec<Piece<'_>> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(text) if !text.text.is_empty() => {
                Some(Piece::Text(Cow::Borrowed(&text.text)))
            }
            Part::Image(image) if images && !image.data.is_empty() => {
                Some(Piece::Image { data: &image.data, mime_type: &image.mime_type })
            }
            Part::Image(_) => Some(Piece::Text(Cow::Borrowed(NO_IMAGES))),
            _ => None,
        })
        .collect()
}

/// A call id in the characters and the length that all providers take. The same id always gives
/// the same, so that a result still meets its call.
pub(super) fn call_id(id: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let mut clean: String = id.chars().map(allowed).collect();
    if clean.is_empty() {
        clean.push_str("call");
    }
    clean.truncate(MAX_CALL_ID);
    clean
}

/// The texts of pieces, joined by a line break.
pub(super) fn text(pieces: &[Piece<'_>]) -> String {
    let texts: Vec<&str> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(&**text),
            Piece::Image { .. } => None,
        })
        .collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{NO_IMAGES, NO_RESULT, Turn, call_id, text, turns};
    use crate::{message::Message, provider::scripted::model};

    fn show(messages: Value) -> Vec<String> {
        let messages: Vec<Message> = serde_json::from_value(messages).unwrap();
        let mut model = model();
        model.images = false;
        turns(&messages, &model)
            .into_iter()
            .map(|turn| match turn {
                Turn::User(pieces) => format!("user {}", text(&pieces)),
                Turn::Assistant { parts } => format!("assistant {}", parts.len()),
                Turn::Result { call, pieces, is_error } => {
                    format!("result {} {} {is_error}", call.id, text(&pieces))
                }
            })
            .collect()
    }

    fn call(ids: &[&str], stop: &str) -> Value {
        let calls: Vec<Value> = ids
            .iter()
            .map(|id| json!({"type": "toolCall", "id": id, "name": "t", "arguments": {}}))
            .collect();
        json!({"role": "assistant", "content": calls, "stopReason": stop})
    }

    fn result(id: &str) -> Value {
        json!({"role": "toolResult", "toolCallId": id, "toolName": "t",
            "content": [{"type": "text", "text": "done"}], "isError": false})
    }

    #[test]
    fn every_call_has_one_result_right_after_it() {
        let shown = show(json!([
            {"role": "user", "content": "go"}, call(&["a", "b"], "toolUse"),
            {"role": "user", "content": "steer"}, result("b"), result("b"), result("gone"),
            {"role": "user", "content": ""}, {"role": "bashExecution"}
        ]));
        let missing = format!("result a {NO_RESULT} true");
        assert_eq!(
            shown,
            ["user go", "assistant 2", &missing, "result b done false", "user steer"]
        );
    }

    #[test]
    fn calls_of_a_cut_answer_are_left_out_but_its_text_stays() {
        let mut cut = call(&["a", "b"], "aborted");
        cut["content"][1] = json!({"type": "text", "text": "half"});
        assert_eq!(show(json!([cut, call(&["x"], "error"), result("a")])), ["assistant 1"]);
    }

    #[test]
    fn an_image_becomes_words_for_a_model_without_eyes() {
        let shown = show(json!([{"role": "user", "content": [
            {"type": "image", "data": "AA==", "mimeType": "image/png"}]}]));
        assert_eq!(shown, [format!("user {NO_IMAGES}")]);
    }

    #[test]
    fn thinking_goes_back_only_to_the_model_it_came_from() {
        let thought = |model: &str| {
            json!({"role": "assistant", "provider": "scripted", "model": model, "content": [
                {"type": "thinking", "thinking": "hm", "thinkingSignature": "s"},
                {"type": "text", "text": "hi"}]})
        };
        assert_eq!(
            show(json!([thought("test"), thought("other")])),
            ["assistant 2", "assistant 1"]
        );
    }

    #[test]
    fn call_ids_fit_every_provider() {
        assert_eq!(call_id("call_1|fc-2"), "call_1_fc-2");
        assert_eq!(call_id(""), "call");
        assert_eq!(call_id(&"x".repeat(200)).len(), 64);
    }
}
