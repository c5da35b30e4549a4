//! `devices`: who may connect, who asks to, and what becomes of it.

use openclaw_protocol::methods::devices::{
    DevicePairApproveParams, DevicePairListParams, DevicePairListResult, DevicePairRejectParams,
    DevicePairRemoveParams, DevicePairRenameParams, DeviceTokenRevokeParams,
    DeviceTokenRotateParams, PairedDevice,
};
use serde_json::{Value, json};

use crate::{
    args::{AskArgs, DevicesCommand},
    commands::Context,
    connect,
    failure::{Exit, Failure},
    format, output,
};

mod place;
mod render;

use place::Offline;
pub(super) use place::Place;

/// The length of a whole device id.
const ID: usize = 64;

pub(crate) async fn run(cx: &Context, command: &DevicesCommand) -> Result<(), Failure> {
    match command {
        DevicesCommand::List(ask) => list(cx, ask).await,
        DevicesCommand::Approve { request, latest, ask } => {
            approve(cx, request.as_deref(), *latest, ask).await
        }
        DevicesCommand::Reject { request, ask } => {
            let place = Place::find(cx, ask).await?;
            let done = place.ask::<DevicePairRejectParams>(json!({ "requestId": request })).await?;
            told(ask, &done, |done| format!("Rejected {}", word(done, "deviceId")))
        }
        DevicesCommand::Remove { device, ask } => {
            let place = Place::find(cx, ask).await?;
            let id = whole(&place, device).await?;
            let done = place.ask::<DevicePairRemoveParams>(json!({ "deviceId": id })).await?;
            told(ask, &done, |done| format!("Removed {}", word(done, "deviceId")))
        }
        DevicesCommand::Clear { pending, yes, ask } => clear(cx, *pending, *yes, ask).await,
        DevicesCommand::Rename { device, name, ask } => {
            let place = Place::find(cx, ask).await?;
            let params = json!({ "deviceId": whole(&place, device).await?, "label": name });
            let done = place.ask::<DevicePairRenameParams>(params).await?;
            let line =
                |done: &Value| format!("{} is {} now", word(done, "deviceId"), word(done, "label"));
            told(ask, &done, line)
        }
        DevicesCommand::Rotate { token, scope, no_scopes, ask } => {
            let scopes = if *no_scopes { Some(Vec::new()) } else { scope.clone() };
            let place = Place::find(cx, ask).await?;
            let id = whole(&place, &token.device).await?;
            let mut params = json!({ "deviceId": id, "role": token.role });
            if let Some(scopes) = scopes {
                params["scopes"] = scopes.into();
            }
            let done = place.ask::<DeviceTokenRotateParams>(params).await?;
            told(ask, &done, rotated)
        }
        DevicesCommand::Revoke { token, ask } => {
            let place = Place::find(cx, ask).await?;
            let id = whole(&place, &token.device).await?;
            let params = json!({ "deviceId": id, "role": token.role });
            let done = place.ask::<DeviceTokenRevokeParams>(params).await?;
            told(ask, &done, |done| {
                format!("Revoked the {} token of {}", word(done, "role"), word(done, "deviceId"))
            })
        }
    }
}

async fn list(cx: &Context, ask: &AskArgs) -> Result<(), Failure> {
    let place = Place::find(cx, ask).await?;
    let answer = place.ask::<DevicePairListParams>(json!({})).await?;
    if ask.json {
        return output::json(&answer);
    }
    output::lines(&render::list(&connect::read::<DevicePairListParams>(answer)?, now()))
}

async fn approve(
    cx: &Context,
    request: Option<&str>,
    latest: bool,
    ask: &AskArgs,
) -> Result<(), Failure> {
    let place = Place::find(cx, ask).await?;
    let request = if let Some(request) = request {
        request.to_owned()
    } else {
        let list = read::<DevicePairListParams>(&place, json!({})).await?;
        let newest = list.pending.iter().max_by_key(|request| request.ts);
        let newest = newest.map(|request| request.request_id.clone());
        let newest = newest.ok_or_else(|| {
            Failure::new("NOTHING_PENDING", "no device waits for approval; let it connect first")
        })?;
        if !latest {
            return Err(show_waiting(&list, &newest, ask.json)?);
        }
        newest
    };
    let done = place.ask::<DevicePairApproveParams>(json!({ "requestId": request })).await?;
    told(ask, &done, |done| {
        format!("Approved {} ({})", word(&done["device"], "deviceId"), word(done, "requestId"))
    })
}

