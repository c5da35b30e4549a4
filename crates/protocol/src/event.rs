//! One definition per event: the payload struct carries its event.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use crate::scope::Scope;

/// Something that happened, told to connections.
pub trait Event: Serialize + JsonSchema + Send + Sync + 'static {
    /// Name and audience.
    const SPEC: EventSpec;

    /// Whether a slow reader may miss this one. By default what the table says.
    fn droppable(&self) -> bool {
        Self::SPEC.droppable
    }
}

/// Who hears an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Every authenticated connection.
    Everyone,
    /// Operators that may do this.
    Scope(Scope),
    /// Operators that may do this and have subscribed, or are named by the sender.
    Subscribers(Scope),
    /// Only a connection that the sender names, before it is authenticated too.
    Target,
}

/// The names that the `events!` tables use for [`Audience`].
pub mod audience {
    use super::Audience;
    use crate::scope::Scope;

    /// Every authenticated connection.
    pub const EVERYONE: Audience = Audience::Everyone;
    /// Whoever the sender names.
    pub const TARGET: Audience = Audience::Target;
    /// Operators that may read.
    pub const READ: Audience = Audience::Scope(Scope::Read);
    /// Operators that may pair devices.
    pub const PAIRING: Audience = Audience::Scope(Scope::Pairing);
    /// Operators that may decide approvals.
    pub const APPROVALS: Audience = Audience::Scope(Scope::Approvals);
    /// Operators that may answer an agent's questions.
    pub const QUESTIONS: Audience = Audience::Scope(Scope::Questions);
    /// Operators that may read and have subscribed.
    pub const SUBSCRIBERS: Audience = Audience::Subscribers(Scope::Read);
}

/// The static part of an event.
#[derive(Debug, Clone, Copy)]
pub struct EventSpec {
    /// The name on the wire.
    pub name: &'static str,
    /// Who hears it.
    pub audience: Audience,
    /// Whether a slow reader may miss it.
    pub droppable: bool,
    /// Whether it carries `stateVersion`.
    pub state_version: bool,
    /// Whether protocol 3 has it.
    pub v3: bool,
    /// Whether this build has no occasion to send it; then it is not advertised.
    pub unsent: bool,
    /// The schema of the payload.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// The table at the head of an events file.
///
/// ```text
/// events! {
///     "tick":   TickEvent,   to EVERYONE, droppable;
///     "health": HealthEvent, to EVERYONE, versioned;
///     "chat":   ChatEvent,   to READ, droppable_if(ChatEvent::is_delta);
///     "config.changed": ConfigChangedEvent, to READ, droppable, v4only;
/// }
/// ```
#[macro_export]
macro_rules! events {
    ($($name:literal : $payload:ty, to $audience:ident $(, $flag:ident $(($f:path))?)*;)*) => {
        $(impl $crate::event::Event for $payload {
            const SPEC: $crate::event::EventSpec = {
                let spec = $crate::event::EventSpec {
                    name: $name,
                    audience: $crate::event::audience::$audience,
                    droppable: false,
                    state_version: false,
                    v3: true,
                    unsent: false,
                    schema: |generator| generator.subschema_for::<$payload>(),
                };
                $(let spec = $crate::events!(@flag spec $flag);)*
                spec
            };
            $($crate::events!(@method $flag $(($f))?);)*
        })*

        /// The events of this file.
        pub const EVENTS: &[$crate::event::EventSpec] =
            &[$(<$payload as $crate::event::Event>::SPEC),*];
    };
    (@flag $spec:ident droppable) => { $crate::event::EventSpec { droppable: true, ..$spec } };
    (@flag $spec:ident droppable_if) => { $spec };
    (@flag $spec:ident versioned) => { $crate::event::EventSpec { state_version: true, ..$spec } };
    (@flag $spec:ident v4only) => { $crate::event::EventSpec { v3: false, ..$spec } };
    (@flag $spec:ident unsent) => { $crate::event::EventSpec { unsent: true, ..$spec } };
    (@method droppable_if ($f:path)) => { fn droppable(&self) -> bool { $f(self) } };
    (@method $flag:ident) => {};
}
