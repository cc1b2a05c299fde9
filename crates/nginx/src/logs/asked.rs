//! From a line's values to the request that nginx had: method, target, host, the sockets it can have come in on.

use std::rc::Rc;

use super::setup::Setup;
use crate::config::model::ServerId;

/// A variable's value without its escapes, where the format has it and the line tells it.
pub(super) type Value<'v> = &'v dyn Fn(Option<usize>) -> Option<Vec<u8>>;

impl Setup<'_> {
    /// Method and raw target; no target when the request is no HTTP.
    pub fn method_and_target(&self, value: Value<'_>) -> (Vec<u8>, Option<Vec<u8>>) {
        if self.wanted.request.is_some() {
            return request_line(&value(self.wanted.request).unwrap_or_default());
        }
        let method = value(self.wanted.method).unwrap_or_else(|| b"GET".to_vec());
        if let Some(target) = value(self.wanted.request_uri) {
            return (method, Some(target));
        }
        // only the normalised URI was logged: it is written as a target would be
        let target = value(self.wanted.uri).map(|uri| {
            let mut target = crate::route::escape_uri(&uri);
            if let Some(args) = value(self.wanted.args) {
                target.push(b'?');
                target.extend_from_slice(&args);
            }
            target
        });
        (method, target)
    }

    /// As logged, lower case, without port and last dot; the file's server's first name where no host is logged.
    pub fn host(&self, target: Option<&Vec<u8>>, value: Value<'_>) -> Option<Vec<u8>> {
        if self.wanted.host.is_some() {
            return clean(&value(self.wanted.host)?);
        }
        if self.wanted.http_host.is_some() {
            let absolute = target
                .filter(|target| target.first() != Some(&b'/'))
                .and_then(|target| crate::route::parse_target(target, true).and_then(|target| target.host));
            return clean(&absolute.or_else(|| value(self.wanted.http_host))?);
        }
        match self.servers.as_slice() {
            [only] => {
                let name = &self.config.http.servers[only.0].names.first()?.written;
                (!name.is_empty()).then(|| name.to_ascii_lowercase().into_bytes())
            }
            _ => None,
        }
    }

    /// The sockets that port and scheme leave of `all`.
    pub fn narrowed(
        &self,
        all: &Rc<Vec<usize>>,
        port: Option<&[u8]>,
        scheme: Option<&[u8]>,
    ) -> Rc<Vec<usize>> {
        if port.is_none() && scheme.is_none() {
            return Rc::clone(all);
        }
        let port: Option<u16> = port.and_then(|port| std::str::from_utf8(port).ok()?.parse().ok());
        let tls = scheme.map(|scheme| scheme == b"https");
        let left: Vec<usize> = all
            .iter()
            .copied()
            .filter(|index| {
                let socket = &self.config.http.sockets[*index];
                port.is_none_or(|port| socket.address.port() == Some(port))
                    && tls.is_none_or(|tls| socket.ssl == tls)
            })
            .collect();
        if left.is_empty() { Rc::clone(all) } else { Rc::new(left) }
    }

    pub fn default_server(&self, sockets: &[usize]) -> Option<ServerId> {
        if let [only] = self.servers.as_slice() {
            return Some(*only);
        }
        sockets.first().map(|index| self.config.http.sockets[*index].default)
    }
}

/// Method and target of a request line.
fn request_line(request: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    let mut parts = request.splitn(2, |byte| *byte == b' ');
    let method = parts.next().unwrap_or_default().to_vec();
    let rest = parts.next();
    let token = !method.is_empty()
        && method.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'));
    let target = rest.filter(|_| token).and_then(|rest| match rest.iter().rposition(|byte| *byte == b' ') {
        Some(space) if rest.get(space + 1..).is_some_and(|v| v.starts_with(b"HTTP/")) => {
            Some(rest.get(..space)?.to_vec())
        }
        _ => None,
    });
    (method, target)
}

fn clean(host: &[u8]) -> Option<Vec<u8>> {
    match crate::route::valid_host(host) {
        Some(host) => Some(host),
        None => (!host.is_empty()).then(|| host.to_ascii_lowercase()),
    }
}
