//! The body of a chat completions request.

use reqwest::Url;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    message::{Part, ToolCallPart},
    provider::{
        ModelRequest, ThinkingLevel, ToolChoice,
        turns::{Piece, Turn, call_id, text, turns},
    },
};

/// The fields that a server gave its thinking in, and wants it back in. The transcript keeps the
/// name as the signature.
pub(super) const THINKING_FIELDS: [&str; 3] = ["reasoning_content", "reasoning", "reasoning_text"];

/// The body.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Value>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// Renders a request.
pub(super) fn body<'a>(request: &'a ModelRequest, base: &Url) -> Body<'a> {
    let model = &request.model;
    let limit = request.max_tokens.or(model.max_tokens);
    let official = base.host_str() == Some("api.openai.com");
    let completion = model.compat.max_completion_tokens.unwrap_or(official);
    Body {
        model: &model.id,
        messages: messages(request),
        stream: true,
        stream_options: model
            .compat
            .usage_in_streaming
            .then_some(StreamOptions { include_usage: true }),
        tools: if model.compat.tools { request.tools.openai() } else { None },
        tool_choice: request.tool_choice.as_ref().filter(|_| model.compat.tools).map(choice),
        max_tokens: limit.filter(|_| !completion),
        max_completion_tokens: limit.filter(|_| completion),
        reasoning_effort: request
            .thinking
            .filter(|_| model.reasoning && model.compat.reasoning_effort)
            .and_then(effort),
    }
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Any => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

fn effort(level: ThinkingLevel) -> Option<&'static str> {
    match level {
        ThinkingLevel::Off | ThinkingLevel::Adaptive => None,
        ThinkingLevel::Minimal => Some("minimal"),
        ThinkingLevel::Low => Some("low"),
        ThinkingLevel::Medium => Some("medium"),
        ThinkingLevel::High | ThinkingLevel::Xhigh => Some("high"),
    }
}

fn messages(request: &ModelRequest) -> Vec<Value> {
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        messages.push(json!({"role": "system", "content": request.system}));
    }
    let mut images = Vec::new();
    for turn in turns(&request.messages, &request.model) {
        if !matches!(turn, Turn::Result { .. }) {
            flush_images(&mut images, &mut messages);
        }
        match turn {
            Turn::User(pieces) => {
                messages.push(json!({"role": "user", "content": content(&pieces)}));
            }
            Turn::Assistant { parts } => messages.push(assistant(&parts)),
            Turn::Result { call, pieces, .. } => {
                let said = text(&pieces);
                let content = if said.is_empty() { "(no text)" } else { &said };
                messages.push(json!({
                    "role": "tool", "tool_call_id": call_id(&call.id), "content": content,
                }));
                images.extend(
                    pieces.into_iter().filter(|piece| matches!(piece, Piece::Image { .. })),
                );
            }
        }
    }
    flush_images(&mut images, &mut messages);
    messages
}

/// The `tool` role takes text only: the images of results follow as a user's message.
fn flush_images(images: &mut Vec<Piece<'_>>, messages: &mut Vec<Value>) {
    if images.is_empty() {
        return;
    }
    images.insert(0, Piece::Text("Images from the tool results above:".into()));
    messages.push(json!({"role": "user", "content": content(images)}));
    images.clear();
}

/// One text where there are no images: some servers take nothing else.
fn content(pieces: &[Piece<'_>]) -> Value {
    if !pieces.iter().any(|piece| matches!(piece, Piece::Image { .. })) {
        return Value::String(text(pieces));
    }
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => json!({"type": "text", "text": text}),
            Piece::Image { data, mime_type } => {
                let url = format!("data:{mime_type};base64,{data}");
                json!({"type": "image_url", "image_url": {"url": url}})
            }
        })
        .collect()
}

fn assistant(parts: &[&Part]) -> Value {
    let mut said = String::new();
    let mut calls = Vec::new();
    let mut message = json!({"role": "assistant"});
    for part in parts {
        match part {
            Part::Text(part) => said.push_str(&part.text),
            Part::ToolCall(call) => calls.push(tool_call(call)),
            Part::Thinking(part) => {
                let field = part.thinking_signature.as_deref().unwrap_or("");
                if THINKING_FIELDS.contains(&field) {
                    message[field] = Value::String(part.thinking.clone());
                }
            }
            Part::Image(_) | Part::Other(_) => {}
        }
    }
    message["content"] =
        if said.is_empty() && !calls.is_empty() { Value::Null } else { Value::String(said) };
    if !calls.is_empty() {
        message["tool_calls"] = Value::Array(calls);
    }
    message
}

fn tool_call(call: &ToolCallPart) -> Value {
    let arguments =
        if call.arguments.is_object() { call.arguments.to_string() } else { "{}".into() };
    json!({"id": call_id(&call.id), "type": "function",
        "function": {"name": call.name, "arguments": arguments}})
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::body;
    use crate::provider::{ModelRequest, ThinkingLevel, ToolSpec, ToolSpecs, scripted::model};

    fn render(request: &ModelRequest, base: &str) -> Value {
        serde_json::to_value(body(request, &base.parse().unwrap())).unwrap()
    }

    #[test]
    fn a_whole_conversation() {
        let mut model = model();
        (model.images, model.reasoning, model.max_tokens) = (true, true, Some(99));
        let messages = json!([
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
            {"role": "assistant", "provider": "scripted", "model": "test", "content": [
                {"type": "thinking", "thinking": "hm", "thinkingSignature": "reasoning_content"},
                {"type": "toolCall", "id": "c|1", "name": "read", "arguments": {"path": "x"}}]},
            {"role": "toolResult", "toolCallId": "c|1", "toolName": "read", "isError": false,
                "content": [{"type": "image", "data": "AA==", "mimeType": "image/png"}]},
        ]);
        let mut request =
            ModelRequest::new(Arc::new(model), serde_json::from_value(messages).unwrap());
        request.system = "be brief".into();
        request.thinking = Some(ThinkingLevel::Xhigh);
        request.tools = Arc::new(ToolSpecs::new(vec![ToolSpec {
            name: "read".into(),
            description: "Reads.".into(),
            parameters: json!({"type": "object"}),
        }]));
        assert_eq!(
            render(&request, "http://h"),
            json!({
                "model": "test", "stream": true, "stream_options": {"include_usage": true},
                "max_tokens": 99, "reasoning_effort": "high",
                "tools": [{"type": "function", "function": {"name": "read", "description": "Reads.",
                    "parameters": {"type": "object"}}}],
                "messages": [
                    {"role": "system", "content": "be brief"},
                    {"role": "user", "content": "a\nb"},
                    {"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [
                        {"id": "c_1", "type": "function",
                            "function": {"name": "read", "arguments": "{\"path\":\"x\"}"}}]},
                    {"role": "tool", "tool_call_id": "c_1", "content": "(no text)"},
                    {"role": "user", "content": [
                        {"type": "text", "text": "Images from the tool results above:"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}
                ]
            })
        );
        let official = render(&request, "https://api.openai.com/v1");
        assert_eq!(
            (&official["max_completion_tokens"], &official["max_tokens"]),
            (&json!(99), &Value::Null)
        );
    }
}
