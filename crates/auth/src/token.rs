//! Device tokens: one for each device and role, made at the first approved connect, replaced and revoked.
//!
//! A token is kept retrievable, not as a digest: OpenClaw hands the same token to the device on every
//! successful connect, and making a fresh one each time would cut off whoever else on that device
//! holds it. It lies in the database that only the gateway's user can read. Without a signature of the
//! device's key it opens nothing but what a page shows of its gateway: names and pictures of the agents.

use openclaw_protocol::{Role, Scope, ScopeSet};

use crate::{
    credential::{Digest, Secret},
    error::AuthError,
    pairing::Device,
};

/// A device's token for one role.
#[derive(Debug, Clone)]
pub struct DeviceToken {
    /// The role that it is for.
    pub role: Role,
    /// 43 characters of base64url.
    pub token: Secret,
    /// What it allows at most; never more than the device is approved for. Empty means none.
    pub scopes: ScopeSet,
    /// When the device got its first one, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// When it was last replaced.
    pub rotated_at_ms: Option<u64>,
    /// When it was revoked; it never counts again.
    pub revoked_at_ms: Option<u64>,
}

impl DeviceToken {
    /// Makes one.
    pub fn issue(role: Role, scopes: ScopeSet, now_ms: u64) -> Result<Self, AuthError> {
        Ok(Self {
            role,
            token: Secret::generate()?,
            scopes,
            created_at_ms: now_ms,
            rotated_at_ms: None,
            revoked_at_ms: None,
        })
    }

    /// Whether it has not been revoked.
    pub const fn is_live(&self) -> bool {
        self.revoked_at_ms.is_none()
    }

    /// When the text that counts today was made.
    pub fn issued_at_ms(&self) -> u64 {
        self.rotated_at_ms.unwrap_or(self.created_at_ms)
    }
}

impl Device {
    /// The token of a role that counts today.
    pub fn token(&self, role: Role) -> Option<&DeviceToken> {
        self.tokens.iter().find(|token| token.role == role && token.is_live())
    }

    /// The operator's token, when reading is among what it allows.
    pub(crate) fn reader(&self) -> Option<Digest> {
        let token = self.token(Role::Operator)?;
        let holds = self.ceiling(token.role).covers(token.scopes);
        (holds && token.scopes.allows(Scope::Read)).then(|| token.token.digest())
    }

    /// What a token of this role may allow.
    pub fn ceiling(&self, role: Role) -> ScopeSet {
        match role {
            Role::Operator if self.roles.contains(&role) => self.scopes,
            Role::Operator | Role::Node => ScopeSet::EMPTY,
        }
    }

    /// Makes sure that there is a token of this role within what is approved; true when one was made.
    /// A device that is not approved for the role gets none.
    pub fn ensure_token(&mut self, role: Role, now_ms: u64) -> Result<bool, AuthError> {
        if !self.roles.contains(&role) {
            return Err(AuthError::RotationDenied);
        }
        let ceiling = self.ceiling(role);
        if self.token(role).is_some_and(|token| ceiling.covers(token.scopes)) {
            return Ok(false);
        }
        self.replace_token(role, ceiling, now_ms)?;
        Ok(true)
    }

    /// Replaces the token of a role. `scopes` absent keeps what the old one allowed; present it is
    /// exactly what the new one allows, and an empty set is none.
    pub fn rotate_token(
        &mut self,
        role: Role,
        scopes: Option<ScopeSet>,
        now_ms: u64,
    ) -> Result<&DeviceToken, AuthError> {
        let old = self.token(role).map(|token| token.scopes).ok_or(AuthError::RotationDenied)?;
        let scopes = scopes.unwrap_or(old);
        if !self.roles.contains(&role) || !self.ceiling(role).covers(scopes) {
            return Err(AuthError::RotationDenied);
        }
        self.replace_token(role, scopes, now_ms)?;
        self.token(role).ok_or(AuthError::UnknownToken)
    }