/// Shows what waits instead of choosing: whoever asked last need not be whom the person means.
fn show_waiting(list: &DevicePairListResult, newest: &str, json: bool) -> Result<Failure, Failure> {
    let command = format!("openclaw devices approve {newest}");
    if json {
        output::json(&json!({ "pending": list.pending, "approveCommand": command }))?;
    } else {
        output::lines(&render::pending(list, now()))?;
        output::note(format!("openclaw: approve one of these, for example with `{command}`"));
    }
    Ok(Failure::shown(Exit::Failed))
}

async fn clear(cx: &Context, pending: bool, yes: bool, ask: &AskArgs) -> Result<(), Failure> {
    if !yes {
        let message = "every device would have to be paired anew; add --yes to do it";
        return Err(Failure::usage(message));
    }
    let place = Place::find(cx, ask).await?;
    let mut list = read::<DevicePairListParams>(&place, json!({})).await?;
    // The one that this command came with goes last: its connection goes with it.
    let own = place.own_device();
    list.paired.sort_by_key(|device| Some(device.device_id.as_str()) == own);
    let mut removed = Vec::new();
    for PairedDevice { device_id, .. } in list.paired {
        place.ask::<DevicePairRemoveParams>(json!({ "deviceId": device_id })).await?;
        removed.push(device_id);
    }
    let mut rejected = Vec::new();
    for request in list.pending.into_iter().filter(|_| pending) {
        let params = json!({ "requestId": request.request_id });
        // A device that was removed has no request any more.
        if place.ask::<DevicePairRejectParams>(params).await.is_ok() {
            rejected.push(request.request_id);
        }
    }
    let done = json!({ "removedDevices": removed, "rejectedPending": rejected });
    let counts = (removed.len(), rejected.len());
    told(ask, &done, |_| format!("Removed {} devices, rejected {} requests", counts.0, counts.1))
}

/// The whole id of a device that was named by its beginning.
async fn whole(place: &Place, id: &str) -> Result<String, Failure> {
    let id = id.trim().to_ascii_lowercase();
    if id.len() >= ID {
        return Ok(id);
    }
    let list = read::<DevicePairListParams>(place, json!({})).await?;
    let mut fits =
        list.paired.into_iter().map(|device| device.device_id).filter(|d| d.starts_with(&id));
    match (fits.next(), fits.next()) {
        (Some(one), None) if !id.is_empty() => Ok(one),
        (None, _) => Err(Failure::new(
            "UNKNOWN_DEVICE",
            format!("no paired device's id begins with {id}; see `openclaw devices list`"),
        )),
        _ => Err(Failure::usage(format!(
            "more than one device's id begins with {id}; write more of it"
        ))),
    }
}

async fn read<M: Offline>(place: &Place, params: Value) -> Result<M::Result, Failure> {
    connect::read::<M>(place.ask::<M>(params).await?)
}

fn told(ask: &AskArgs, done: &Value, line: impl FnOnce(&Value) -> String) -> Result<(), Failure> {
    if ask.json { output::json(done) } else { output::line(line(done)) }
}

fn rotated(done: &Value) -> String {
    let line = format!("Replaced the {} token of {}", word(done, "role"), word(done, "deviceId"));
    match done["token"].as_str() {
        Some(token) => format!("{line}: {}", format::plain(token)),
        None => format!("{line}; the device gets it when it connects with the shared secret"),
    }
}

fn word(value: &Value, name: &str) -> String {
    format::plain(value[name].as_str().unwrap_or_default())
}

pub(super) fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default()
}
