//! What decides the route of a line, so that the next line that says the same needs no look-up.

use super::counts::hash_of;
use super::line::LineReader;

impl LineReader<'_, '_> {
    /// What decides the route of a line, as a hash: the location where the target's text alone finds one that
    /// decides by itself, else the whole request.
    pub(super) fn memo_key<'l>(&self, raw: &dyn Fn(Option<usize>) -> Option<&'l [u8]>) -> Option<u64> {
        let wanted = &self.setup.wanted;
        let request = raw(wanted.request)?;
        let host = raw(wanted.host.or(wanted.http_host)).unwrap_or_default();
        let mut parts: [&[u8]; 6] = [b"", host, b"", b"", b"", b""];
        for (part, index) in
            parts[2..].iter_mut().zip([wanted.upstream, wanted.status, wanted.port, wanted.scheme])
        {
            *part = raw(index).unwrap_or_default();
        }
        if let Some(place) = self.plain_place(request, host) {
            let place = place.to_le_bytes();
            parts[0] = &place;
            return Some(hash_of(self.setup.hasher, &parts));
        }
        parts[0] = request;
        let mut parts = parts.to_vec();
        parts.extend(wanted.headers.iter().map(|(_, index)| raw(Some(*index)).unwrap_or_default()));
        if self.router.by_client {
            parts.push(raw(wanted.client).unwrap_or_default());
        }
        Some(hash_of(self.setup.hasher, &parts))
    }

    /// Server and location of a target that needs no normalising.
    pub(super) fn plain_place(&self, request: &[u8], host: &[u8]) -> Option<u64> {
        let [socket] = self.sockets.as_slice() else { return None };
        let (method, rest) = if let Some(rest) = request.strip_prefix(b"GET ") {
            (0, rest)
        } else {
            (1, request.strip_prefix(b"POST ")?)
        };
        let target = rest.strip_suffix(b" HTTP/1.1").or_else(|| rest.strip_suffix(b" HTTP/2.0"))?;
        let path = memchr::memchr(b'?', target).map_or(target, |mark| &target[..mark]);
        let mut before = 0;
        let simple = path.first() == Some(&b'/')
            && path.iter().all(|byte| {
                let doubled = before == b'/' && matches!(byte, b'/' | b'.');
                before = *byte;
                !doubled && (byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.'))
            })
            && target[path.len()..]
                .iter()
                .all(|byte| (0x21..0x7f).contains(byte) && *byte != b'#' && *byte != b'\\');
        if !simple {
            return None;
        }
        let loc = self.router.plain(*socket, host, path)?;
        let folder = u64::from(path.ends_with(b"/"));
        Some((loc.0 as u64) << 2 | folder << 1 | method)
    }
}
