//! The handle: calls, events and the end of a connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use openclaw_protocol::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Dial, Error, Events, Hello, Options, Subscription, TcpDial,
    driver::{CALL_QUEUE, Call, Command, Driver, Standing, State},
    handshake,
    queue::Hub,
};

/// How one call waits.
#[derive(Debug, Clone, Copy)]
pub struct CallOptions {
    /// The deadline, from the call to its answer.
    pub timeout: Duration,
    /// Whether an interim `accepted` is passed over: methods such as `agent` answer twice.
    pub expect_final: bool,
}

/// A connection to a gateway. Clones share it; it closes when the last one is dropped.
///
/// After a loss the client connects again (1 s doubling to 30 s) unless [`Options::reconnect`] is
/// off. Calls that carry an `idempotencyKey` are then sent again; others that were sent fail with
/// [`Error::Closed`], since the gateway may have done them.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    commands: mpsc::Sender<Command>,
    hub: Arc<Hub>,
    state: watch::Receiver<State>,
    ids: AtomicU64,
    timeout: Duration,
}

impl Client {
    /// Connects over TCP (or TLS for `wss://`), waits for the challenge and for `hello-ok`.
    ///
    /// The first attempt is not repeated: its failure is returned.
    pub async fn connect(options: Options) -> Result<Self, Error> {
        Self::connect_via(Arc::new(TcpDial), options).await
    }

