//! What a client may choose from and where it is: commands, tools, the config's schema, the machine.

use openclaw_tests::{ModelServer, Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn commands_are_those_that_the_caller_may_give() {
    let gateway = TestGateway::start().await;
    let mut admin = gateway.operator().await;
    let mut writer = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    params["scopes"] = json!(["operator.read", "operator.write"]);
    writer.shake(params).await.unwrap();

    let all = admin.call("commands.list", json!({})).await.unwrap();
    assert_eq!(names(&all["commands"]), ["new", "reset", "stop", "model", "help", "status"]);
    assert_eq!(all["commands"][3]["args"][0]["name"], "model");
    let bare = admin.call("commands.list", json!({"includeArgs": false})).await.unwrap();
    assert_eq!(bare["commands"][3]["acceptsArgs"], true);
    assert!(bare["commands"][3].get("args").is_none());
    let native = admin.call("commands.list", json!({"scope": "native"})).await.unwrap();
    assert_eq!(native["commands"], json!([]));

    let some = writer.call("commands.list", json!({"scope": "text"})).await.unwrap();
    assert_eq!(names(&some["commands"]), ["stop", "model", "help", "status"]);
    assert_eq!(some["commands"][1]["acceptsArgs"], false);
    for (peer, commands) in [(&mut admin, all), (&mut writer, some)] {
        let metadata = peer.call("chat.metadata", json!({})).await.unwrap();
        assert_eq!(metadata["commands"], commands["commands"]);
    }
    // What is listed is answered; what is not listed goes to the model.
    for (run, text, answered) in [("r1", "/help", "/status"), ("r2", "/new", "You said: /new")] {
        let message = json!({"sessionKey": "main", "message": text, "idempotencyKey": run});
        writer.call("chat.send", message).await.unwrap();
        let end = writer.run_end(run).await;
        assert!(end["message"].to_string().contains(answered), "{end}");
    }
}

#[tokio::test]
async fn tools_are_those_that_models_are_offered() {
    let gateway = TestGateway::start().await;
    for mut peer in [gateway.operator().await, gateway.operator_v3().await] {
        let catalog = peer.call("tools.catalog", json!({})).await.unwrap();
        assert_eq!(catalog["groups"][0]["tools"][0]["defaultProfiles"], json!(["coding"]));
        let tools = catalog["groups"][0]["tools"].as_array().unwrap();
        let ids: Vec<_> = tools.iter().map(|tool| tool["id"].as_str().unwrap()).collect();
        assert_eq!((ids, &catalog["agentId"]), (vec!["read", "session_status"], &json!("main")));
        let nobody = peer.call("tools.catalog", json!({"agentId": "nope"})).await.unwrap_err();
        assert_eq!(nobody["message"], "unknown agent id \"nope\"");

        let key = json!({"sessionKey": "agent:main:new"});
        let unknown = peer.call("tools.effective", key).await.unwrap_err();
        assert_eq!(unknown["message"], "unknown session key \"agent:main:new\"");
        peer.call("sessions.create", json!({"key": "agent:main:made"})).await.unwrap();
        let key = json!({"sessionKey": "agent:main:made"});
        let made = peer.call("tools.effective", key).await.unwrap();
        assert_eq!(
            (&made["profile"], &made["groups"][0]["tools"][0]["id"]),
            (&json!("full"), &json!("read"))
        );
    }
}

#[tokio::test]
async fn a_tool_that_the_config_denies_is_neither_offered_nor_run() {
    let model = ModelServer::start().await;
    let mut config = model.config();
    config["tools"] = json!({"profile": "coding", "deny": ["read"]});
    config["agents"]["list"] =
        json!([{"id": "main", "default": true}, {"id": "bare", "tools": {"allow": []}}]);
    let gateway = TestGateway::with(config).await;
    let mut peer = gateway.operator().await;
    for (key, run) in [("agent:main:main", "r1"), ("agent:bare:main", "r2")] {
        let message = json!({"sessionKey": key, "message": "read it", "idempotencyKey": run});
        peer.call("chat.send", message).await.unwrap();
        let turn = model.turn().await;
        let offered = turn.request["tools"].to_string();
        assert!(!offered.contains("read"), "{offered}");
        assert_eq!(offered.contains("session_status"), run == "r1", "{offered}");
        // A model may call what it was not offered.
        turn.tool("read", &json!({"path": "AGENTS.md"}));
        let turn = model.turn().await;
        let results = turn.request["messages"].as_array().unwrap();
        let result = results.last().unwrap()["content"].to_string();
        assert!(result.contains("there is no such tool"), "{result}");
        turn.text("well");
        turn.done();
        peer.run_end(run).await;
        let key = json!({"sessionKey": key});
        let told = peer.call("tools.effective", key).await.unwrap();
        assert_eq!(told["profile"], "coding");
        let groups = told["groups"].to_string();
        assert!(
            !groups.contains("\"read\"") && groups.contains("session_status") == (run == "r1"),
            "{groups}"
        );
    }
}

#[tokio::test]
async fn the_config_says_what_may_be_in_it() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let told = peer.call("config.schema", json!({})).await.unwrap();
    assert_eq!(
        told["schema"]["properties"]["gateway"]["properties"]["port"]["type"],
        json!(["integer", "null"])
    );
    assert_eq!(told["uiHints"]["gateway.auth.token"]["sensitive"], true);
    let auth = peer.call("config.schema.lookup", json!({"path": "gateway.auth"})).await.unwrap();
    let mode = auth["children"].as_array().unwrap().iter().find(|child| child["key"] == "mode");
    assert_eq!(
        (&mode.unwrap()["path"], &auth["reloadKind"]),
        (&json!("gateway.auth.mode"), &json!("restart"))
    );
    let none = peer.call("config.schema.lookup", json!({"path": "no.such"})).await.unwrap_err();
    assert_eq!(none["message"], "config schema path not found");
    // In protocol 3 the whole schema is for administrators.
    let mut reader = Peer::open(gateway.address()).await;
    let mut params = connect_params(3);
    params["scopes"] = json!(["operator.read"]);
    reader.shake(params).await.unwrap();
    let refused = reader.call("config.schema", json!({})).await.unwrap_err();
    assert_eq!(refused["message"], "missing scope: operator.admin");
    reader.call("config.schema.lookup", json!({"path": "gateway"})).await.unwrap();
}

