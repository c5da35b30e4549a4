//! A WebSocket with a budget before authentication, and buffers that do not stay large.
//!
//! tokio-tungstenite reads and answers pings; text frames are written by hand, since a server's
//! frame is two to ten bytes of header before the payload and its own buffer would keep a second copy.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use openclaw_protocol::{Close, frame};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::lengths::{Lengths, Padded};

/// Bytes that are read from the socket at a time, and that an idle connection keeps.
const READ_BUFFER: usize = 2 * 1024;
/// A message above this size makes the socket's buffer worth replacing.
const LARGE: usize = 64 * 1024;
/// How long a closing peer may take to answer.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What arrives.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A text message, or a binary one, which OpenClaw treats alike.
    Message(Bytes),
    /// A sign of life: ping or pong.
    Control,
    /// The peer said close; the answer is still to be written.
    Closing,
    /// The connection is broken.
    Gone,
    /// The peer broke a rule of the WebSocket protocol or a limit.
    Broken(Close),
}

/// A stream that counts what is read and refuses more than the limit.
#[derive(Debug)]
struct Metered<S> {
    /// `None` for the moment in which the socket moves to a new buffer.
    inner: Option<S>,
    read: u64,
    limit: u64,
    lengths: Lengths,
    /// Whether the last write left a part of what it was given.
    torn: bool,
}

impl<S> Metered<S> {
    fn new(inner: Option<S>, limit: u64) -> Self {
        Self { inner, read: 0, limit, lengths: Lengths::default(), torn: false }
    }

    /// Looks at what has come.
    fn note(&mut self, bytes: &[u8]) -> Result<(), Padded> {
        self.read += bytes.len() as u64;
        self.lengths.follow(bytes)
    }

    fn inner(&mut self) -> io::Result<Pin<&mut S>>
    where
        S: Unpin,
    {
        self.inner.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read.max(self.lengths.longest()) > self.limit {
            return Poll::Ready(Err(io::Error::other(OverBudget)));
        }
        let before = buf.filled().len();
        let result = self.inner()?.poll_read(cx, buf);
        self.note(&buf.filled()[before..]).map_err(io::Error::other)?;
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.inner()?.poll_write(cx, buf);
        self.torn = !matches!(written, Poll::Ready(Ok(count)) if count == buf.len());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner()?.poll_shutdown(cx)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("more bytes than a connection may send before it is authenticated")]
struct OverBudget;

/// One WebSocket, on the server's side.
pub(crate) struct Socket<S> {
    stream: WebSocketStream<Metered<S>>,
    /// Bytes of whole frames that came out, to know when nothing is left in the buffer.
    taken: u64,
    large: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Wraps an upgraded stream; `early` is what was read behind the upgrade request.
    pub(crate) async fn new(inner: S, early: Bytes) -> Self {
        let budget = frame::MAX_PREAUTH_FRAME as u64 + 14;
        let mut metered = Metered::new(Some(inner), budget);
        let early = if metered.note(&early).is_ok() {
            early.to_vec()
        } else {
            // It ends at the first read.
            metered.limit = 0;
            Vec::new()
        };
        let stream =
            WebSocketStream::from_partially_read(metered, early, Role::Server, Some(config()));
        Self { stream: stream.await, taken: 0, large: false }
    }

    /// Lifts the budget, once the peer is authenticated.
    pub(crate) fn lift_budget(&mut self) {
        self.stream.get_mut().limit = u64::MAX;
    }

    /// Waits for the next message.
    pub(crate) async fn read(&mut self) -> Incoming {
        match self.stream.next().await {
            Some(Ok(message)) => self.sort(message),
            None => Incoming::Gone,
            Some(Err(error)) => broken(&error),
        }
    }

    /// The next message, when it is there already.
    pub(crate) fn read_now(&mut self) -> Option<Incoming> {
        match self.stream.next().now_or_never()? {
            Some(Ok(message)) => Some(self.sort(message)),
            None => Some(Incoming::Gone),
            Some(Err(error)) => Some(broken(&error)),
        }
    }

