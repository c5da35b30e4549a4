//! What an agent asks a person.

use openclaw_tests::TestGateway;
use serde_json::{Value, json};

use super::{refusal, without};

fn question(id: &str) -> Value {
    json!({"id": id, "agentId": "main", "questions": [{
        "questionId": "colour", "header": "Colour", "question": "Which one?",
        "options": [{"label": "Red"}, {"label": "Blue"}],
    }]})
}

#[tokio::test]
async fn one_asks_and_another_answers() {
    let gateway = TestGateway::start().await;
    let mut person = gateway.operator().await;
    let mut agent = gateway.operator().await;
    agent.call("question.request", question("q1")).await.unwrap();
    let asked = person.event("question.requested", |asked| asked["id"] == "q1").await;
    assert_eq!((&asked["status"], &asked["agentId"]), (&json!("pending"), &json!("main")));
    assert_eq!(asked["questions"][0]["question"], "Which one?");
    let listed = person.call("question.list", json!({})).await.unwrap();
    assert_eq!(listed["questions"][0]["id"], "q1");
    let params = json!({"id": "q1", "timeoutMs": 1});
    let not_yet = agent.call("question.waitAnswer", params).await.unwrap();
    assert_eq!(not_yet, json!({"status": "pending"}));
    let waiting =
        agent.send("question.waitAnswer", json!({"id": "q1", "includeResolutionId": true})).await;

    let answer = |value: &str| {
        json!({"id": "q1", "answers": {"answers": {"colour": [value]}}, "resolutionId": "r",
            "resolvedBy": "the queen"})
    };
    let refused = refusal(person.call("question.resolve", answer("Green")).await);
    assert!(refused.contains("unknown option"), "{refused}");
    let own = refusal(agent.call("question.resolve", answer("Red")).await);
    assert!(own.contains("its own request"), "{own}");
    person.call("question.resolve", answer("Blue")).await.unwrap();
    let answered = agent.answer(&waiting).await.unwrap();
    let expected = json!({"status": "answered", "resolutionId": "r",
        "answers": {"answers": {"colour": ["Blue"]}}});
    assert_eq!(answered, expected);
    let told = person.event("question.resolved", |told| told["id"] == "q1").await;
    assert_eq!(told["answers"]["answers"]["colour"], json!(["Blue"]));
    // Who answered is what the gateway knows.
    let got = agent.call("question.get", json!({"id": "q1"})).await.unwrap();
    assert_ne!(got["question"]["resolvedBy"], "the queen");
    let late = refusal(person.call("question.resolve", answer("Red")).await);
    assert_eq!(late, "question 'q1' is already answered");
    let again = refusal(agent.call("question.request", question("q1")).await);
    assert_eq!(again, "question 'q1' already exists");
}

#[tokio::test]
async fn a_question_can_be_dropped_and_can_run_out_of_time() {
    let gateway = TestGateway::start().await;
    let mut person = gateway.operator().await;
    let mut agent = gateway.operator().await;
    agent.call("question.request", question("q1")).await.unwrap();
    let cancel = json!({"id": "q1", "cancel": true});
    person.call("question.resolve", cancel).await.unwrap();
    let answer = agent.call("question.waitAnswer", json!({"id": "q1"})).await.unwrap();
    assert_eq!(answer, json!({"status": "cancelled"}));
    let mut short = question("q2");
    short["timeoutMs"] = json!(30);
    agent.call("question.request", short).await.unwrap();
    let answer = agent.call("question.waitAnswer", json!({"id": "q2"})).await.unwrap();
    assert_eq!(answer, json!({"status": "expired"}));
    let none = refusal(agent.call("question.get", json!({"id": "q3"})).await);
    assert_eq!(none, "question 'q3' was not found");
    // A secret would have to be kept somewhere.
    let mut secret = question("q4");
    secret["questions"][0]["options"] = json!([]);
    secret["questions"][0]["isSecret"] = json!(true);
    assert!(refusal(agent.call("question.request", secret).await).contains("secret questions"));
    let mut stranger = without(&gateway, "operator.questions").await;
    let refused = refusal(stranger.call("question.list", json!({})).await);
    assert_eq!(refused, "missing scope: operator.questions");
}
