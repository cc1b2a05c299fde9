//! The end of a Lua block: braces in strings, long brackets and comments do not count.

/// Number of bytes up to the brace that closes the block, or `None` when it never closes.
pub(super) fn block_len(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            b'"' | b'\'' => {
                at = end_of_string(text, at)?;
                continue;
            }
            b'-' if text.get(at + 1) == Some(&b'-') => {
                at += 2;
                at = match long_bracket(text, at) {
                    Some(end) => end,
                    None => text.get(at..)?.iter().position(|byte| *byte == b'\n')? + at,
                };
                continue;
            }
            b'[' => {
                if let Some(end) = long_bracket(text, at) {
                    at = end;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn end_of_string(text: &[u8], start: usize) -> Option<usize> {
    let quote = *text.get(start)?;
    let mut at = start + 1;
    loop {
        match *text.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The end of `[[ ]]` or `[==[ ]==]` that begins at `start`.
fn long_bracket(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start) != Some(&b'[') {
        return None;
    }
    let level = text.get(start + 1..)?.iter().take_while(|byte| **byte == b'=').count();
    if text.get(start + 1 + level) != Some(&b'[') {
        return None;
    }
    let mut close = vec![b']'];
    close.extend(std::iter::repeat_n(b'=', level));
    close.push(b']');
    let from = start + 2 + level;
    let found = text.get(from..)?.windows(close.len()).position(|window| window == close)?;
    Some(from + found + close.len())
}