    /// Revokes the token of a role; the time of the first revocation when it was revoked before.
    pub fn revoke_token(&mut self, role: Role, now_ms: u64) -> Result<u64, AuthError> {
        let token = self
            .tokens
            .iter_mut()
            .find(|token| token.role == role)
            .ok_or(AuthError::UnknownToken)?;
        Ok(*token.revoked_at_ms.get_or_insert(now_ms))
    }

    fn replace_token(
        &mut self,
        role: Role,
        scopes: ScopeSet,
        now_ms: u64,
    ) -> Result<(), AuthError> {
        let fresh = DeviceToken::issue(role, scopes, now_ms)?;
        match self.tokens.iter_mut().find(|token| token.role == role) {
            Some(old) => {
                let created_at_ms = old.created_at_ms;
                *old = DeviceToken { created_at_ms, rotated_at_ms: Some(now_ms), ..fresh };
            }
            None => self.tokens.push(fresh),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairing::tests::device;

    fn text(device: &Device) -> String {
        device.token(Role::Operator).unwrap().token.expose().to_owned()
    }

    #[test]
    fn a_token_stays_the_same_until_it_is_replaced_or_revoked() {
        let mut device = device(["operator.read"]);
        assert!(device.ensure_token(Role::Operator, 1).unwrap());
        let first = text(&device);
        assert!(!device.ensure_token(Role::Operator, 2).unwrap());
        assert_eq!(text(&device), first);
        device.rotate_token(Role::Operator, None, 3).unwrap();
        let second = text(&device);
        assert_ne!(second, first);
        assert_eq!(device.revoke_token(Role::Operator, 4).unwrap(), 4);
        assert_eq!(device.revoke_token(Role::Operator, 5).unwrap(), 4);
        assert!(device.token(Role::Operator).is_none());
        assert!(device.ensure_token(Role::Operator, 6).unwrap());
        assert_ne!(text(&device), second, "a revoked token never comes back");
        assert_eq!(device.token(Role::Operator).unwrap().created_at_ms, 1);
        assert_eq!(device.token(Role::Operator).unwrap().issued_at_ms(), 6);
    }

    #[test]
    fn a_record_that_was_narrowed_narrows_its_token() {
        let mut device = device(["operator.read", "operator.write"]);
        device.ensure_token(Role::Operator, 1).unwrap();
        let wide = text(&device);
        device.scopes = [Scope::Read].into_iter().collect();
        assert!(device.ensure_token(Role::Operator, 2).unwrap());
        assert_ne!(text(&device), wide);
        assert_eq!(device.token(Role::Operator).unwrap().scopes, device.scopes);
        device.tokens[0].scopes.insert(Scope::Write);
        assert!(device.reader().is_none(), "a token beyond its record shows nothing either");
        device.roles.clear();
        assert!(device.ceiling(Role::Operator).is_empty(), "scopes are the role's");
        (device.tokens[0].role, device.tokens[0].scopes) = (Role::Node, ScopeSet::EMPTY);
        let lost = device.rotate_token(Role::Node, None, 3);
        assert!(matches!(lost, Err(AuthError::RotationDenied)), "a token is no role");
    }

    #[test]
    fn rotation_never_widens() {
        let mut device = device(["operator.read"]);
        device.ensure_token(Role::Operator, 1).unwrap();
        for scopes in [Scope::Admin, Scope::Write, Scope::Pairing] {
            let asked = Some([scopes].into_iter().collect());
            assert!(matches!(
                device.rotate_token(Role::Operator, asked, 2),
                Err(AuthError::RotationDenied)
            ));
        }
        assert!(matches!(device.rotate_token(Role::Node, None, 2), Err(AuthError::RotationDenied)));
        assert!(matches!(device.ensure_token(Role::Node, 2), Err(AuthError::RotationDenied)));
        let none = device.rotate_token(Role::Operator, Some(ScopeSet::EMPTY), 3).unwrap();
        assert!(none.scopes.is_empty(), "[] means none");
        let kept = device.rotate_token(Role::Operator, None, 4).unwrap();
        assert!(kept.scopes.is_empty(), "what was narrowed stays narrow");
    }
}