#[tokio::test]
async fn the_files_of_an_agent_are_shown_and_no_others() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let main = json!({"agentId": "main"});
    let list = peer.call("agents.files.list", main.clone()).await.unwrap();
    let folder = list["workspace"].as_str().unwrap().to_owned();
    assert_eq!(
        names(&list["files"]),
        ["AGENTS.md", "SOUL.md", "IDENTITY.md", "USER.md", "TOOLS.md"]
    );
    assert!(list["files"].as_array().unwrap().iter().all(|file| file["missing"] == true));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(format!("{folder}/SOUL.md"), "calm").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", format!("{folder}/USER.md")).unwrap();

    let list = peer.call("agents.files.list", main).await.unwrap();
    assert_eq!(
        (&list["files"][1]["missing"], &list["files"][1]["size"]),
        (&json!(false), &json!(4))
    );
    let mut get = async |name: &str| {
        peer.call("agents.files.get", json!({"agentId": "main", "name": name})).await
    };
    assert_eq!(get("SOUL.md").await.unwrap()["file"]["content"], "calm");
    let linked = get("USER.md").await.unwrap();
    assert_eq!(linked["file"]["missing"], true);
    assert!(linked["file"].get("content").is_none());
    for name in ["../openclaw.json", "MEMORY.md", "/etc/passwd"] {
        assert_eq!(get(name).await.unwrap_err()["message"], format!("unsupported file \"{name}\""));
    }
}

#[tokio::test]
async fn the_machine_and_the_process_are_those_of_the_gateway() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let told = peer.call("system.info", json!({})).await.unwrap();
    assert_eq!(told["pid"], std::process::id());
    assert_eq!(told["processInstanceId"], peer.hello["server"]["bootId"]);
    let count = |name: &str| told[name].as_u64().unwrap();
    assert!(count("memoryTotalBytes") >= count("memoryFreeBytes") && count("memoryFreeBytes") > 0);
    assert!(count("diskTotalBytes") >= count("diskAvailableBytes"));
    assert!(count("cpuCount") > 0);
    let later = peer.call("system.info", json!({})).await.unwrap();
    assert!(later["uptimeMs"].as_u64() >= told["uptimeMs"].as_u64());
    let state = gateway.state();
    assert_eq!(told["diskPath"], state.path().to_str().unwrap());
}

#[tokio::test]
async fn keys_quotas_and_groups_are_told_as_they_are() {
    let model = ModelServer::start().await;
    let mut config = model.config();
    config["models"]["providers"]["test"]["apiKey"] = json!("canary-key-0123456789");
    let gateway = TestGateway::with(config).await;
    let mut peer = gateway.operator().await;
    let told = peer.call("models.authStatus", json!({"agentId": "main"})).await.unwrap();
    let provider = &told["providers"][0];
    assert_eq!((&provider["provider"], &provider["status"]), (&json!("test"), &json!("static")));
    assert_eq!(provider["apiKey"], json!({"source": "config"}));
    assert_eq!(told["providerCapabilities"][0]["apiKeySupported"], false);
    assert!(!told.to_string().contains("canary"), "{told}");
    let unknown = peer.call("models.authStatus", json!({"agentId": "none"})).await.unwrap_err();
    assert_eq!(unknown["message"], "unknown agent id \"none\"");
    for mut peer in [gateway.operator().await, gateway.operator_v3().await] {
        let quotas = peer.call("usage.status", json!({})).await.unwrap();
        assert!(quotas["updatedAt"].is_u64() && quotas["providers"] == json!([]), "{quotas}");
    }

    let groups = peer.call("sessions.groups.list", json!({})).await.unwrap();
    assert_eq!(groups, json!({"groups": [], "sectionOrder": []}));
    for (key, group) in [("b", "Work"), ("a", "Home"), ("c", "Work")] {
        let patch = json!({"key": format!("agent:main:{key}"), "category": group});
        peer.call("sessions.patch", patch).await.unwrap();
    }
    let groups = peer.call("sessions.groups.list", json!({})).await.unwrap();
    let expected = json!([{"name": "Home", "position": 0}, {"name": "Work", "position": 1}]);
    assert_eq!(groups["groups"], expected);
    let defaults = peer.call("sessions.groups.defaults", json!({})).await.unwrap();
    assert_eq!(defaults, json!({"defaults": []}));
}
