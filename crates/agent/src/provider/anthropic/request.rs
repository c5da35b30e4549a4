//! The body of a messages request.

use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    message::{Part, ThinkingPart, ToolCallPart},
    provider::{
        ModelRequest, ThinkingLevel, ToolChoice,
        turns::{Piece, Turn, call_id, turns},
    },
};

/// The limit of output tokens when neither the request nor the model has one; the dialect needs it.
const DEFAULT_MAX_TOKENS: u32 = 8192;
/// The dialect refuses a smaller thinking budget.
const MIN_BUDGET: u32 = 1024;

/// The body.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<Value>,
    messages: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
}

/// Renders a request.
pub(super) fn body(request: &ModelRequest) -> Body<'_> {
    let model = &request.model;
    let max_tokens = request.max_tokens.or(model.max_tokens).unwrap_or(DEFAULT_MAX_TOKENS);
    let mut messages = messages(request);
    if let Some(block) = messages
        .last_mut()
        .and_then(|message| message["content"].as_array_mut())
        .and_then(|blocks| blocks.last_mut())
        .filter(|block| !matches!(block["type"].as_str(), Some("thinking" | "redacted_thinking")))
    {
        cache(block);
    }
    Body {
        model: &model.id,
        max_tokens,
        stream: true,
        system: system(&request.system),
        messages,
        tools: if model.compat.tools { request.tools.anthropic() } else { None },
        tool_choice: request.tool_choice.as_ref().filter(|_| model.compat.tools).map(choice),
        thinking: request
            .thinking
            // The dialect refuses thinking beside a call that must be made.
            .filter(|_| model.reasoning && request.tool_choice.is_none())
            .and_then(|level| thinking(level, max_tokens)),
    }
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Any => json!({"type": "any"}),
        ToolChoice::Named(name) => json!({"type": "tool", "name": name}),
    }
}

/// Marks a prefix that stays the same in the next call, so that the provider may keep it.
fn cache(block: &mut Value) {
    block["cache_control"] = json!({"type": "ephemeral"});
}

fn system(text: &str) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let mut block = json!({"type": "text", "text": text});
    cache(&mut block);
    Some(json!([block]))
}

fn thinking(level: ThinkingLevel, max_tokens: u32) -> Option<Value> {
    let budget = match level {
        ThinkingLevel::Off => return None,
        ThinkingLevel::Adaptive => return Some(json!({"type": "adaptive"})),
        ThinkingLevel::Minimal => MIN_BUDGET,
        ThinkingLevel::Low => 4096,
        ThinkingLevel::Medium => 10_240,
        ThinkingLevel::High => 20_480,
        ThinkingLevel::Xhigh => 32_768,
    };
    // The budget is part of the output limit; the answer itself needs room too.
    let budget = budget.min(max_tokens.saturating_sub(MIN_BUDGET));
    (budget >= MIN_BUDGET).then(|| json!({"type": "enabled", "budget_tokens": budget}))
}

/// Turns as messages; what follows in the same role goes into one message, since all results of an
/// answer must stand together.
fn messages(request: &ModelRequest) -> Vec<Value> {
    let mut messages: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for turn in turns(&request.messages, &request.model) {
        let (role, blocks) = match turn {
            Turn::User(pieces) => ("user", pieces.iter().map(block).collect::<Vec<_>>()),
            Turn::Assistant { parts } => {
                ("assistant", parts.iter().filter_map(|part| answer(part)).collect())
            }
            Turn::Result { call, pieces, is_error } => {
                ("user", vec![result(call, &pieces, is_error)])
            }
        };
        match messages.last_mut() {
            Some((last, known)) if *last == role => known.extend(blocks),
            _ => messages.push((role, blocks)),
        }
    }
    messages
        .into_iter()
        .filter(|(_, blocks)| !blocks.is_empty())
        .map(|(role, blocks)| json!({"role": role, "content": blocks}))
        .collect()
}

fn block(piece: &Piece<'_>) -> Value {
    match piece {
        Piece::Text(text) => json!({"type": "text", "text": text}),
        Piece::Image { data, mime_type } => json!({"type": "image",
            "source": {"type": "base64", "media_type": mime_type, "data": data}}),
    }
}

