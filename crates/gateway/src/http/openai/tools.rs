//! Tools that the client carries out: what it says of them, and which the model must call.

use openclaw_agent::provider::{ToolChoice, ToolSpec};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{super::problem::Problem, request::ChatRequest};

/// The most tools of a request; that of the interface this one is like.
const MAX_TOOLS: usize = 128;
/// The longest name of a tool, in bytes.
const MAX_NAME: usize = 64;

#[derive(Deserialize)]
struct Offered {
    #[serde(rename = "type")]
    kind: String,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    description: Option<String>,
    parameters: Option<Value>,
}

/// The tools on offer, and whether one must be called.
pub(super) fn read(body: &ChatRequest) -> Result<(Vec<ToolSpec>, Option<ToolChoice>), Problem> {
    let sent = body.tools.as_deref().unwrap_or_default();
    if sent.len() > MAX_TOOLS {
        return Err(Problem::invalid(format!("Too many `tools`; at most {MAX_TOOLS}.")));
    }
    let mut specs: Vec<ToolSpec> = Vec::with_capacity(sent.len());
    for (at, tool) in sent.iter().enumerate() {
        let spec =
            spec(tool).map_err(|why| Problem::invalid(format!("Invalid `tools[{at}]`: {why}")))?;
        if specs.iter().any(|known| known.name == spec.name) {
            return Err(Problem::invalid(format!("Invalid `tools[{at}]`: the name comes twice")));
        }
        specs.push(spec);
    }
    choice(body.tool_choice.as_ref(), specs)
}

fn spec(tool: &Value) -> Result<ToolSpec, String> {
    let offered = Offered::deserialize(tool).map_err(|error| error.to_string())?;
    if offered.kind != "function" {
        return Err(format!("type {:?} is not supported, only \"function\"", offered.kind));
    }
    let function = offered.function.ok_or("`function` is missing")?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let fits = (1..=MAX_NAME).contains(&function.name.len()) && function.name.bytes().all(plain);
    if !fits {
        return Err("the name must have 1 to 64 letters, digits, dashes and underscores".to_owned());
    }
    let none = || json!({"type": "object", "properties": {}});
    let parameters = function.parameters.filter(|value| !value.is_null()).unwrap_or_else(none);
    if !parameters.is_object() {
        return Err("`parameters` must be an object".to_owned());
    }
    let description = function.description.unwrap_or_default();
    Ok(ToolSpec { name: function.name, description, parameters })
}

fn choice(
    wish: Option<&Value>,
    specs: Vec<ToolSpec>,
) -> Result<(Vec<ToolSpec>, Option<ToolChoice>), Problem> {
    let invalid = || Problem::invalid("Invalid `tool_choice`.");
    match wish {
        None | Some(Value::Null) => Ok((specs, None)),
        Some(Value::String(word)) => match word.as_str() {
            "auto" => Ok((specs, None)),
            "none" => Ok((Vec::new(), None)),
            "required" if !specs.is_empty() => Ok((specs, Some(ToolChoice::Any))),
            _ => Err(invalid()),
        },
        Some(value) => {
            let name = value["function"]["name"].as_str().ok_or_else(invalid)?;
            let known = specs.iter().any(|spec| spec.name == name);
            let named = ToolChoice::Named(name.to_owned());
            if known { Ok((specs, Some(named))) } else { Err(invalid()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(tools: &Value, choice: &Value) -> Result<(usize, Option<ToolChoice>), Problem> {
        let body = json!({"tools": tools, "tool_choice": choice}).to_string();
        let (specs, choice) = read(&ChatRequest::parse(body.as_bytes())?)?;
        Ok((specs.len(), choice))
    }

    #[test]
    fn functions_and_choices() {
        let tool = |name: &str| json!({"type": "function", "function": {"name": name}});
        let one = json!([tool("a")]);
        assert_eq!(read_of(&one, &json!("auto")), Ok((1, None)));
        assert_eq!(read_of(&one, &json!("none")), Ok((0, None)));
        assert_eq!(read_of(&one, &json!("required")), Ok((1, Some(ToolChoice::Any))));
        let named = json!({"type": "function", "function": {"name": "a"}});
        assert_eq!(read_of(&one, &named), Ok((1, Some(ToolChoice::Named("a".to_owned())))));
        assert_eq!(read_of(&Value::Null, &Value::Null), Ok((0, None)));
        for (tools, choice) in [
            (json!([tool("a"), tool("a")]), json!("auto")),
            (json!([tool("a b")]), json!("auto")),
            (json!([tool("")]), json!("auto")),
            (json!([{"type": "web_search"}]), json!("auto")),
            (json!([{"type": "function"}]), json!("auto")),
            (json!([1]), json!("auto")),
            (
                json!([{"type": "function", "function": {"name": "a", "parameters": []}}]),
                json!("auto"),
            ),
            (one.clone(), json!("sometimes")),
            (one.clone(), json!({"type": "function", "function": {"name": "b"}})),
            (json!([]), json!("required")),
        ] {
            assert!(read_of(&tools, &choice).is_err(), "{tools} {choice}");
        }
        let many = |count: usize| (0..count).map(|n| tool(&format!("t{n}"))).collect::<Value>();
        assert!(read_of(&many(MAX_TOOLS), &Value::Null).is_ok());
        assert!(read_of(&many(MAX_TOOLS + 1), &Value::Null).is_err());
    }
}
