//! What becomes of a socket for which there is no place.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};
use tracing::debug;

use crate::{gate, sockets::Place, tasks::Tasks};

/// Sockets that are told at a time why they are refused; the others are dropped without a word.
const MAX_TOLD: usize = 64;
/// How long one may take to ask and to hear it.
const TOLD_WITHIN: Duration = Duration::from_secs(1);
/// Bytes that are read of a request before it is refused.
const MAX_HEAD: usize = 8 * 1024;

/// Says no, to a bounded number at a time.
pub(super) struct Refusals(Arc<Semaphore>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_TOLD)))
    }
}

impl Refusals {
    /// Answers 503 where that costs little, and drops the socket.
    pub(super) fn refuse(&self, tasks: &Tasks, stream: TcpStream, place: Place) {
        let Ok(telling) = Arc::clone(&self.0).try_acquire_owned() else {
            // Nothing stays behind in the kernel either.
            if let Err(error) = stream.set_zero_linger() {
                debug!(%error, "the kernel keeps a refused socket");
            }
            return;
        };
        tasks.spawn("refusal", async move {
            timeout(TOLD_WITHIN, tell(stream)).await.ok();
            drop((telling, place));
        });
    }
}

/// Reads the request first: closed with something unread, a socket is reset, and its answer is lost.
async fn tell(mut stream: TcpStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(1..) if head.len() <= MAX_HEAD => {}
            _ => return,
        }
    }
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n{}",
        gate::FULL.len(),
        gate::FULL
    );
    if stream.write_all(answer.as_bytes()).await.is_ok() && stream.shutdown().await.is_ok() {
        // Its end of the connection, or its patience.
        while stream
            .read_buf(&mut head)
            .await
            .is_ok_and(|count| count > 0 && head.len() <= MAX_HEAD)
        {}
    }
}
