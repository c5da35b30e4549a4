//! One connection of a node: what it is asked for, each command a task, and its answers; the work that waits
//! for it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use openclaw_agent::{
    clock::SystemClock,
    exec::host::{Answer, ExecHost, Refusal},
};
use openclaw_protocol::{
    events::nodes::{NodeInvokeCancelEvent, NodeInvokeRequestEvent},
    methods::nodes::{
        NodeEventParams, NodeInvokeResultParams, NodePendingAckParams, NodePendingDrainParams,
        WorkPriority, WorkType,
    },
};
use openclaw_sdk::{Client, Delivery, Error, Event, Events};
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinSet};

use crate::{connect, output};

/// Commands that are carried out at a time; one more is refused.
const MOST: usize = 32;

/// The commands of one connection.
struct Commands<'a> {
    client: &'a Client,
    device: &'a str,
    exec: &'a Arc<ExecHost>,
    /// The id of each when it is done.
    running: JoinSet<String>,
    /// By id; a sender that is dropped ends its command.
    stops: BTreeMap<String, oneshot::Sender<()>>,
}

/// Answers until the connection ends or `stop` does. `None` in the second case. Either way nothing that
/// was asked for goes on: its answer would not count any longer.
pub(super) async fn run(
    (client, mut events): (&Client, Events),
    (device, exec): (&str, &Arc<ExecHost>),
    stop: &mut (impl Future<Output = ()> + Unpin),
) -> Option<Error> {
    let mut commands =
        Commands { client, device, exec, running: JoinSet::new(), stops: BTreeMap::new() };
    // What was left while it was away.
    commands.catch_up();
    let ended = loop {
        tokio::select! {
            delivery = events.next() => match delivery {
                Some(Delivery::Event(event)) => commands.hear(&event),
                Some(Delivery::Gap(_)) => {}
                None => break Some(client.ended_because().await),
            },
            Some(done) = commands.running.join_next() => {
                if let Ok(id) = done {
                    commands.stops.remove(&id);
                }
            }
            () = &mut *stop => break None,
        }
    };
    commands.stops.clear();
    while commands.running.join_next().await.is_some() {}
    ended
}

impl Commands<'_> {
    fn hear(&mut self, event: &Event) {
        match &*event.name {
            "node.invoke.request" => match serde_json::from_str(event.payload.get()) {
                Ok(request) => self.begin(request),
                Err(error) => output::note(format!("a request is not understood: {error}")),
            },
            "node.invoke.cancel" => {
                let cancel = serde_json::from_str::<NodeInvokeCancelEvent>(event.payload.get());
                if let Ok(cancel) = cancel {
                    self.stops.remove(&cancel.invoke_id);
                }
            }
            "node.pending.changed" => self.catch_up(),
            _ => {}
        }
    }

    /// Does the work that waits for it.
    fn catch_up(&mut self) {
        let client = self.client.clone();
        drop(self.running.spawn(async move {
            if let Err(error) = pending(&client).await {
                output::note(format!("the work that waits for this node is not done: {error}"));
            }
            // No command has this id.
            String::new()
        }));
    }

    fn begin(&mut self, request: NodeInvokeRequestEvent) {
        if self.stops.contains_key(&request.id) {
            output::note(format!("the request {} came twice; it is carried out once", request.id));
            return;
        }
        let full = self.running.len() >= MOST;
        let (stop, stopped) = oneshot::channel();
        self.stops.insert(request.id.clone(), stop);
        let (client, exec) = (self.client.clone(), Arc::clone(self.exec));
        let device = self.device.to_owned();
        drop(self.running.spawn(async move {
            let id = request.id.clone();
            let answer = if full {
                refusal("UNAVAILABLE", format!("{MOST} commands are carried out already"))
            } else {
                carry_out(exec, &request, stopped).await
            };
            if let Err(error) = send(&client, (id.clone(), device), answer).await {
                output::note(format!("{} is not answered: {error}", request.command));
            }
            id
        }));
    }
}

/// Says that it lives when somebody has asked how it does. Where it is, it does not know: that waits until it
/// runs out.
async fn pending(client: &Client) -> Result<(), String> {
    let failed = |error: Error| error.to_string();
    let drained = client.call(NodePendingDrainParams::default()).await.map_err(failed)?;
    let asked = drained
        .items
        .into_iter()
        .filter(|item| item.r#type == WorkType::Status && item.priority != WorkPriority::Default);
    let ids: Vec<String> = asked.map(|item| item.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let alive = json!({ "trigger": "manual" }).to_string();
    let alive = json!({ "event": "node.presence.alive", "payloadJSON": alive });
    let alive = connect::typed::<NodeEventParams>("node.event", alive);
    client.call(alive.map_err(|failure| failure.message)?).await.map_err(failed)?;
    let done = connect::typed::<NodePendingAckParams>("node.pending.ack", json!({ "ids": ids }));
    client.call(done.map_err(|failure| failure.message)?).await.map(drop).map_err(failed)
}

async fn carry_out(
    exec: Arc<ExecHost>,
    request: &NodeInvokeRequestEvent,
    stopped: oneshot::Receiver<()>,
) -> Answer {
    let params = match request.params_JSON.as_deref() {
        None => Ok(Value::Null),
        Some(text) => serde_json::from_str(text),
    };
    let params = match params {
        Ok(Value::Null) => json!({}),
        Ok(params) => params,
        Err(error) => return refusal("INVALID_REQUEST", format!("paramsJSON: {error}")),
    };
    let usual = request.timeout_ms.filter(|ms| *ms > 0).map(Duration::from_millis);
    let stop = async {
        // Dropped or sent, both mean that nobody waits.
        drop(stopped.await);
    };
    exec.answer((&request.command, params), (usual, &SystemClock), stop).await
}

fn refusal(code: &'static str, message: String) -> Answer {
    Err(Refusal { code, message }).into()
}

/// Tells what is told beside the answer, and answers.
async fn send(
    client: &Client,
    (id, device): (String, String),
    answer: Answer,
) -> Result<(), String> {
    if let Some((event, payload)) = answer.told {
        let event = json!({ "event": event, "payloadJSON": payload.to_string() });
        let event = connect::typed::<NodeEventParams>("node.event", event);
        client.call(event.map_err(|failure| failure.message)?).await.map_err(|e| e.to_string())?;
    }
    let result = match answer.result {
        Ok(payload) => {
            json!({ "id": id, "nodeId": device, "ok": true, "payloadJSON": payload.to_string() })
        }
        Err(Refusal { code, message }) => json!({
            "id": id, "nodeId": device, "ok": false, "error": { "code": code, "message": message },
        }),
    };
    let result = connect::typed::<NodeInvokeResultParams>("node.invoke.result", result);
    let result = result.map_err(|failure| failure.message)?;
    client.call(result).await.map(drop).map_err(|error| error.to_string())
}
