//! What a service that embeds a gateway adds to it: methods, events and HTTP routes of its own.
//!
//! A host's method is defined as the gateway's own are: a parameter type, a line in a `methods!`
//! table, a handler whose parameter names it. Access, schemas, refusals, order and the list in
//! `hello-ok` follow from the table, so a host cannot forget one of them.

use axum::Router as Routes;
use openclaw_protocol::{
    Event, EventSpec, Method, MethodSpec, Role, RpcError, Scope, ScopeSet, Version, ids::DeviceId,
    method::Domain,
};

use crate::{bus::To, context::Cx, error::GatewayError, router::RouterBuilder};

/// Paths below which the gateway answers itself, now or in an OpenClaw of another version.
const OWN: [&str; 13] = [
    "/__openclaw__",
    "/api",
    "/assets",
    "/health",
    "/healthz",
    "/hooks",
    "/plugins",
    "/ready",
    "/readyz",
    "/sessions",
    "/startupz",
    "/tools",
    "/v1",
];

/// What a host adds; given to a gateway with [`crate::Options::host`].
#[derive(Default)]
pub struct Host {
    builder: RouterBuilder,
    domains: Vec<Domain>,
    events: Vec<EventSpec>,
    routes: Vec<(String, Routes)>,
}

impl Host {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the table of a `methods!` file. The gateway does not start unless each of its methods
    /// has exactly one handler and none has a name of the gateway's own.
    #[must_use]
    pub fn domain(mut self, name: &'static str, methods: &'static [MethodSpec]) -> Self {
        self.domains.push(Domain { name, methods });
        self
    }

    /// Adds a handler; the method is the type of its second parameter.
    ///
    /// It runs after the parameters were read and the caller's scope was checked. A panic fails
    /// that one request.
    #[must_use]
    pub fn handle<M, F, Fut>(mut self, handler: F) -> Self
    where
        M: Method,
        F: Fn(HostCx, M) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<M::Result, RpcError>> + Send + 'static,
    {
        self.builder = self.builder.handle(move |cx, params: M| handler(HostCx(cx), params));
        self
    }

    /// Adds the table of an `events!` file: `hello-ok` lists them. They are told with
    /// [`HostCx::tell`] and [`crate::Gateway::tell`].
    #[must_use]
    pub fn events(mut self, events: &'static [EventSpec]) -> Self {
        self.events.extend_from_slice(events);
        self
    }

    /// Adds HTTP routes below a prefix such as `/shop`, which handlers do not see.
    ///
    /// The gateway's check of Host and Origin stands in front of them; who may use them beyond that
    /// is the host's decision. [`crate::Arrival`] is among a request's extensions.
    #[must_use]
    pub fn routes(mut self, prefix: impl Into<String>, routes: Routes) -> Self {
        self.routes.push((prefix.into(), routes));
        self
    }

    /// Takes it apart, or says what of it a gateway cannot take.
    pub(crate) fn open(self) -> Result<Opened, GatewayError> {
        let Self { builder, domains, events, routes } = self;
        for (at, (prefix, _)) in routes.iter().enumerate() {
            let others = routes[..at].iter().map(|(other, _)| other.as_str());
            if let Some(problem) = problem(prefix, others) {
                return Err(GatewayError::Router(format!("routes below {prefix:?}: {problem}")));
            }
        }
        let own = openclaw_protocol::events::all();
        if let Some(taken) =
            own.map(|own| own.name).find(|own| events.iter().any(|e| e.name == *own))
        {
            return Err(GatewayError::Router(format!("the event {taken} is the gateway's own")));
        }
        let routes = routes.into_iter().fold(Routes::new(), |all, (at, some)| all.nest(&at, some));
        Ok(Opened { builder, domains, events, routes })
    }
}

/// A host, checked.
pub(crate) struct Opened {
    pub(crate) builder: RouterBuilder,
    pub(crate) domains: Vec<Domain>,
    pub(crate) events: Vec<EventSpec>,
    pub(crate) routes: Routes,
}

/// Why routes cannot lie below a prefix.
fn problem<'a>(prefix: &str, mut others: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let parts = prefix.strip_prefix('/').map(|rest| rest.split('/').all(|part| !part.is_empty()));
    if parts != Some(true) || !prefix.bytes().all(plain) {
        return Some("a prefix is like /shop or /shop/v1");
    }
    let below = |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|r| r.starts_with('/'));
    if OWN.iter().any(|own| below(prefix, own)) {
        return Some("the gateway answers there itself");
    }
    others.any(|other| below(prefix, other) || below(other, prefix)).then_some("it is there twice")
}

/// Who calls a host's method, and what the host may do for that call. Cheap to clone.
#[derive(Clone)]
pub struct HostCx(Cx);

impl HostCx {
    /// What the caller is, by the gateway's records.
    pub fn role(&self) -> Role {
        self.0.caller().role
    }

    /// What the caller may do, by the gateway's records.
    pub fn scopes(&self) -> ScopeSet {
        self.0.caller().scopes
    }

    /// The device that the caller proved to be; `None` for one that proved the shared secret alone.
    pub fn device(&self) -> Option<&DeviceId> {
        self.0.caller().device.as_ref()
    }

    /// The protocol that the caller speaks.
    pub fn version(&self) -> Version {
        self.0.peer().version
    }

    /// Refuses a caller without this scope; for what the table cannot know from the method alone.
    pub fn require(&self, scope: Scope) -> Result<(), RpcError> {
        self.0.require(scope)
    }

    /// Tells an event to its audience, to each connection at most once.
    pub fn tell<E: Event>(&self, event: &E) {
        self.0.app().bus.emit(event, To::Audience);
    }

    /// Tells an event to the caller alone.
    pub fn tell_caller<E: Event>(&self, event: &E) {
        self.0.app().bus.emit(event, To::Peer(self.0.peer()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_that_cannot_be() {
        let check = |prefix: &str| problem(prefix, ["/shop"].into_iter());
        assert_eq!((check("/orders"), check("/shopping/v1")), (None, None));
        for bad in ["", "/", "orders", "/a//b", "/a/", "/{id}", "/a b", "/*rest"] {
            assert_eq!(check(bad), Some("a prefix is like /shop or /shop/v1"), "{bad}");
        }
        for own in ["/v1", "/v1/mine", "/health", "/sessions"] {
            assert_eq!(check(own), Some("the gateway answers there itself"), "{own}");
        }
        for twice in ["/shop", "/shop/v1"] {
            assert_eq!(check(twice), Some("it is there twice"), "{twice}");
        }
    }

    #[test]
    fn an_event_of_the_gateway_is_not_a_hosts() {
        let host = Host::new().events(openclaw_protocol::events::system::EVENTS);
        let problem = host.open().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(problem.ends_with("is the gateway's own"), "{problem}");
    }
}