fn result(call: &ToolCallPart, pieces: &[Piece<'_>], is_error: bool) -> Value {
    let content: Vec<Value> = pieces.iter().map(block).collect();
    json!({"type": "tool_result", "tool_use_id": call_id(&call.id), "content": content,
        "is_error": is_error})
}

fn answer(part: &Part) -> Option<Value> {
    match part {
        Part::Text(part) => Some(json!({"type": "text", "text": part.text})),
        Part::Thinking(part) => thought(part),
        Part::ToolCall(call) => {
            let input = if call.arguments.is_object() { call.arguments.clone() } else { json!({}) };
            Some(
                json!({"type": "tool_use", "id": call_id(&call.id), "name": call.name, "input": input}),
            )
        }
        Part::Image(_) | Part::Other(_) => None,
    }
}

fn thought(part: &ThinkingPart) -> Option<Value> {
    let signature = part.thinking_signature.as_deref()?;
    Some(if part.redacted {
        json!({"type": "redacted_thinking", "data": signature})
    } else {
        json!({"type": "thinking", "thinking": part.thinking, "signature": signature})
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::{body, thinking};
    use crate::provider::{ModelRequest, ThinkingLevel, scripted::model};

    #[test]
    fn a_whole_conversation() {
        let mut model = model();
        (model.images, model.reasoning, model.max_tokens) = (true, true, Some(9000));
        let messages = json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "provider": "scripted", "model": "test", "content": [
                {"type": "thinking", "thinking": "hm", "thinkingSignature": "s"},
                {"type": "thinking", "thinking": "", "thinkingSignature": "c", "redacted": true},
                {"type": "toolCall", "id": "1", "name": "read", "arguments": {"path": "x"}},
                {"type": "toolCall", "id": "2", "name": "read", "arguments": null}]},
            {"role": "toolResult", "toolCallId": "1", "toolName": "read", "isError": false,
                "content": [{"type": "image", "data": "AA==", "mimeType": "image/png"}]},
            {"role": "toolResult", "toolCallId": "2", "toolName": "read", "isError": true,
                "content": [{"type": "text", "text": "no"}]},
            {"role": "user", "content": "b"},
        ]);
        let mut request =
            ModelRequest::new(Arc::new(model), serde_json::from_value(messages).unwrap());
        request.system = "be brief".into();
        request.thinking = Some(ThinkingLevel::Low);
        let cached = json!({"type": "ephemeral"});
        assert_eq!(
            serde_json::to_value(body(&request)).unwrap(),
            json!({
                "model": "test", "max_tokens": 9000, "stream": true,
                "system": [{"type": "text", "text": "be brief", "cache_control": cached}],
                "thinking": {"type": "enabled", "budget_tokens": 4096},
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "a"}]},
                    {"role": "assistant", "content": [
                        {"type": "thinking", "thinking": "hm", "signature": "s"},
                        {"type": "redacted_thinking", "data": "c"},
                        {"type": "tool_use", "id": "1", "name": "read", "input": {"path": "x"}},
                        {"type": "tool_use", "id": "2", "name": "read", "input": {}}]},
                    {"role": "user", "content": [
                        {"type": "tool_result", "tool_use_id": "1", "is_error": false, "content": [
                            {"type": "image", "source": {"type": "base64", "media_type": "image/png",
                                "data": "AA=="}}]},
                        {"type": "tool_result", "tool_use_id": "2", "is_error": true,
                            "content": [{"type": "text", "text": "no"}]},
                        {"type": "text", "text": "b", "cache_control": cached}]},
                ]
            })
        );
    }

    #[test]
    fn thinking_leaves_room_for_the_answer() {
        let budget = |level, max| thinking(level, max).map(|value| value["budget_tokens"].clone());
        assert_eq!(budget(ThinkingLevel::High, 8192), Some(json!(7168)));
        assert_eq!(budget(ThinkingLevel::High, 2000), None);
        assert_eq!(budget(ThinkingLevel::Off, 8192), None);
        assert_eq!(budget(ThinkingLevel::Adaptive, 10), Some(Value::Null));
    }
}
