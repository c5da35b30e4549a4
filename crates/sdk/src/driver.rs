//! The task that owns the socket: sends calls, matches answers, spreads events, reconnects.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::value::RawValue;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes, protocol::CloseFrame};
use tracing::debug;

use crate::{
    Error, Hello, Options,
    backoff::Backoff,
    dial::Dial,
    events::Gap,
    handshake::{self, Socket},
    queue::Hub,
    wire::{self, Incoming},
};

/// Calls that may wait for an answer. One more is refused with [`Error::Busy`] and never sent.
pub(crate) const MAX_PENDING: usize = 1024;
/// Calls on their way to the task. One more waits, inside its own deadline.
pub(crate) const CALL_QUEUE: usize = 64;
/// The close code of a client that heard nothing for two ticks.
const TICK_TIMEOUT: u16 = 4000;
/// How long a close frame may take to leave.
const CLOSE_BUDGET: Duration = Duration::from_secs(1);

/// What a caller asks of the task.
#[derive(Debug)]
pub(crate) enum Command {
    Call(u64, Call),
    Forget(Box<str>),
    Close(oneshot::Sender<()>),
}

/// A call that outlives its connection: its method, and method and parameters as the name by which it
/// is forgotten again.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) method: &'static str,
    pub(crate) name: Box<str>,
}

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) text: Utf8Bytes,
    /// Whether it may be sent again after a reconnect.
    pub(crate) keyed: bool,
    /// Whether an `accepted` is not the answer yet.
    pub(crate) expect_final: bool,
    /// What it is kept as, when it is to be repeated after every reconnect.
    pub(crate) keep: Option<Standing>,
    pub(crate) reply: oneshot::Sender<Result<Box<RawValue>, Error>>,
}

/// A call that the gateway has granted and that is repeated after every reconnect.
struct Kept {
    method: &'static str,
    id: u64,
    text: Utf8Bytes,
}

struct Pending {
    call: Call,
    sent: bool,
}

/// Where the connection stands.
#[derive(Debug, Clone)]
pub(crate) enum State {
    Connected(Arc<Hello>),
    Lost(Arc<Hello>),
    Ended(Arc<Hello>, Error),
}

impl State {
    pub(crate) fn hello(&self) -> &Arc<Hello> {
        match self {
            Self::Connected(hello) | Self::Lost(hello) | Self::Ended(hello, _) => hello,
        }
    }
}

enum End {
    /// Every handle is gone, or one asked to close.
    Closed(Option<oneshot::Sender<()>>),
    Lost(Error),
}

pub(crate) struct Driver {
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) options: Options,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) state: watch::Sender<State>,
    pending: BTreeMap<u64, Pending>,
    kept: BTreeMap<Box<str>, Kept>,
    seq: Option<u64>,
}

impl Driver {
    pub(crate) fn new(
        (dial, options): (Arc<dyn Dial>, Options),
        commands: mpsc::Receiver<Command>,
        hub: Arc<Hub>,
        state: watch::Sender<State>,
    ) -> Self {
        let (pending, kept) = (BTreeMap::new(), BTreeMap::new());
        Self { dial, options, commands, hub, state, pending, kept, seq: None }
    }

