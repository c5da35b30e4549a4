//! A first start that takes over many sessions says how far it is.

use serde_json::{Map, json};

use crate::home::Home;

#[test]
fn a_long_import_tells_how_far_it_is() {
    let home = Home::new();
    let sessions: Map<_, _> = (0..1_200)
        .map(|n| {
            (
                format!("agent:main:s{n}"),
                json!({"sessionId": format!("id-{n}"), "updatedAt": n + 1}),
            )
        })
        .collect();
    home.write("agents/main/sessions/sessions.json", &json!(sessions).to_string());
    let gateway = home.start();
    let list = home.json("sessions --json --limit all");
    assert_eq!(list["count"], 1_200);
    let told = gateway.end();
    assert!(told.contains("taking over sessions: 500 so far"), "{told}");
    assert!(told.contains("taking over sessions: 1000 so far"), "{told}");
}