    fn sort(&mut self, message: Message) -> Incoming {
        let size = message.len();
        self.taken += header_len(size) + 4 + size as u64;
        self.large |= size > LARGE;
        match message {
            Message::Text(text) => Incoming::Message(text.into()),
            Message::Binary(bytes) => Incoming::Message(bytes),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Incoming::Control,
            Message::Close(_) => Incoming::Closing,
        }
    }

    /// Gives back the read buffer that a large message has grown, when nothing is known to be in it.
    /// A peer that sends fragments makes the count uncertain and keeps its buffer.
    pub(crate) async fn shrink_if_large(&mut self) {
        if !std::mem::take(&mut self.large) || self.stream.get_ref().read != self.taken {
            return;
        }
        let metered = std::mem::replace(self.stream.get_mut(), Metered::new(None, 0));
        let stream = WebSocketStream::from_raw_socket(metered, Role::Server, Some(config()));
        self.stream = stream.await;
    }

    /// Writes whole text frames, already framed by [`push_frame`]. How long a peer may take is the
    /// stream's own rule.
    pub(crate) async fn write(&mut self, frames: &[u8]) -> io::Result<()> {
        // A pong may be half written: it goes first.
        self.stream.flush().await.map_err(into_io)?;
        let inner = self.stream.get_mut();
        inner.write_all(frames).await?;
        inner.flush().await
    }

    /// Writes whole text frames when the peer has said close. The answer to that, which
    /// [`Socket::write`] would send first, has to be the last frame.
    pub(crate) async fn write_last(&mut self, frames: &[u8]) -> io::Result<()> {
        let inner = self.stream.get_mut();
        if inner.torn {
            return Err(io::Error::other(
                "a pong is half written, and nothing may follow but its rest",
            ));
        }
        inner.write_all(frames).await?;
        inner.flush().await
    }

    /// Sends a ping, which a peer that is alive answers.
    pub(crate) async fn ping(&mut self) -> io::Result<()> {
        self.stream.send(Message::Ping(Bytes::new())).await.map_err(into_io)
    }

    /// Writes the answer to the peer's close.
    pub(crate) async fn farewell(mut self) {
        let answer = async { while let Some(Ok(_)) = self.stream.next().await {} };
        // A peer that is gone before it reads the answer is dropped all the same.
        tokio::time::timeout(CLOSE_TIMEOUT, answer).await.ok();
    }

    /// Says why and closes; waits a little for the peer's answer so that it arrives.
    pub(crate) async fn close(mut self, close: Close) {
        let frame =
            CloseFrame { code: CloseCode::from(close.code), reason: close.reason.as_ref().into() };
        self.stream.get_mut().limit = u64::MAX;
        let farewell = async {
            if self.stream.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        // A peer that does not answer is dropped all the same.
        tokio::time::timeout(CLOSE_TIMEOUT, farewell).await.ok();
    }
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(frame::MAX_PAYLOAD))
        .max_frame_size(Some(frame::MAX_PAYLOAD))
}

fn into_io(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}

fn broken(error: &tungstenite::Error) -> Incoming {
    use tungstenite::error::{CapacityError, Error};
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => {
            Incoming::Broken(Close::new(Close::TOO_LARGE, ""))
        }
        Error::Io(error) if is_because::<OverBudget>(error) => {
            Incoming::Broken(Close::new(Close::TOO_LARGE, ""))
        }
        Error::Io(error) if is_because::<Padded>(error) => {
            Incoming::Broken(Close::new(Close::PROTOCOL, ""))
        }
        Error::Utf8(_) => Incoming::Broken(Close::new(1007, "")),
        Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)
        | Error::Io(_)
        | Error::ConnectionClosed
        | Error::AlreadyClosed => Incoming::Gone,
        _ => Incoming::Broken(Close::new(Close::PROTOCOL, "")),
    }
}

fn is_because<E: std::error::Error + 'static>(error: &io::Error) -> bool {
    let Some(inner) = error.get_ref() else { return false };
    inner.is::<E>()
}

