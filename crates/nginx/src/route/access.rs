//! The access phase: addresses, passwords, subrequests.

use super::run::{Next, Run, Val};
use crate::config::model::{AccessRule, Who};
use crate::config::net::unmapped;

impl Run<'_> {
    /// `allow`/`deny`, passwords, the subrequest that decides.
    pub(super) fn access(&mut self) -> Option<Next> {
        let set = self.loc().set.clone();
        let any = set.satisfy_any;
        let mut denied: Option<u16> = None;
        // address
        if !set.access.is_empty() {
            match self.address_allowed(&set.access) {
                Some(true) if any => return None,
                Some(false) if any => denied = Some(403),
                Some(false) => {
                    self.say("deny: this client is not let in");
                    return Some(Next::Status(403, None));
                }
                _ => {}
            }
        }
        // password
        if let Some(realm) = &set.auth_basic
            && self.eval(realm, false) != Val::Known(b"off".to_vec())
        {
            let given = self.known.partly
                || self.request.header("authorization").is_some_and(|value| {
                    value.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"basic "))
                });
            let status = if given {
                let options = [
                    "the password is right".to_owned(),
                    "the user or password is wrong".to_owned(),
                    "the password file is missing".to_owned(),
                ];
                [None, Some(401), Some(403)][self.choices.choose("auth_basic", &options).min(2)]
            } else {
                Some(401)
            };
            match (status, any) {
                (None, true) => return None,
                (None, false) => {}
                (Some(status), true) => denied = Some(status),
                (Some(status), false) => {
                    self.say("auth_basic: no valid user and password");
                    return Some(Next::Status(status, None));
                }
            }
        }
        // subrequest
        if set.auth_request.is_some() {
            let options = [
                "auth_request lets the request in".to_owned(),
                "auth_request answers 401".to_owned(),
                "auth_request answers 403".to_owned(),
                "auth_request fails or answers with another status".to_owned(),
            ];
            let status = match self.choices.choose("auth_request", &options) {
                0 if any => return None,
                0 => None,
                1 => Some(401),
                2 => Some(403),
                _ => Some(500),
            };
            if let Some(status) = status {
                if any && status != 500 {
                    denied = Some(denied.filter(|before| *before == 401).unwrap_or(status));
                } else {
                    self.say(format!("auth_request answers {status}"));
                    return Some(Next::Status(status, None));
                }
            }
        }
        if let Some(status) = denied {
            self.say("satisfy any: nothing lets the request in");
            return Some(Next::Status(status, None));
        }
        None
    }

    /// Whether the client's address is let in; `None` when no rule speaks of it.
    pub(super) fn address_allowed(&mut self, rules: &[AccessRule]) -> Option<bool> {
        let Some(client) = self.client.map(unmapped) else {
            // without an address only a list that treats all alike can be decided
            if let Some(first) = rules.first()
                && first.who == Who::All
            {
                return Some(first.allow);
            }
            let options = [
                "the client's address is let in".to_owned(),
                "the client's address is not let in".to_owned(),
            ];
            return Some(self.choices.choose("client address", &options) == 0);
        };
        rules
            .iter()
            .find(|rule| match rule.who {
                Who::All => true,
                Who::Net(net) => net.contains(client),
                Who::Unix => false,
            })
            .map(|rule| rule.allow)
    }
}
