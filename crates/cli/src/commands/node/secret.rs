//! How a node proves itself: with the token that its gateway gave it, else with the gateway's own.

use std::collections::VecDeque;

use openclaw_sdk::Auth;

use super::{file::NodeFile, place::Place};
use crate::{args::SecretArgs, connect, failure::Failure, output, settings::Settings};

/// What may be tried, the best first.
#[derive(Debug)]
pub(super) struct Secrets(VecDeque<Auth>);

impl Secrets {
    /// A flag says it all. Without one the node's own token comes first: it can do least. The secret of the
    /// config file is that of the gateway on this machine, or of the remote one that it names; it goes
    /// nowhere else.
    pub(super) fn find(
        settings: &Settings,
        flags: &SecretArgs,
        place: &Place,
        file: &NodeFile,
    ) -> Result<Self, Failure> {
        let flag = match (&flags.token, &flags.password) {
            (Some(token), _) => Some(Auth::Token(token.clone())),
            (None, Some(word)) => Some(Auth::Password(word.clone())),
            (None, None) => None,
        };
        if let Some(flag) = flag {
            return Ok(Self([flag].into()));
        }
        let own = file.token.clone().map(Auth::DeviceToken);
        let named = if settings.gateway.is_local() {
            let given = matches!(connect::local_source(settings), connect::Source::Variable(_));
            let ours = given || place.is_this_machine();
            ours.then(|| connect::local_secret(settings)).transpose()
        } else {
            let there = settings.gateway.remote.url.as_deref().unwrap_or_default();
            let there = there.trim().trim_end_matches('/') == place.url();
            let (token, word) = (settings.env.gateway_token(), settings.env.gateway_password());
            let variable = token.map(|token| Auth::Token(token.to_owned()));
            let variable = variable.or_else(|| word.map(|word| Auth::Password(word.to_owned())));
            match variable {
                Some(auth) => Ok(Some((auth, connect::Source::Nothing))),
                None => there.then(|| connect::remote_secret(settings)).transpose(),
            }
        };
        let named = match named {
            Ok(named) => named.map(|(auth, _)| auth).filter(|auth| *auth != Auth::None),
            // The node's own token is enough.
            Err(failure) if own.is_some() => {
                output::note(format!("openclaw: {}", failure.message));
                None
            }
            Err(failure) => return Err(failure),
        };
        Ok(Self(own.into_iter().chain(named).collect()))
    }

    /// What to try now.
    pub(super) fn next(&self) -> Auth {
        self.0.front().cloned().unwrap_or_default()
    }

    /// The gateway did not take what was tried. Whether something else is left to try.
    pub(super) fn drop_one(&mut self) -> bool {
        self.0.pop_front();
        !self.0.is_empty()
    }

    /// The gateway gave this token; it is what is tried from now on. False when it is known already.
    pub(super) fn keep(&mut self, token: &str) -> bool {
        let token = Auth::DeviceToken(token.to_owned());
        if self.0.front() == Some(&token) {
            return false;
        }
        self.0.retain(|auth| !matches!(auth, Auth::DeviceToken(_)));
        self.0.push_front(token);
        true
    }
}

#[cfg(test)]
mod tests {
    use openclaw_gateway::config::Environment;

    use super::*;
    use crate::args::{NodeRunArgs, Root};

    fn found(config: &str, vars: &[(&str, &str)], host: &str, flags: &SecretArgs) -> Vec<Auth> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("openclaw.json"), config).unwrap();
        let state = ("OPENCLAW_STATE_DIR", dir.path().to_str().unwrap());
        let env = Environment::from_vars(vars.iter().copied().chain([state]));
        let settings = Settings::load(&Root::default(), &env).unwrap();
        let mut file = NodeFile::default();
        file.token = Some("own".into());
        let args = NodeRunArgs {
            host: Some(host.into()),
            port: Some(443),
            tls: true,
            tls_fingerprint: None,
            node_id: None,
            display_name: None,
            secret: flags.clone(),
        };
        let place = Place::choose(&args, &file, &env).unwrap();
        Secrets::find(&settings, flags, &place, &file).unwrap().0.into()
    }

    #[test]
    fn a_secret_goes_where_it_belongs() {
        let none = SecretArgs::default();
        let own = Auth::DeviceToken("own".into());
        let token = |text: &str| Auth::Token(text.into());
        let local = "{ gateway: { auth: { token: 'of-this-machine' } } }";
        assert_eq!(found(local, &[], "127.0.0.1", &none), [own.clone(), token("of-this-machine")]);
        assert_eq!(found(local, &[], "gw.example", &none), std::slice::from_ref(&own));
        let vars = [("OPENCLAW_GATEWAY_TOKEN", "given")];
        assert_eq!(found("{}", &vars, "gw.example", &none), [own.clone(), token("given")]);
        let remote = "{ gateway: { mode: 'remote', remote: { url: 'wss://gw.example:443', token: 'remote-token' } } }";
        assert_eq!(found(remote, &[], "gw.example", &none), [own.clone(), token("remote-token")]);
        assert_eq!(found(remote, &[], "other.example", &none), [own]);
        let flag = SecretArgs { token: Some("flag".into()), password: None };
        assert_eq!(found(remote, &vars, "other.example", &flag), [token("flag")]);
    }

    #[test]
    fn the_token_that_was_given_is_tried_first_and_dropped_when_it_is_refused() {
        let mut secrets = Secrets([Auth::Token("shared".into())].into());
        assert!(secrets.keep("mine"));
        assert!(!secrets.keep("mine"));
        assert_eq!(secrets.next(), Auth::DeviceToken("mine".into()));
        assert!(secrets.keep("newer"));
        assert!(secrets.drop_one());
        assert_eq!(secrets.next(), Auth::Token("shared".into()));
        assert!(!secrets.drop_one());
        assert_eq!(secrets.next(), Auth::None);
    }
}
