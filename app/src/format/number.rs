//! Numbers.

use crate::lang::Lang;

/// A whole number in groups of three: a narrow space in English (SI style), a comma in Japanese.
pub fn whole(n: i64, lang: Lang) -> String {
    let digits = n.unsigned_abs().to_string();
    let separator = match lang {
        Lang::En => '\u{202f}',
        Lang::Ja => ',',
    };
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 3 + 1);
    if n < 0 {
        out.push('\u{2212}');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// The same for counts.
pub fn count(n: usize, lang: Lang) -> String {
    whole(i64::try_from(n).unwrap_or(i64::MAX), lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        assert_eq!(whole(0, Lang::En), "0");
        assert_eq!(whole(999, Lang::En), "999");
        assert_eq!(whole(-1_000, Lang::En), "\u{2212}1\u{202f}000");
        assert_eq!(whole(1_204_339, Lang::Ja), "1,204,339");
        assert_eq!(whole(i64::MIN, Lang::Ja), "\u{2212}9,223,372,036,854,775,808");
    }
}
