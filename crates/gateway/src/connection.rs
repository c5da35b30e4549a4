//! One WebSocket connection, from the challenge to the close. One task reads and writes it.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use openclaw_agent::live::Extent;
use openclaw_protocol::Close;
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::debug;

use crate::{
    dispatch::{self, Progress},
    gate::Ticket,
    live::LiveText,
    peer::Peer,
    state::App,
    upgrade::Facts,
};

pub(crate) mod handshake;
mod hello;
mod lengths;
mod node;
pub(crate) mod outbox;
pub(crate) mod socket;

use handshake::Shaken;
use outbox::Item;
use socket::{Incoming, Socket, push_frame};

/// Frames that are read before what they caused is written: batches the system calls of a busy client.
const READ_BATCH: usize = 64;
/// Bytes that are gathered into one write.
const WRITE_BATCH: usize = 64 * 1024;
/// What an idle connection keeps of its write buffer.
const KEPT_BUFFER: usize = 2 * 1024;
/// How long a client that has said close may have to wait for the answers to what it asked before.
const LAST_ANSWERS: Duration = Duration::from_millis(500);
/// Ticks without a sign of life after which a peer counts as gone.
const MAX_SILENT_TICKS: u32 = 2;

/// Runs a connection to its end.
pub(crate) async fn run<S>(app: Arc<App>, stream: S, early: Bytes, facts: Facts, ticket: Ticket)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut socket = Socket::new(stream, early).await;
    let deadline = app.patience.handshake;
    let shaking = handshake::shake(&app, &mut socket, &facts);
    let Shaken { peer, first } = match tokio::time::timeout(deadline, Box::pin(shaking)).await {
        Ok(Ok(shaken)) => shaken,
        Ok(Err(refused)) => {
            if let Some(response) = refused.response {
                let mut out = Vec::new();
                push_frame(&mut out, |out| out.extend_from_slice(&response));
                if socket.write(&out).await.is_err() {
                    return;
                }
            }
            return socket.close(refused.close).await;
        }
        // Recorded behaviour: a peer that never says connect is closed without a reason.
        Err(_) => return socket.close(Close::new(Close::NORMAL, "")).await,
    };
    drop((ticket, facts));
    socket.lift_budget();
    app.joined(&peer);
    let end = Connection::new(&app, &peer).serve(&mut socket, first).await;
    peer.work.end();
    app.left(&peer);
    debug!(conn = %peer.id, ?end, "a connection ended");
    match end {
        End::Say(close) => socket.close(close).await,
        End::Answer => socket.farewell().await,
        End::Gone => {}
    }
}

/// How a connection's loop ended.
#[derive(Debug)]
enum End {
    /// A close is still to be said.
    Say(Close),
    /// The peer said close and waits for the answer.
    Answer,
    /// There is nobody to say anything to.
    Gone,
}

/// The state of one connection's loop.
struct Connection<'a> {
    app: &'a Arc<App>,
    peer: &'a Arc<Peer>,
    progress: Progress,
    batch: Vec<u8>,
    seq: u64,
    /// How far each run was shown here.
    shown: Vec<(Weak<LiveText>, Extent)>,
    silent_ticks: u32,
}

impl<'a> Connection<'a> {
    fn new(app: &'a Arc<App>, peer: &'a Arc<Peer>) -> Self {
        let (progress, batch, shown) = (Progress::default(), Vec::new(), Vec::new());
        Self { app, peer, progress, batch, seq: 0, shown, silent_ticks: 0 }
    }

