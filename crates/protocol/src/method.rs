//! One definition per method: the parameters struct carries its method.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};

use crate::{scope::Scope, version::Version};

/// What travels as params or result.
pub trait Wire: Serialize + DeserializeOwned + JsonSchema + Send + 'static {}
impl<T: Serialize + DeserializeOwned + JsonSchema + Send + 'static> Wire for T {}

/// A request-response method, implemented by its parameters.
pub trait Method: Wire {
    /// What a success carries.
    type Result: Wire;
    /// Name, access and order.
    const SPEC: MethodSpec;

    /// The scope that these parameters need when the table says `dynamic`.
    fn dynamic_scope(&self, version: Version) -> Option<Scope>;

    /// The key of the lane that these parameters run in, when order matters.
    fn lane_key(&self) -> Option<&str>;
}

/// Sees each method of a table as its type.
pub trait Visitor {
    /// One method.
    fn visit<M: Method>(&mut self);
}

/// What a caller needs before the parameters are even read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Any authenticated role.
    Open,
    /// An operator with this scope.
    Scope(Scope),
    /// A connection of role node.
    Node,
    /// An operator; [`Method::dynamic_scope`] decides from the parameters.
    Dynamic,
}

/// The names that the `methods!` tables use for [`Access`].
pub mod access {
    use super::Access;
    use crate::scope::Scope;

    /// Any authenticated role.
    pub const OPEN: Access = Access::Open;
    /// A connection of role node.
    pub const NODE: Access = Access::Node;
    /// Reading state.
    pub const READ: Access = Access::Scope(Scope::Read);
    /// Starting and stopping turns.
    pub const WRITE: Access = Access::Scope(Scope::Write);
    /// Everything.
    pub const ADMIN: Access = Access::Scope(Scope::Admin);
    /// Seeing and deciding approvals.
    pub const APPROVALS: Access = Access::Scope(Scope::Approvals);
    /// Seeing and deciding pairing requests.
    pub const PAIRING: Access = Access::Scope(Scope::Pairing);
    /// Seeing and answering an agent's questions.
    pub const QUESTIONS: Access = Access::Scope(Scope::Questions);
}

/// In which order requests of one method run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// At once, beside all others.
    Concurrent,
    /// One after another for each session, in the order of arrival.
    Session,
    /// One after another for the whole configuration.
    Config,
}

/// The static part of a method.
#[derive(Debug, Clone, Copy)]
pub struct MethodSpec {
    /// The name on the wire.
    pub name: &'static str,
    /// Access in protocol 3; `None` when protocol 3 has no such method.
    pub v3: Option<Access>,
    /// Access in protocol 4; `None` when protocol 4 has no such method.
    pub v4: Option<Access>,
    /// Order.
    pub lane: Lane,
    /// Whether the original leaves it out of `hello-ok.features.methods`.
    pub hidden: bool,
    /// Whether the original reads its parameters without a schema: whatever does not fit, even
    /// parameters that are no object, counts as absent.
    pub lenient: bool,
    /// The schemas of params and result.
    pub schemas: fn(&mut SchemaGenerator) -> MethodSchemas,
}

impl MethodSpec {
    /// The access rule in one version.
    pub const fn access(&self, version: Version) -> Option<Access> {
        match version {
            Version::V3 => self.v3,
            Version::V4 => self.v4,
        }
    }
}

/// The two schemas of a method.
#[derive(Debug)]
pub struct MethodSchemas {
    /// Of the parameters.
    pub params: Schema,
    /// Of the result.
    pub result: Schema,
}

/// A file of methods: what `methods!` emits.
#[derive(Debug, Clone, Copy)]
pub struct Domain {
    /// The file's name.
    pub name: &'static str,
    /// Its methods, in the order of the table.
    pub methods: &'static [MethodSpec],
}

/// Yields the key of a lane from a field, whether it is optional or not.
pub trait LaneKey {
    /// The key, or `None` for the default session.
    fn lane_key(&self) -> Option<&str>;
}

impl LaneKey for String {
    fn lane_key(&self) -> Option<&str> {
        Some(self)
    }
}

impl LaneKey for Option<String> {
    fn lane_key(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// The table at the head of a domain file.
///
/// ```text
/// methods! {
///     "sessions.list":  SessionsListParams  => SessionsListResult,  v3 READ, v4 READ;
///     "sessions.patch": SessionsPatchParams => SessionsPatchResult, v3 ADMIN, v4 dynamic(patch_scope), lane session(key);
///     "sessions.get":   SessionsGetParams   => SessionsGetResult,   v3 READ, v4 READ, is hidden;
/// }
/// ```
///
/// It expands to one `impl Method` for each line, `pub const METHODS: &[MethodSpec]`, and `pub fn visit`.
/// A dynamic access names a function `fn(&Params) -> Scope`; a lane names the field of its key.
/// The flags are `is hidden` ([`MethodSpec::hidden`]) and `is lenient` ([`MethodSpec::lenient`]).
#[macro_export]
macro_rules! methods {
    ($($name:literal : $params:ty => $result:ty
        $(, v3 $a3:ident $(($f3:path))?)? $(, v4 $a4:ident $(($f4:path))?)?
        $(, lane $lane:ident $(($field:ident))?)? $(, is $flag:ident)*;)*) => {
        $(impl $crate::method::Method for $params {
            type Result = $result;
            const SPEC: $crate::method::MethodSpec = $crate::method::MethodSpec {
                name: $name,
                v3: $crate::methods!(@access $($a3)?),
                v4: $crate::methods!(@access $($a4)?),
                lane: $crate::methods!(@lane $($lane)?),
                hidden: false $(|| $crate::methods!(@hidden $flag))*,
                lenient: false $(|| $crate::methods!(@lenient $flag))*,
                schemas: |generator| $crate::method::MethodSchemas {
                    params: generator.subschema_for::<$params>(),
                    result: generator.subschema_for::<$result>(),
                },
            };

            fn dynamic_scope(&self, version: $crate::version::Version) -> Option<$crate::scope::Scope> {
                match version {
                    $crate::version::Version::V3 => $crate::methods!(@scope self $($($f3)?)?),
                    $crate::version::Version::V4 => $crate::methods!(@scope self $($($f4)?)?),
                }
            }

            fn lane_key(&self) -> Option<&str> {
                $crate::methods!(@key self $($($field)?)?)
            }
        })*

        /// The methods of this file.
        pub const METHODS: &[$crate::method::MethodSpec] =
            &[$(<$params as $crate::method::Method>::SPEC),*];

        /// Shows a visitor the methods of this file, each as its type.
        pub fn visit(visitor: &mut impl $crate::method::Visitor) {
            $($crate::method::Visitor::visit::<$params>(visitor);)*
        }
    };
    (@access) => { None };
    (@access dynamic) => { Some($crate::method::Access::Dynamic) };
    (@access $name:ident) => { Some($crate::method::access::$name) };
    (@lane) => { $crate::method::Lane::Concurrent };
    (@lane session) => { $crate::method::Lane::Session };
    (@lane config) => { $crate::method::Lane::Config };
    (@hidden hidden) => { true };
    (@hidden lenient) => { false };
    (@lenient lenient) => { true };
    (@lenient hidden) => { false };
    (@scope $this:ident) => { None };
    (@scope $this:ident $f:path) => { Some($f($this)) };
    (@key $this:ident) => { None };
    (@key $this:ident $field:ident) => { $crate::method::LaneKey::lane_key(&$this.$field) };
}
