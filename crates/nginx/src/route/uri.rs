//! Request targets and URIs: normalising, escaping, unescaping, byte by byte as nginx does it.

/// The parts of a request target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Target {
    /// The normalised path.
    pub uri: Vec<u8>,
    /// After the `?`, as sent.
    pub args: Vec<u8>,
    /// As sent, without scheme and host: `$request_uri`.
    pub unparsed: Vec<u8>,
    /// Whether `unparsed` may be sent on as it is.
    pub valid_unparsed: bool,
    pub quoted: bool,
    pub plus: bool,
    /// Host of an absolute-form target.
    pub host: Option<Vec<u8>>,
}

/// Takes a request target apart; `None` where nginx answers 400.
pub(crate) fn parse_target(raw: &[u8], merge_slashes: bool) -> Option<Target> {
    let mut target = Target { valid_unparsed: true, ..Target::default() };
    let rest = if raw.first() == Some(&b'/') { raw } else { absolute(raw, &mut target)? };
    if rest.is_empty() {
        target.unparsed = b"/".to_vec();
        target.uri = b"/".to_vec();
        return Some(target);
    }
    if rest.iter().any(|byte| *byte <= 0x20 || *byte == 0x7f) {
        return None;
    }
    target.unparsed = rest.to_vec();
    let empty_path = rest.first() == Some(&b'?');
    if empty_path {
        target.valid_unparsed = false;
    }
    normalise(rest, empty_path, merge_slashes, &mut target)?;
    Some(target)
}

/// `http://host...`: the host goes to `target`, what follows it is given back.
fn absolute<'r>(raw: &'r [u8], target: &mut Target) -> Option<&'r [u8]> {
    let colon = raw.iter().position(|byte| *byte == b':')?;
    let scheme = raw.get(..colon)?;
    let (first, others) = scheme.split_first()?;
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    if !first.is_ascii_alphabetic() || !others.iter().all(allowed) {
        return None;
    }
    let rest = raw.get(colon..)?.strip_prefix(b"://")?;
    let host_len = if rest.first() == Some(&b'[') {
        let close = rest.iter().position(|byte| *byte == b']')?;
        let inside = rest.get(1..close)?;
        let literal = |b: &u8| b.is_ascii_alphanumeric() || b":-._~!$&'()*+,;=".contains(b);
        if !inside.iter().all(literal) {
            return None;
        }
        close + 1
    } else {
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')).count()
    };
    if host_len == 0 {
        return None;
    }
    let (host, mut rest) = rest.split_at(host_len);
    if let Some(port) = rest.strip_prefix(b":") {
        let digits = port.iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest = port.get(digits..)?;
    }
    if !matches!(rest.first(), None | Some(b'/' | b'?')) {
        return None;
    }
    target.host = Some(host.to_vec());
    Some(rest)
}

/// Whether what was read so far can be the beginning of a target with scheme and host, as a proxy is asked.
pub(crate) fn may_have_host(read: &[u8]) -> bool {
    [b"".as_slice(), b"a", b"/a", b"//a", b"://a", b"a]"]
        .iter()
        .any(|rest| absolute(&[read, rest].concat(), &mut Target::default()).is_some())
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Usual,
    Slash,
    Dot,
    DotDot,
}

fn normalise(raw: &[u8], empty_path: bool, merge_slashes: bool, target: &mut Target) -> Option<()> {
    let mut out: Vec<u8> = Vec::with_capacity(raw.len());
    if empty_path {
        out.push(b'/');
    }
    let mut state = State::Usual;
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        at += 1;
        let mut ch = byte;
        let mut decoded = false;
        if ch == b'%' {
            target.quoted = true;
            let high = char::from(*raw.get(at)?).to_digit(16)?;
            let low = char::from(*raw.get(at + 1)?).to_digit(16)?;
            at += 2;
            ch = u8::try_from(high * 16 + low).ok()?;
            if ch == 0 {
                return None;
            }
            // these lose their meaning when they come encoded; `/` and `.` do not
            decoded = matches!(ch, b'%' | b'#' | b'?');
        }
        if ch == b'+' {
            target.plus = true;
        }
        if !decoded && matches!(ch, b'?' | b'#') {
            close(&mut out, state)?;
            if ch == b'?' {
                let rest = raw.get(at..).unwrap_or_default();
                let end = rest.iter().position(|byte| *byte == b'#').unwrap_or(rest.len());
                target.args = rest.get(..end).unwrap_or_default().to_vec();
            }
            target.uri = out;
            return Some(());
        }
        if decoded {
            out.push(ch);
            state = State::Usual;
            continue;
        }
        state = match (state, ch) {
            (State::Usual, b'/') => {
                out.push(ch);
                State::Slash
            }
            (State::Slash, b'/') => {
                if !merge_slashes {
                    out.push(ch);
                }
                State::Slash
            }
            (State::Slash, b'.') => {
                out.push(ch);
                State::Dot
            }
            (State::Dot, b'/') => {
                out.pop();
                State::Slash
            }
            (State::Dot, b'.') => {
                out.push(ch);
                State::DotDot
            }
            (State::DotDot, b'/') => {
                up(&mut out)?;
                State::Slash
            }
            _ => {
                out.push(ch);
                State::Usual
            }
        };
    }
    close(&mut out, state)?;
    target.uri = out;
    Some(())
}

fn close(out: &mut Vec<u8>, state: State) -> Option<()> {
    match state {
        State::Dot => {
            out.pop();
        }
        State::DotDot => up(out)?,
        _ => {}
    }
    Some(())
}

/// Removes `name/..`; `None` above the root.
fn up(out: &mut Vec<u8>) -> Option<()> {
    let from = out.len().checked_sub(4)?;
    let slash = out.get(..=from)?.iter().rposition(|byte| *byte == b'/')?;
    out.truncate(slash + 1);
    Some(())
}

/// The host of a Host header or target: lower case, without port and last dot; `None` where nginx answers 400.
pub(crate) fn valid_host(host: &[u8]) -> Option<Vec<u8>> {
    let mut len = host.len();
    let mut dot: Option<usize> = None;
    let mut rest = false;
    let mut literal = false;
    for (index, byte) in host.iter().copied().enumerate() {
        match byte {
            b'.' => {
                if dot.is_some_and(|dot| dot + 1 == index) {
                    return None;
                }
                dot = Some(index);
            }
            b':' if !rest && !literal => {
                len = index;
                rest = true;
            }
            b'[' if index == 0 => literal = true,
            b']' if literal && !rest => {
                len = index + 1;
                rest = true;
                literal = false;
            }
            b'/' => return None,
            _ if byte <= 0x20 || byte == 0x7f => return None,
            _ => {}
        }
    }
    if len > 0 && dot == Some(len - 1) {
        len -= 1;
    }
    if len == 0 {
        return None;
    }
    host.get(..len).map(<[u8]>::to_ascii_lowercase)
}
