//! Whether questions can be asked, and whether answers fit them.

use std::collections::BTreeSet;

use openclaw_protocol::methods::questions::{Question, QuestionAnswers};

/// Why these questions cannot be asked.
pub fn check(questions: &[Question]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for question in questions {
        let name = question.question_id.as_str();
        if !names.insert(name) {
            return Err(format!("duplicate question id '{name}'"));
        }
        if question.url.as_deref().is_some_and(|url| !is_plain_web_address(url)) {
            return Err(format!(
                "question '{name}' requires an absolute HTTP(S) URL without credentials"
            ));
        }
        if question.options.len() == 1 {
            return Err(format!("question '{name}' must have either no options or 2 to 4 options"));
        }
        if question.is_secret == Some(true) || question.secret_store.is_some() {
            return Err(format!("question '{name}': secret questions are not supported yet"));
        }
        let mut labels = BTreeSet::new();
        for option in question.options.iter() {
            if !labels.insert(option.label.trim().to_lowercase()) {
                return Err(format!(
                    "question '{name}' has duplicate option label '{}'",
                    option.label
                ));
            }
        }
    }
    Ok(())
}

/// An address that a person can open without being led astray: the host stands at its beginning.
fn is_plain_web_address(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    !host.is_empty() && host.chars().all(fits) && !url.contains(char::is_whitespace)
}

/// The answers as the questions spell them, or why they do not fit.
pub fn canonical(
    questions: &[Question],
    given: &QuestionAnswers,
) -> Result<QuestionAnswers, String> {
    let known = |name: &str| questions.iter().any(|question| question.question_id.as_str() == name);
    if let Some(name) = given.answers.keys().find(|name| !known(name)) {
        return Err(format!("question '{name}' is not part of this request"));
    }
    let answer = |question: &Question| {
        let name = question.question_id.as_str();
        let values = given.answers.get(name).map(Vec::as_slice).unwrap_or_default();
        let spelt = chosen(question, values).map_err(|why| format!("question '{name}' {why}"))?;
        Ok((name.to_owned(), spelt))
    };
    Ok(QuestionAnswers { answers: questions.iter().map(answer).collect::<Result<_, String>>()? })
}

fn chosen(question: &Question, values: &[String]) -> Result<Vec<String>, &'static str> {
    if values.is_empty() {
        return Err("requires an answer");
    }
    if values.iter().any(|value| value.trim().is_empty()) {
        return Err("contains an empty answer");
    }
    if values.len() > 1 && question.multi_select != Some(true) {
        return Err("does not allow multiple answers");
    }
    let spell = |value: &String| {
        let option = question.options.iter().find(|option| option.label.trim() == value.trim());
        match option {
            Some(option) => Ok(option.label.to_string()),
            None if question.options.is_empty() || question.is_other == Some(true) => {
                Ok(value.trim().to_owned())
            }
            None => Err("contains an unknown option"),
        }
    };
    values.iter().map(spell).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn question(mut fields: Value) -> Question {
        let base = [("questionId", "q"), ("header", "H"), ("question", "Which?")];
        for (name, text) in base {
            fields[name] = json!(text);
        }
        let options = fields["options"].take();
        fields["options"] = if options.is_null() { json!([]) } else { options };
        serde_json::from_value(fields).unwrap()
    }

    fn options(labels: &[&str]) -> Value {
        labels.iter().map(|label| json!({"label": label})).collect()
    }

    #[test]
    fn questions_that_cannot_be_asked() {
        let plain = || question(json!({}));
        assert_eq!(check(&[plain()]), Ok(()));
        assert!(check(&[plain(), plain()]).unwrap_err().contains("duplicate question id"));
        for (more, why) in [
            (json!({"options": options(&["a"])}), "2 to 4 options"),
            (json!({"options": options(&["a", " A"])}), "duplicate option label"),
            (json!({"isSecret": true}), "secret questions"),
            (json!({"secretStore": {"name": "K", "kind": "secret"}}), "secret questions"),
            (json!({"url": "javascript:alert(1)"}), "absolute HTTP(S) URL"),
            (json!({"url": "https://bank.example@evil.example/"}), "without credentials"),
            (json!({"url": "https:///x"}), "absolute HTTP(S) URL"),
        ] {
            let refused = check(&[question(more)]).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        assert_eq!(check(&[question(json!({"url": "https://example.org/a?b#c"}))]), Ok(()));
    }

    #[track_caller]
    fn answers(more: Value, given: Value) -> Result<Value, String> {
        let given = QuestionAnswers { answers: serde_json::from_value(given).unwrap() };
        canonical(&[question(more)], &given).map(|spelt| json!(spelt.answers))
    }

    #[test]
    fn answers_are_spelt_as_the_options() {
        let two = json!({"options": options(&["Yes ", "No"])});
        assert_eq!(answers(two.clone(), json!({"q": [" Yes"]})), Ok(json!({"q": ["Yes "]})));
        assert_eq!(answers(json!({}), json!({"q": [" free "]})), Ok(json!({"q": ["free"]})));
        let mut other = two.clone();
        other["isOther"] = json!(true);
        assert_eq!(answers(other, json!({"q": ["maybe"]})), Ok(json!({"q": ["maybe"]})));
        let mut many = two.clone();
        many["multiSelect"] = json!(true);
        assert_eq!(answers(many, json!({"q": ["No", "Yes"]})), Ok(json!({"q": ["No", "Yes "]})));
        for (given, why) in [
            (json!({}), "requires an answer"),
            (json!({"q": []}), "requires an answer"),
            (json!({"q": [" "]}), "empty answer"),
            (json!({"q": ["Yes", "No"]}), "multiple answers"),
            (json!({"q": ["maybe"]}), "unknown option"),
            (json!({"q": ["No"], "x": ["No"]}), "not part of this request"),
        ] {
            let refused = answers(two.clone(), given).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
