//! Recordings of two real gateways, replayed against ours: what differs is what is meant to differ.
//!
//! `conformance/VERSION/FLOW.jsonl` holds what a client said to OpenClaw and what it was answered,
//! cut to what is compared; timeouts of requests are shortened. `conformance/expected.txt` lists the
//! differences with their reasons: another one fails, and so does one that is no longer there.

mod before;
mod device;
mod echo;
mod expected;
mod http;
mod kinds;
mod replay;
mod script;
mod shape;
mod verdict;
mod wire;

use std::collections::BTreeSet;

use script::Recorded;

/// How many differences are expected of each version. The numbers may only fall, but for flows that are added.
const DIFFERENCES: [(Recorded, usize); 2] = [(Recorded::V3, 44), (Recorded::V4, 178)];

/// One test a flow and version.
macro_rules! flows {
    ($($flow:ident)+) => {
        const FLOWS: &[&str] = &[$(stringify!($flow)),+];

        mod v2026_3_28 {
            use super::{name, replay::replay, script::Recorded};
            $(#[tokio::test] async fn $flow() { replay(Recorded::V3, &name(stringify!($flow))).await; })+
        }

        mod v2026_9_6 {
            use super::{name, replay::replay, script::Recorded};
            $(#[tokio::test] async fn $flow() { replay(Recorded::V4, &name(stringify!($flow))).await; })+
        }
    };
}

flows! {
    agent_and_wait agents channels chat_abort chat_attachment chat_concurrent_two_sessions
    chat_happy chat_history chat_idempotent chat_inject chat_main_alias chat_model_error
    chat_slash_commands chat_timeout_ms chat_tool_call chat_two_clients_broadcast config
    connect_backend_token connect_bad_client_id connect_bad_role connect_cli_device
    connect_cli_device_readonly_scopes connect_cli_no_device connect_control_ui_no_origin
    connect_control_ui_origin_ok connect_control_ui_origin_ok_device connect_device_bad_signature
    connect_device_id_mismatch connect_device_stale_signed_at connect_device_token_only_no_shared
    connect_device_v2_signature connect_evil_host_header connect_extra_property
    connect_missing_client connect_no_token connect_node_role_device connect_node_role_no_device
    connect_password_instead connect_permessage_deflate connect_probe connect_protocol_3_3
    connect_protocol_4_4 connect_protocol_mismatch_min99 connect_test_client connect_twice
    connect_wrong_token connect_ws_subprotocol devices exec_approval first_frame_binary
    first_frame_connect_empty_params first_frame_event first_frame_malformed_json
    first_frame_not_connect health idle_preauth_many invalid_params logs look models
    no_connect_handshake_timeout nodes oversize_frame_26mb post_binary_frame
    post_binary_valid_json post_client_sends_event post_frame_empty_id post_frame_extra_property
    post_frame_missing_id post_frame_missing_method post_frame_params_array post_malformed_json
    post_unsolicited_close_reason post_ws_ping preauth_oversize_65k sessions status
    system_presence tick unknown_method usage
}

/// The name of a flow's file.
fn name(test: &str) -> String {
    test.replace('_', "-")
}

#[test]
fn every_recording_is_replayed() {
    let tested: BTreeSet<String> = FLOWS.iter().map(|flow| name(flow)).collect();
    for recorded in Recorded::ALL {
        let files = std::fs::read_dir(recorded.folder()).unwrap();
        let files = files
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
        assert_eq!(files.collect::<BTreeSet<_>>(), tested, "{}", recorded.version());
    }
}

#[test]
fn the_list_of_differences_only_gets_shorter() {
    let list = expected::all();
    for (recorded, known) in DIFFERENCES {
        let flows = list.iter().flat_map(expected::Expected::flows);
        let of_version: Vec<_> =
            flows.filter(|(version, _)| *version == recorded.version()).collect();
        println!("{}: {} expected differences", recorded.version(), of_version.len());
        assert_eq!(of_version.len(), known, "{}: the number may only fall", recorded.version());
        for (_, flow) in of_version {
            assert!(FLOWS.iter().any(|test| name(test) == flow), "no flow is called {flow}");
        }
    }
}
