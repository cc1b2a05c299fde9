//! The URI that an upstream receives.

use super::escape::escape_uri;
use super::run::{Run, Stop, Val};
use crate::config::model::{Handler, HandlerKind};

impl Run<'_> {
    /// The URI of the new request.
    pub(super) fn proxy_uri(
        &mut self,
        handler: &Handler,
        part: &[u8],
        variable: bool,
    ) -> Result<Option<Val>, Stop> {
        if variable && !part.is_empty() {
            return Ok(Some(Val::Known(part.to_vec())));
        }
        if part.is_empty() && self.valid_unparsed {
            return Ok(Some(Val::Known(self.unparsed.clone())));
        }
        let replaces = if self.valid_location && !part.is_empty() { handler.replaces } else { 0 };
        let Some(rest) = self.uri.get(replaces..) else {
            return Err(Self::stop(
                handler.directive,
                handler.pos,
                "the URI is shorter than the location's text",
            ));
        };
        let mut out = if self.valid_location { part.to_vec() } else { Vec::new() };
        if self.quoted || self.internal {
            out.extend_from_slice(&escape_uri(rest));
        } else {
            out.extend_from_slice(rest);
        }
        Ok(Some(self.with_args(out)))
    }

    pub(super) fn sent_uri(&self) -> Val {
        if self.valid_unparsed {
            return Val::Known(self.unparsed.clone());
        }
        let path = if self.quoted || self.internal { escape_uri(&self.uri) } else { self.uri.clone() };
        self.with_args(path)
    }

    pub(super) fn with_args_of(&self, path: Val) -> Val {
        match path {
            Val::Known(path) => self.with_args(path),
            unknown @ Val::Unknown(_) => unknown,
        }
    }

    pub(super) fn with_args(&self, mut path: Vec<u8>) -> Val {
        match &self.args {
            Val::Known(args) if args.is_empty() => Val::Known(path),
            Val::Known(args) => {
                path.push(b'?');
                path.extend_from_slice(args);
                Val::Known(path)
            }
            Val::Unknown(why) => Val::Unknown(why.clone()),
        }
    }

    /// What a FastCGI-like upstream takes for the request's URI.
    pub(super) fn param_uri(&mut self, kind: HandlerKind) -> Option<Val> {
        let params = self.loc().set.params.get(&kind)?.clone();
        let named = |name: &[u8]| params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let template =
            named(b"REQUEST_URI").or_else(|| named(b"DOCUMENT_URI")).or_else(|| named(b"SCRIPT_NAME"))?;
        Some(self.eval(&template, false))
    }
}