    /// Reads and writes until one side ends. `first` is a request that came as the first frame.
    async fn serve<S>(mut self, socket: &mut Socket<S>, first: Option<Bytes>) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if let Some(bytes) = first {
            dispatch::frame(self.app, self.peer, &mut self.progress, &bytes);
        }
        if let Some(setup) = self.peer.grant.as_ref().and_then(|grant| grant.setup.clone()) {
            // Its tokens are in what is written now; they are not told a second time.
            let written = self.write_all(socket).await;
            self.app.setup_answered(setup, written.is_ok());
            if let Err(end) = written {
                return end;
            }
        }
        loop {
            if let Err(end) = self.write_all(socket).await {
                return end;
            }
            socket.shrink_if_large().await;
            let incoming = tokio::select! {
                incoming = socket.read() => incoming,
                () = self.peer.outbox.changed() => continue,
            };
            let mut next = Some(incoming);
            let mut left = READ_BATCH;
            while let Some(incoming) = next {
                self.silent_ticks = 0;
                match incoming {
                    Incoming::Message(bytes) => {
                        dispatch::frame(self.app, self.peer, &mut self.progress, &bytes);
                    }
                    Incoming::Control => {}
                    Incoming::Closing => return self.last_answers(socket).await,
                    Incoming::Gone => return End::Gone,
                    Incoming::Broken(close) => return End::Say(close),
                }
                left -= 1;
                next = if left == 0 { None } else { socket.read_now() };
            }
        }
    }

    /// Writes the answers to what was asked before the peer said close: it may have sent both at once,
    /// and reads until our close. RFC 6455 lets an endpoint finish what it says before it answers a
    /// close, but not put it off: a request that takes longer, such as the end of a run, is not waited for.
    async fn last_answers<S>(mut self, socket: &mut Socket<S>) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        tokio::time::timeout(LAST_ANSWERS, self.peer.work.done()).await.ok();
        loop {
            self.gather();
            if self.batch.is_empty() {
                return End::Answer;
            }
            let written = tokio::select! {
                written = socket.write_last(&self.batch) => written,
                _ = self.peer.outbox.given_up() => return End::Gone,
            };
            if let Err(error) = written {
                debug!(conn = %self.peer.id, %error, "the last answers cannot be written");
                return End::Gone;
            }
            self.batch.clear();
        }
    }

    /// Writes what waits; how the connection ends when it does.
    async fn write_all<S>(&mut self, socket: &mut Socket<S>) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if self.peer.outbox.take_probe() {
            self.silent_ticks += 1;
            if self.silent_ticks > MAX_SILENT_TICKS {
                debug!(conn = %self.peer.id, "a peer gave no sign of life and is dropped");
                return Err(End::Gone);
            }
            socket.ping().await.map_err(|_| End::Gone)?;
        }
        loop {
            let end = self.gather();
            if self.batch.is_empty() {
                return end.map_or(Ok(()), |close| Err(End::Say(close)));
            }
            let written = tokio::select! {
                written = socket.write(&self.batch) => written,
                close = self.peer.outbox.given_up() => return Err(End::Say(close)),
            };
            if let Err(error) = written {
                debug!(conn = %self.peer.id, %error, "a connection cannot be written to");
                return Err(End::Gone);
            }
            self.batch.clear();
            self.batch.shrink_to(KEPT_BUFFER);
        }
    }

    /// Fills the batch from what waits; the reason to close when that comes next.
    fn gather(&mut self) -> Option<Close> {
        while self.batch.len() < WRITE_BATCH {
            match self.peer.outbox.pop()? {
                Ok(item) => self.push(&item),
                Err(close) => return Some(close),
            }
        }
        None
    }

    fn push(&mut self, item: &Item) {
        match item {
            Item::Response(text) => {
                push_frame(&mut self.batch, |out| out.extend_from_slice(text));
            }
            Item::Event(event) => {
                let seq = &mut self.seq;
                push_frame(&mut self.batch, |out| event.write(seq, out));
            }
            Item::Live(text, until) => self.push_live(text, *until),
        }
    }

    fn push_live(&mut self, text: &Arc<LiveText>, until: Option<Extent>) {
        self.shown.retain(|(shown, _)| shown.strong_count() > 0);
        let ours = |(shown, _): &&mut (Weak<LiveText>, Extent)| shown.as_ptr() == Arc::as_ptr(text);
        let from = self.shown.iter_mut().find(ours).map_or(Extent::default(), |(_, from)| *from);
        let Some(rendered) = text.since(from, until, self.peer.voice) else { return };
        for event in &rendered.events {
            let seq = &mut self.seq;
            push_frame(&mut self.batch, |out| event.write(seq, out));
        }
        match self.shown.iter_mut().find(ours) {
            Some((_, from)) => *from = rendered.to,
            None => self.shown.push((Arc::downgrade(text), rendered.to)),
        }
    }
}
