//! The routes: one typed handler per method, erased once.

use std::{borrow::Borrow, collections::BTreeMap, pin::Pin};

use openclaw_protocol::{
    Method, MethodSpec, RpcError, Version,
    method::Domain,
    scope::Scope,
    validate::{self, Tolerant},
};
use serde_json::value::RawValue;
use tracing::info;

use crate::{context::Cx, edge::downgrade, error::GatewayError};

/// A call whose parameters have been read.
pub(crate) struct Call {
    /// The scope that these parameters need, when the table says `dynamic`.
    pub(crate) scope: Option<Scope>,
    /// The key of the lane that it runs in.
    pub(crate) lane: Option<String>,
    /// The work, yielding the payload as text.
    pub(crate) work: Work,
}

/// A handler at work.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Vec<u8>, RpcError>> + Send>>;

type Open = Box<dyn Fn(Cx, Option<&RawValue>) -> Result<Call, RpcError> + Send + Sync>;

/// One method and its handler.
pub(crate) struct Route {
    pub(crate) spec: MethodSpec,
    open: Open,
}

impl Route {
    /// Reads the parameters; nothing runs yet.
    pub(crate) fn open(&self, cx: Cx, params: Option<&RawValue>) -> Result<Call, RpcError> {
        (self.open)(cx, params)
    }
}

/// Collects handlers.
#[derive(Default)]
pub(crate) struct RouterBuilder {
    routes: BTreeMap<&'static str, Route>,
    duplicate: Option<&'static str>,
}

impl RouterBuilder {
    /// Adds a handler; the method is the type of its parameter.
    #[must_use]
    pub(crate) fn handle<M, A, F, Fut>(mut self, handler: F) -> Self
    where
        M: Method,
        A: Borrow<M::Result> + Send,
        F: Fn(Cx, M) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A, RpcError>> + Send + 'static,
    {
        let open: Open = Box::new(move |cx, raw| {
            let version = cx.peer().version;
            let params: M = params(raw, version, cx.peer().newer)?;
            let scope = params.dynamic_scope(version);
            let lane = params.lane_key().map(str::to_owned);
            let answer = handler(cx, params);
            let work = Box::pin(async move { write::<M>(answer.await?.borrow(), version) });
            Ok(Call { scope, lane, work })
        });
        let name = M::SPEC.name;
        if self.routes.insert(name, Route { spec: M::SPEC, open }).is_some() {
            self.duplicate = Some(name);
        }
        self
    }

    /// Checks that each method of the chosen domains has exactly one handler.
    pub(crate) fn build(self, domains: &[Domain]) -> Result<Router, GatewayError> {
        if let Some(name) = self.duplicate {
            return Err(GatewayError::Router(format!("{name} has two handlers")));
        }
        let missing = domains
            .iter()
            .flat_map(|domain| domain.methods)
            .find(|spec| !self.routes.contains_key(spec.name));
        match missing {
            Some(spec) => Err(GatewayError::Router(format!("{} has no handler", spec.name))),
            None => Ok(Router { routes: self.routes }),
        }
    }
}

/// The methods that this gateway answers.
pub(crate) struct Router {
    routes: BTreeMap<&'static str, Route>,
}

impl Router {
    /// Finds a method that exists in a protocol version.
    pub(crate) fn find(&self, name: &str, version: Version) -> Option<&Route> {
        self.routes.get(name).filter(|route| route.spec.access(version).is_some())
    }

    /// The names for `hello-ok.features.methods`: what is answered and was advertised by the original.
    pub(crate) fn advertised(&self, version: Version) -> Vec<&'static str> {
        let shown = |route: &&Route| route.spec.access(version).is_some() && !route.spec.hidden;
        self.routes.values().filter(shown).map(|route| route.spec.name).collect()
    }
}

/// Reads parameters. Of a client that is newer than we are, names that we do not know are dropped and counted.
pub(crate) fn params<M: Method>(
    raw: Option<&RawValue>,
    version: Version,
    newer: bool,
) -> Result<M, RpcError> {
    if !newer {
        return validate::parse(raw, version);
    }
    let Tolerant { params, dropped } = validate::parse_tolerant(raw, version)?;
    if dropped > 0 {
        info!(method = M::SPEC.name, dropped, "unknown names of a newer client are left out");
    }
    Ok(params)
}

/// Writes a result in the shape of one protocol version.
pub(crate) fn write<M: Method>(result: &M::Result, version: Version) -> Result<Vec<u8>, RpcError> {
    let text = match downgrade::result(M::SPEC.name, version) {
        None => serde_json::to_vec(result),
        Some(change) => serde_json::to_value(result).and_then(|mut value| {
            change(&mut value);
            serde_json::to_vec(&value)
        }),
    };
    text.map_err(|error| RpcError::unavailable(format!("the result cannot be written: {error}")))
}
