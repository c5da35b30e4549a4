//! What follows when somebody's right ends or devices change: connections end, runs end, pages are told.

use std::{sync::Arc, time::Duration};

use openclaw_agent::runtime::AbortReach;
use openclaw_auth::{AuthEvent, Lost, SetupStatus};
use openclaw_protocol::{
    Close, Role,
    events::devices::{
        DevicePairChangedEvent, DevicePairRequestedEvent, DevicePairResolvedEvent,
        DevicePairSetupCompletedEvent, DevicePairSetupDeliveryUncertainEvent, PairDecision,
    },
    ids::DeviceId,
    methods::devices::PendingDevice,
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, timeout_at},
};
use tracing::info;

use crate::{
    bus::To,
    handlers::setup_completion,
    nodes::live::Left,
    peer::{Peer, principal_of},
    state::App,
};

/// How long requests may take to be answered on a connection that has lost its ground.
const ANSWERS: Duration = Duration::from_millis(500);
/// How long its peer may take to read them after that.
const READING: Duration = Duration::from_millis(400);

impl App {
    /// Ends what has lost its ground, and tells who waits for approval and what was decided.
    pub(crate) async fn watch_authority(self: Arc<Self>) {
        let mut events = self.authority.subscribe();
        loop {
            match events.recv().await {
                Ok(AuthEvent::Requested(request)) => {
                    let event = DevicePairRequestedEvent(PendingDevice::from(&request));
                    self.bus.emit(&event, To::Device(&request.device));
                }
                Ok(AuthEvent::Resolved { request_id, device, approved, at_ms }) => {
                    let decision =
                        if approved { PairDecision::Approved } else { PairDecision::Rejected };
                    let device_id = device.to_string();
                    let event =
                        DevicePairResolvedEvent { request_id, device_id, decision, ts: at_ms };
                    self.bus.emit(&event, To::Device(&device));
                }
                Ok(AuthEvent::SetUp { setup, status }) => self.tell_setup(setup, status),
                Ok(AuthEvent::Changed) => {
                    self.bus.emit(&DevicePairChangedEvent {}, To::Audience);
                }
                Ok(AuthEvent::Revoked { device, role, lost, by }) => {
                    let unfounded = self.fence(&device).await;
                    let close = Close::new(Close::AUTH, "device removed");
                    if lost == Lost::Removed {
                        self.forget_node(&device, &by).await;
                    }
                    let roles = role.map_or(vec![Role::Operator, Role::Node], |role| vec![role]);
                    let ends = roles.into_iter().filter(|_| lost.trust());
                    let ends = ends.map(|role| principal_of(&device, role)).collect();
                    self.withdraw(unfounded, close, ends);
                    self.bus.emit(&DevicePairChangedEvent {}, To::Audience);
                }
                Ok(AuthEvent::SecretChanged) | Err(RecvError::Lagged(_)) => {
                    // Only the shared secret opens them; whoever still has it opens them again.
                    self.observer.watches.end_sessions();
                    self.close_unfounded().await;
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Who came in by a setup code has been written to, or not.
    pub(crate) fn setup_answered(self: &Arc<Self>, setup: String, delivered: bool) {
        let app = Arc::clone(self);
        self.tasks.spawn("setup answered", async move {
            if let Err(problem) = app.authority.setup_answered(&setup, delivered).await {
                tracing::error!(%problem, setup, "what became of a setup code is not recorded");
            }
        });
    }

    fn tell_setup(&self, setup: String, status: SetupStatus) {
        let (device, delivered) = (status.used.device.clone(), status.used.delivered);
        let completion = setup_completion(setup, status);
        if delivered {
            let event = DevicePairSetupCompletedEvent(completion);
            self.bus.emit(&event, To::Device(&device));
        } else {
            let event = DevicePairSetupDeliveryUncertainEvent(completion);
            self.bus.emit(&event, To::Device(&device));
        }
    }

    /// Writes who was refused since the last time.
    pub(crate) async fn record_refusals(&self) {
        let now = u64::try_from(self.clock.now_ms()).unwrap_or_default();
        if let Err(problem) = self.authority.record_refusals(now).await {
            tracing::error!(%problem, "refused attempts are not recorded");
        }
    }

    /// Begins nothing more for connections of a device that have lost their ground; which they are.
    /// Whoever takes a right away waits for this, so that nothing is done by it after the answer.
    pub(crate) async fn fence(&self, device: &DeviceId) -> Vec<Arc<Peer>> {
        let peers = self.bus.peers().into_iter();
        let of_device = peers.filter(|peer| peer.caller.device.as_ref() == Some(device));
        self.unfounded(of_device).await
    }

    async fn unfounded(&self, peers: impl Iterator<Item = Arc<Peer>>) -> Vec<Arc<Peer>> {
        let mut unfounded = Vec::new();
        for peer in peers {
            let Some(grant) = &peer.grant else { continue };
            if !self.authority.still_holds(grant).await {
                // At once: the others are still looked at.
                peer.withdraw();
                self.node_gone(&peer, Left::Revoked);
                unfounded.push(peer);
            }
        }
        unfounded
    }

    /// Closes whatever has lost its ground.
    async fn close_unfounded(self: &Arc<Self>) {
        let unfounded = self.unfounded(self.bus.peers().into_iter()).await;
        self.withdraw(unfounded, Close::new(Close::AUTH, "gateway auth changed"), Vec::new());
    }

    /// Ends connections whose ground is gone, and what these principals have begun. Nothing new begins and
    /// nothing more is told; who has just revoked its own right still gets the answer, and then the socket closes.
    pub(crate) fn withdraw(
        self: &Arc<Self>,
        peers: Vec<Arc<Peer>>,
        close: Close,
        ends: Vec<String>,
    ) {
        for peer in &peers {
            if peer.withdraw() {
                peer.close(close.clone());
            }
        }
        for principal in &ends {
            self.end_begun(principal);
        }
        if peers.is_empty() {
            return;
        }
        let app = Arc::clone(self);
        self.tasks.spawn("farewell", async move {
            let answered = Instant::now() + ANSWERS;
            for peer in &peers {
                // Whatever takes longer is not waited for.
                timeout_at(answered, peer.work.done()).await.ok();
                peer.close(close.clone());
            }
            // What was being accepted when the others were ended.
            for principal in &ends {
                app.end_begun(principal);
            }
            tokio::time::sleep_until(answered + READING).await;
            for peer in &peers {
                peer.outbox.cut(close.clone());
            }
        });
    }

    /// Ends what somebody has begun and that still runs or waits: runs, commands on nodes, work left for
    /// nodes, requests for a decision.
    fn end_begun(self: &Arc<Self>, principal: &str) {
        let runs = self.runtime.active_all().into_iter();
        for run in runs.filter(|run| *run.info.principal == *principal) {
            let app = Arc::clone(self);
            info!(principal, run = %run.info.run_id, "a run ends with the right of who began it");
            self.tasks.spawn("revoked run", async move {
                let (key, id) = (&run.info.session_key, &run.info.run_id);
                let reach = AbortReach::RunningAndQueued;
                app.runtime.abort(key, Some(id), reach, "device-removed").await;
            });
        }
        let (app, principal) = (Arc::clone(self), principal.to_owned());
        self.tasks.spawn("revoked requests", async move {
            app.nodes.withdraw(&app.bus, &principal).await;
            if let Err(problem) = app.approvals.withdraw(&principal).await {
                tracing::error!(%problem, principal, "requests for a decision cannot be withdrawn");
            }
        });
    }
}
