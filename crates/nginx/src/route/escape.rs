//! Escaping and unescaping, byte by byte as nginx does it; arguments and cookies.

pub(crate) fn escaped(text: &[u8], special: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if *byte <= 0x20 || *byte >= 0x7f || special.contains(byte) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(*byte);
        }
    }
    out
}

/// A path as nginx writes it into a new request line.
pub(crate) fn escape_uri(text: &[u8]) -> Vec<u8> {
    escaped(text, b"\"#%<>?\\^`{|}")
}

/// A group of a pattern as nginx writes it into arguments and redirects.
pub(crate) fn escape_args(text: &[u8]) -> Vec<u8> {
    escaped(text, b"\"#%&+;<>?\\^`{|}")
}

/// The replacement of a redirecting `rewrite`: printable characters are decoded up to the `?`.
pub(crate) fn unescape_redirect(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte == b'?' {
            out.push(byte);
            break;
        }
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let Some(high) = text.get(at).copied() else { break };
        at += 1;
        let Some(high_value) = char::from(high).to_digit(16) else {
            out.push(high);
            continue;
        };
        let Some(low) = text.get(at).copied() else { break };
        at += 1;
        let Some(low_value) = char::from(low).to_digit(16) else { continue };
        let value = u8::try_from(high_value * 16 + low_value).unwrap_or(0);
        if value == b'?' && !low.is_ascii_digit() {
            out.push(value);
            break;
        }
        if value > b'%' && value < 0x7f {
            out.push(value);
        } else {
            out.extend([b'%', high, low]);
        }
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

/// The value of an argument, as `$arg_name` finds it.
pub(crate) fn argument<'a>(args: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    if name.is_empty() {
        return None;
    }
    args.split(|byte| *byte == b'&').find_map(|pair| {
        let (key, value) = (pair.get(..name.len())?, pair.get(name.len()..)?);
        key.eq_ignore_ascii_case(name).then(|| value.strip_prefix(b"=")).flatten()
    })
}

/// The value of a cookie, as `$cookie_name` finds it.
pub(crate) fn cookie<'a>(header: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = header;
    loop {
        rest = rest.trim_ascii_start();
        let key = rest.get(..name.len());
        if key.is_some_and(|key| key.eq_ignore_ascii_case(name)) {
            let after = rest.get(name.len()..).unwrap_or_default();
            let spaces = after.iter().take_while(|byte| **byte == b' ').count();
            if after.get(spaces) == Some(&b'=') {
                let value = after.get(spaces + 1..).unwrap_or_default();
                let start = value.iter().take_while(|byte| **byte == b' ').count();
                let value = value.get(start..).unwrap_or_default();
                let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
                return value.get(..end);
            }
        }
        let next = rest.iter().position(|byte| matches!(byte, b';' | b','))?;
        rest = rest.get(next + 1..)?;
    }
}