/// Bytes of a frame's header without the mask.
fn header_len(payload: usize) -> u64 {
    match payload {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    }
}

/// Appends one text frame whose payload is written by `fill`.
pub(crate) fn push_frame(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    // Room for the longest header; the payload is moved back when a shorter one is enough.
    out.extend_from_slice(&[0; 10]);
    fill(out);
    let payload = out.len() - start - 10;
    let mut header = [0_u8; 10];
    header[0] = 0x81;
    let used = match payload {
        0..=125 => {
            header[1] = u8::try_from(payload).unwrap_or_default();
            2
        }
        126..=0xFFFF => {
            header[1] = 126;
            header[2..4].copy_from_slice(&u16::try_from(payload).unwrap_or_default().to_be_bytes());
            4
        }
        _ => {
            header[1] = 127;
            header[2..].copy_from_slice(&(payload as u64).to_be_bytes());
            10
        }
    };
    if used < 10 {
        out.copy_within(start + 10.., start + used);
        out.truncate(start + used + payload);
    }
    out[start..start + used].copy_from_slice(&header[..used]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_of_every_length_class_arrive() {
        for size in [0, 1, 125, 126, 65_535, 65_536, 200_000] {
            let (ours, theirs) = tokio::io::duplex(1024);
            let text = "x".repeat(size);
            let mut out = Vec::new();
            push_frame(&mut out, |out| out.extend_from_slice(text.as_bytes()));
            let mut socket = Socket::new(ours, Bytes::new()).await;
            let mut peer = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
            let (written, message) = tokio::join!(socket.write(&out), peer.next());
            written.unwrap();
            assert_eq!(message.unwrap().unwrap().into_text().unwrap().as_str(), text);
        }
    }

    #[tokio::test]
    async fn the_budget_ends_a_large_first_frame_and_is_lifted_later() {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let mut socket = Socket::new(ours, Bytes::new()).await;
        let mut peer = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
        let small = "x".repeat(frame::MAX_PREAUTH_FRAME);
        peer.send(Message::text(small.clone())).await.unwrap();
        assert!(matches!(socket.read().await, Incoming::Message(m) if m.len() == small.len()));
        peer.send(Message::text(small.clone())).await.unwrap();
        assert!(matches!(socket.read().await, Incoming::Broken(c) if c.code == 1009));

        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let mut socket = Socket::new(ours, Bytes::new()).await;
        let mut peer = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
        socket.lift_budget();
        for _ in 0..3 {
            peer.send(Message::text(small.repeat(2))).await.unwrap();
            assert!(
                matches!(socket.read().await, Incoming::Message(m) if m.len() == 2 * small.len())
            );
        }
    }

    #[tokio::test]
    async fn a_header_that_says_too_much_and_one_that_came_early_end_it() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let mut socket = Socket::new(ours, Bytes::new()).await;
        // A text of 1 MiB of which nothing has come.
        theirs.write_all(&[0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4]).await.unwrap();
        let read = tokio::time::timeout(Duration::from_secs(5), socket.read()).await;
        assert!(matches!(read, Ok(Incoming::Broken(close)) if close.code == 1009));

        // A length with more bytes than it needs, behind the upgrade's own request.
        let (ours, _theirs) = tokio::io::duplex(64);
        let early = Bytes::from_static(&[0x81, 0xfe, 0, 1, 0, 0, 0, 0, b'x']);
        let mut socket = Socket::new(ours, early).await;
        assert!(matches!(socket.read().await, Incoming::Broken(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_does_not_take_the_last_frame_is_dropped() {
        let (ours, mut theirs) = tokio::io::duplex(1);
        let mut socket = Socket::new(ours, Bytes::new()).await;
        let close = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];
        let (_, read) = tokio::join!(theirs.write_all(&close), socket.read());
        assert!(matches!(read, Incoming::Closing));
        tokio::time::timeout(CLOSE_TIMEOUT * 2, socket.farewell()).await.unwrap();
    }
}