    /// Runs until the client is closed, dropped or lost for good.
    pub(crate) async fn run(mut self, mut socket: Socket) {
        let (error, closed) = loop {
            match self.serve(&mut socket).await {
                End::Closed(done) => {
                    self.say_goodbye(&mut socket, 1000, "").await;
                    break (
                        Error::Closed { code: 1000, reason: "closed by this client".into() },
                        done,
                    );
                }
                End::Lost(error) => {
                    debug!(%error, "the connection to the gateway is lost");
                    if matches!(error, Error::Closed { code, .. } if code != Error::ABNORMAL) {
                        answer_close(&mut socket).await;
                    }
                    // The gateway sees the end now, not when the next connection stands.
                    drop(socket);
                    match self.restore(error).await {
                        Ok(next) => socket = next,
                        Err(end) => break end,
                    }
                }
            }
        };
        self.commands.close();
        for (_, pending) in std::mem::take(&mut self.pending) {
            answer(pending.call, Err(error.clone()));
        }
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Call(_, call) = command {
                answer(call, Err(error.clone()));
            }
        }
        self.state.send_modify(|state| *state = State::Ended(Arc::clone(state.hello()), error));
        self.hub.close();
        drop(closed);
    }

    /// Serves one connection until it ends.
    async fn serve(&mut self, socket: &mut Socket) -> End {
        if let Err(error) = self.send_waiting(socket).await {
            return End::Lost(error);
        }
        let tick = self.state.borrow().hello().policy.tick_interval_ms;
        let patience = Duration::from_millis(tick.max(1).saturating_mul(2));
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                command = self.commands.recv() => {
                    let Some(command) = command else { return End::Closed(None) };
                    let id = match command {
                        Command::Close(done) => return End::Closed(Some(done)),
                        Command::Call(id, call) => self.admit(id, call),
                        Command::Forget(name) => {
                            self.kept.remove(&name);
                            None
                        }
                    };
                    if let Some(id) = id && let Err(error) = self.send(socket, id).await {
                        return End::Lost(error);
                    }
                }
                message = socket.next() => {
                    heard = Instant::now();
                    match handshake::text_of(message) {
                        Ok(Some(text)) => self.receive(&text),
                        Ok(None) => {}
                        Err(error) => return End::Lost(error),
                    }
                }
                () = sleep_until(heard + patience) => {
                    self.say_goodbye(socket, TICK_TIMEOUT, "tick timeout").await;
                    let reason = "tick timeout".to_owned();
                    return End::Lost(Error::Closed { code: TICK_TIMEOUT, reason });
                }
            }
        }
    }

    /// Takes a call in; `None` when it is already given up or there are too many.
    fn admit(&mut self, id: u64, call: Call) -> Option<u64> {
        if call.reply.is_closed() {
            return None;
        }
        if self.pending.len() >= MAX_PENDING {
            self.pending.retain(|_, pending| !pending.call.reply.is_closed());
        }
        if self.pending.len() >= MAX_PENDING {
            answer(call, Err(Error::Busy(MAX_PENDING)));
            return None;
        }
        self.pending.insert(id, Pending { call, sent: false });
        Some(id)
    }

    async fn send_waiting(&mut self, socket: &mut Socket) -> Result<(), Error> {
        let ids: Vec<u64> = self.pending.keys().copied().collect();
        for id in ids {
            self.send(socket, id).await?;
        }
        Ok(())
    }

    async fn send(&mut self, socket: &mut Socket, id: u64) -> Result<(), Error> {
        let Some(pending) = self.pending.get_mut(&id) else { return Ok(()) };
        // Marked before the write: after a failed one nobody knows what arrived.
        pending.sent = true;
        write(socket, pending.call.text.clone(), self.options.timeouts.write).await
    }

    fn receive(&mut self, text: &str) {
        match wire::read(text) {
            Ok(Incoming::Response { id, result }) => {
                self.respond(&id, result.map_err(Error::Refused));
            }
            Ok(Incoming::Event(event)) => {
                if let Some(got) = event.seq {
                    let expected = self.seq.map_or(got, |seq| seq + 1);
                    if got > expected {
                        self.hub.gap(Gap::Sequence { expected, got });
                    }
                    self.seq = Some(got);
                }
                self.hub.event(&event);
            }
            Err(error) => debug!(%error, "a frame was skipped"),
        }
    }

    fn respond(&mut self, id: &str, result: Result<Box<RawValue>, Error>) {
        let Ok(id) = id.parse::<u64>() else { return };
        let interim = |pending: &Pending| {
            pending.call.expect_final && result.as_ref().is_ok_and(|raw| wire::is_interim(raw))
        };
        if !self.pending.get(&id).is_some_and(interim)
            && let Some(pending) = self.pending.remove(&id)
        {
            if let (Some(Standing { method, name }), Ok(_)) = (&pending.call.keep, &result) {
                let kept = Kept { method, id, text: pending.call.text.clone() };
                self.kept.insert(name.clone(), kept);
            }
            answer(pending.call, result);
        }
    }

    /// Connects again and again, as long as it can help. Calls that came meanwhile, and those with
    /// a key, wait; the others fail at once, since nobody knows whether they were done.
    async fn restore(
        &mut self,
        lost: Error,
    ) -> Result<Socket, (Error, Option<oneshot::Sender<()>>)> {
        if !self.options.reconnect {
            return Err((lost, None));
        }
        self.state.send_modify(|state| *state = State::Lost(Arc::clone(state.hello())));
        let unsafe_now = self.pending.extract_if(.., |_, p| p.sent && !p.call.keyed);
        for (_, pending) in unsafe_now.collect::<Vec<_>>() {
            answer(pending.call, Err(lost.clone()));
        }
        let mut backoff = Backoff::default();
        loop {
            self.pause(backoff.next(getrandom::u32().unwrap_or_default())).await?;
            let attempt = handshake::connect(&*self.dial, &self.options).await;
            match attempt {
                Ok((mut socket, hello)) => {
                    self.seq = None;
                    // Told first: whatever comes on the new connection comes behind it. A reader's
                    // own calls wait until the kept ones are answered.
                    self.hub.gap(Gap::Reconnected);
                    match self.resume(&mut socket).await {
                        Ok(()) => {
                            self.state.send_replace(State::Connected(Arc::new(hello)));
                            return Ok(socket);
                        }
                        Err(error) => debug!(%error, "what was kept could not be asked for again"),
                    }
                }
                Err(error) if error.is_final() => return Err((error, None)),
                Err(error) => debug!(%error, "connecting again failed"),
            }
        }
    }

    /// Repeats the kept calls on a new connection and waits for all answers. One that is refused for
    /// good is forgotten, and readers are told.
    async fn resume(&mut self, socket: &mut Socket) -> Result<(), Error> {
        let after = self.options.timeouts.call;
        match timeout(after, self.repeat_kept(socket)).await {
            Ok(resumed) => resumed,
            Err(_) => Err(Error::Timeout { what: "the kept calls".into(), after }),
        }
    }

    async fn repeat_kept(&mut self, socket: &mut Socket) -> Result<(), Error> {
        let mut open = BTreeMap::new();
        for (name, kept) in &self.kept {
            write(socket, kept.text.clone(), self.options.timeouts.write).await?;
            open.insert(kept.id.to_string(), name.clone());
        }
        while !open.is_empty() {
            let Some(text) = handshake::text_of(socket.next().await)? else { continue };
            let Ok(Incoming::Response { id, result }) = wire::read(&text) else {
                self.receive(&text);
                continue;
            };
            if let (Some(name), Err(error)) = (open.remove(&id), result) {
                let error = Error::Refused(error);
                if !error.is_final() {
                    return Err(error);
                }
                if let Some(kept) = self.kept.remove(&name) {
                    self.hub.gap(Gap::Refused { method: kept.method });
                }
            }
        }
        Ok(())
    }

    /// Waits, and takes calls in meanwhile.
    async fn pause(&mut self, wait: Duration) -> Result<(), (Error, Option<oneshot::Sender<()>>)> {
        let until = sleep(wait);
        tokio::pin!(until);
        let gone =
            |done| (Error::Closed { code: 1000, reason: "closed by this client".into() }, done);
        loop {
            tokio::select! {
                () = &mut until => return Ok(()),
                command = self.commands.recv() => match command {
                    None => return Err(gone(None)),
                    Some(Command::Close(done)) => return Err(gone(Some(done))),
                    Some(Command::Forget(name)) => { self.kept.remove(&name); }
                    Some(Command::Call(id, call)) => { self.admit(id, call); }
                }
            }
        }
    }

    async fn say_goodbye(&self, socket: &mut Socket, code: u16, reason: &'static str) {
        let frame = CloseFrame { code: code.into(), reason: reason.into() };
        if timeout(CLOSE_BUDGET, socket.close(Some(frame))).await.is_err() {
            debug!("the close frame did not leave in time");
        }
    }
}

/// Sends a text within a deadline.
async fn write(socket: &mut Socket, text: Utf8Bytes, after: Duration) -> Result<(), Error> {
    match timeout(after, socket.send(Message::Text(text))).await {
        Ok(sent) => sent.map_err(handshake::lost),
        Err(_) => Err(Error::broken("the gateway does not read")),
    }
}

/// Lets the answer to the gateway's close frame leave, and waits for the end of the socket.
async fn answer_close(socket: &mut Socket) {
    let end = async { while let Some(Ok(_)) = socket.next().await {} };
    if timeout(CLOSE_BUDGET, end).await.is_err() {
        debug!("the gateway does not end the closed socket");
    }
}

/// Answers a call; its caller may have given up, which is fine.
fn answer(call: Call, result: Result<Box<RawValue>, Error>) {
    drop(call.reply.send(result));
}