    /// Connects over whatever `dial` opens.
    pub async fn connect_via(dial: Arc<dyn Dial>, options: Options) -> Result<Self, Error> {
        let (socket, hello) = handshake::connect(&*dial, &options).await?;
        let timeout = options.timeouts.call;
        let (commands, inbox) = mpsc::channel(CALL_QUEUE);
        let (state, watched) = watch::channel(State::Connected(Arc::new(hello)));
        let hub = Arc::new(Hub::default());
        let driver = Driver::new((dial, options), inbox, Arc::clone(&hub), state);
        #[expect(
            clippy::disallowed_methods,
            reason = "the client's one task; it ends when the last handle is dropped, `close` waits for it"
        )]
        drop(tokio::spawn(driver.run(socket)));
        Ok(Self(Arc::new(Inner { commands, hub, state: watched, ids: AtomicU64::new(1), timeout })))
    }

    /// Calls a method and waits for its answer, at most [`crate::Timeouts::call`].
    pub async fn call<M: Method>(&self, params: M) -> Result<M::Result, Error> {
        self.exchange(M::SPEC.name, Some(encode(M::SPEC.name, &params)?), self.options(false)).await
    }

    /// Calls a method and, once it is granted, calls it again after every reconnect: for
    /// subscriptions, which end with their connection. [`crate::Gap::Reconnected`] comes first, the
    /// events of the renewed subscription behind it.
    pub async fn keep<M: Method>(&self, params: M) -> Result<M::Result, Error> {
        let (method, params) = (M::SPEC.name, encode(M::SPEC.name, &params)?);
        let keep = Some(Standing { method, name: standing_name(method, &params) });
        self.exchange_kept(method, (Some(params), keep), self.options(false)).await
    }

    /// Ends [`Client::keep`] for the same method and parameters. What the gateway already does goes
    /// on until it is told otherwise, for example with an `unsubscribe`.
    pub async fn forget<M: Method + Sync>(&self, params: &M) -> Result<(), Error> {
        let name = standing_name(M::SPEC.name, &encode(M::SPEC.name, params)?);
        let sent = self.0.commands.send(Command::Forget(name)).await;
        sent.map_err(|_| self.ended())
    }

    /// Calls a method that answers twice and waits for the final answer, at most `timeout`.
    pub async fn call_final<M: Method>(
        &self,
        params: M,
        timeout: Duration,
    ) -> Result<M::Result, Error> {
        let options = CallOptions { timeout, expect_final: true };
        self.exchange(M::SPEC.name, Some(encode(M::SPEC.name, &params)?), options).await
    }

    /// Calls any method by its name, with whatever JSON.
    pub async fn call_raw(&self, method: &str, params: Option<&Value>) -> Result<Value, Error> {
        self.call_with(method, params, self.options(false)).await
    }

    /// Calls any method by its name; the other calls are short forms of this one.
    pub async fn call_with<P: Serialize + Sync + ?Sized, R: DeserializeOwned>(
        &self,
        method: &str,
        params: Option<&P>,
        options: CallOptions,
    ) -> Result<R, Error> {
        let params = params.map(|params| encode(method, params)).transpose()?;
        self.exchange(method, params, options).await
    }

    async fn exchange<R: DeserializeOwned>(
        &self,
        method: &str,
        params: Option<Box<RawValue>>,
        options: CallOptions,
    ) -> Result<R, Error> {
        self.exchange_kept(method, (params, None), options).await
    }

    async fn exchange_kept<R: DeserializeOwned>(
        &self,
        method: &str,
        (params, keep): (Option<Box<RawValue>>, Option<Standing>),
        options: CallOptions,
    ) -> Result<R, Error> {
        let id = self.0.ids.fetch_add(1, Ordering::Relaxed);
        let text = crate::wire::request(&id.to_string(), method, params.as_deref())?;
        let (reply, answer) = oneshot::channel();
        let call = Call {
            text: text.into(),
            keyed: crate::wire::has_key(params.as_deref()),
            expect_final: options.expect_final,
            keep,
            reply,
        };
        let exchange = async {
            if self.0.commands.send(Command::Call(id, call)).await.is_err() {
                return Err(self.ended());
            }
            answer.await.unwrap_or_else(|_| Err(self.ended()))
        };
        let raw = tokio::time::timeout(options.timeout, exchange).await.unwrap_or_else(|_| {
            Err(Error::Timeout { what: method.to_owned(), after: options.timeout })
        })?;
        serde_json::from_str(raw.get()).map_err(|error| Error::Decode {
            what: format!("the answer to {method}"),
            reason: error.to_string(),
        })
    }

    fn options(&self, expect_final: bool) -> CallOptions {
        CallOptions { timeout: self.0.timeout, expect_final }
    }

    /// All events from now on, in order.
    pub fn events(&self) -> Events {
        Events(self.0.hub.reader(None))
    }

    /// The events of one type from now on, parsed.
    pub fn subscribe<E: openclaw_protocol::Event + DeserializeOwned>(&self) -> Subscription<E> {
        Subscription::new(self.0.hub.reader(Some(E::SPEC.name)))
    }

    /// What the gateway said when it let this client in, the last time.
    pub fn hello(&self) -> Arc<Hello> {
        Arc::clone(self.0.state.borrow().hello())
    }

    /// Whether the connection stands at this moment.
    pub fn is_connected(&self) -> bool {
        matches!(*self.0.state.borrow(), State::Connected(_))
    }

    /// Why the client ended, once it is closed or lost for good.
    pub fn end(&self) -> Option<Error> {
        match &*self.0.state.borrow() {
            State::Ended(_, error) => Some(error.clone()),
            _ => None,
        }
    }

    /// Waits until the client is closed or lost for good, and says why.
    pub async fn ended_because(&self) -> Error {
        let mut state = self.0.state.clone();
        match state.wait_for(|state| matches!(state, State::Ended(..))).await.as_deref() {
            Ok(State::Ended(_, error)) => error.clone(),
            _ => Error::broken("the client's task is gone"),
        }
    }

    /// Closes with 1000 and waits until that is done. Calls that wait fail with [`Error::Closed`].
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.0.commands.send(Command::Close(done)).await.is_ok() {
            // Dropped unanswered when the task has ended; either way it is over.
            drop(closed.await);
        }
    }

    fn ended(&self) -> Error {
        self.end().unwrap_or_else(|| Error::broken("the client's task is gone"))
    }
}

fn encode<P: Serialize + ?Sized>(method: &str, params: &P) -> Result<Box<RawValue>, Error> {
    to_raw_value(params)
        .map_err(|error| Error::Encode { method: method.to_owned(), reason: error.to_string() })
}

/// What tells kept calls apart.
fn standing_name(method: &str, params: &RawValue) -> Box<str> {
    format!("{method} {}", params.get()).into()
}

#[cfg(test)]
mod tests;
