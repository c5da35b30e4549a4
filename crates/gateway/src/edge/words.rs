//! Older names of methods, and what older descriptions leave out of parameters.

use std::{borrow::Cow, collections::BTreeSet, sync::LazyLock};

use openclaw_protocol::{
    methods::{self, aliases},
    schema,
};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use uuid::Uuid;

use super::{Asked, Return};

/// The parameter without which no turn begins twice.
const KEY: &str = "idempotencyKey";

/// A request in our words. `keys` says that this door's callers know no idempotency keys.
pub(super) fn translate<'a>(
    mut back: Return,
    said: Cow<'a, str>,
    params: Option<Cow<'a, RawValue>>,
    keys: bool,
) -> Asked<'a> {
    let alias = aliases::find(&said);
    let lacks_key = keys && needs_key(&said);
    back.answer = alias.and_then(|alias| alias.answer);
    if alias.is_none() && !lacks_key {
        return Asked { back, method: said.clone(), said, params };
    }
    let text = params.as_ref().map_or("null", |params| params.get());
    let mut fields = match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => fields,
        Ok(Value::Null) => Map::new(),
        // No object: the method itself says what is wrong.
        _ => return Asked { back, method: said.clone(), said, params },
    };
    let method = match aliases::resolve(&said, &mut fields) {
        Some(target) => Cow::Owned(target),
        None => said.clone(),
    };
    if keys && needs_key(&method) {
        fields.entry(KEY).or_insert_with(|| Uuid::new_v4().to_string().into());
    }
    let params = to_raw_value(&fields).ok().map(Cow::Owned);
    Asked { back, said, method, params }
}

/// Whether a method's schema requires an idempotency key.
fn needs_key(method: &str) -> bool {
    static NEED: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
        let need = |schema: &Value| {
            let target = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
            let part = target.and_then(|path| schema.pointer(path)).unwrap_or(schema);
            part["required"].as_array().is_some_and(|names| names.iter().any(|name| name == KEY))
        };
        methods::all().filter(|spec| need(&schema::params(spec))).map(|spec| spec.name).collect()
    });
    NEED.contains(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(said: &'static str, params: &str, keys: bool) -> (String, Value) {
        let params = RawValue::from_string(params.to_owned()).unwrap();
        let asked = translate(Return::to("1"), said.into(), Some(Cow::Owned(params)), keys);
        assert_eq!(asked.said, said);
        let params = asked.params.map_or(Value::Null, |p| serde_json::from_str(p.get()).unwrap());
        (asked.method.into_owned(), params)
    }

    #[test]
    fn keys_are_made_where_callers_know_none_and_only_there() {
        for method in ["chat.send", "agent"] {
            let (target, params) = asked(method, r#"{"message":"hi"}"#, true);
            assert_eq!(target, method);
            assert_eq!(params[KEY].as_str().unwrap().len(), 36, "{method}");
            assert_eq!(asked(method, r#"{"message":"hi"}"#, false).1[KEY], Value::Null);
            assert_eq!(asked(method, r#"{"idempotencyKey":"mine"}"#, true).1[KEY], "mine");
        }
        assert_eq!(asked("sessions.list", "{}", true).1, Value::Object(Map::new()));
        assert!(asked("chat", r#"{"message":"hi"}"#, true).1[KEY].is_string());
        assert_eq!(asked("chat.send", "[1]", true).1, serde_json::json!([1]));
    }
}
