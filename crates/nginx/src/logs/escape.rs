//! What nginx writes for bytes that a log cannot hold, and back.

use memchr::memchr;

/// Whether every backslash begins `\xHH`: nginx escapes the backslash itself, too.
pub(super) fn escapes_are_whole(value: &[u8]) -> bool {
    memchr::memchr_iter(b'\\', value).all(|at| {
        value.get(at + 1) == Some(&b'x')
            && value.get(at + 2..at + 4).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    })
}

pub(super) fn unescape_default(raw: &[u8]) -> Vec<u8> {
    if memchr(b'\\', raw).is_none() {
        return raw.to_vec();
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        let hex = |index: usize| raw.get(index).and_then(|byte| char::from(*byte).to_digit(16));
        if byte == b'\\'
            && raw.get(at + 1) == Some(&b'x')
            && let (Some(high), Some(low)) = (hex(at + 2), hex(at + 3))
        {
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            at += 4;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

pub(super) fn unescape_json(raw: &[u8]) -> Vec<u8> {
    if memchr(b'\\', raw).is_none() {
        return raw.to_vec();
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&escaped) = raw.get(at) else { break };
        at += 1;
        match escaped {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'u' => {
                let code = raw.get(at..at + 4).and_then(|hex| std::str::from_utf8(hex).ok());
                if let Some(code) = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()) {
                    let mut buffer = [0; 4];
                    let text = char::from_u32(code).unwrap_or('\u{fffd}').encode_utf8(&mut buffer);
                    out.extend_from_slice(text.as_bytes());
                    at += 4;
                }
            }
            other => out.push(other),
        }
    }
    out
}
