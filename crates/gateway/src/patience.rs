//! How long the other end of a connection may take. What it held is free again after that.

use std::time::Duration;

/// Times that a client must keep. The defaults suit slow networks; shorter ones suit tests.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the upgrade of a WebSocket to a good `connect`; `OPENCLAW_HANDSHAKE_TIMEOUT_MS` wins.
    pub handshake: Duration,
    /// For the whole head of a request, and for the pause before the next one.
    pub head: Duration,
    /// From one piece of a request's body to the next.
    pub body_pause: Duration,
    /// For a whole body.
    pub body: Duration,
    /// For a peer to take anything at all of what waits to be written to it.
    pub write: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body_pause: Duration::from_secs(15),
            body: Duration::from_mins(2),
            write: Duration::from_mins(1),
        }
    }
}
