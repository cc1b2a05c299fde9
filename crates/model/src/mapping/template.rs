//! Names that an ApplicationSet's template made, read backwards: the pull request's number in `shop-pr-7` of
//! `shop-pr-{{.number}}`.

use regex::Regex;

/// What a name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Number(u64),
    /// It can be read in several ways.
    Ambiguous,
    /// The template has no number in it, or did not make this name.
    Nothing,
}

/// Reads `name` by its template, in Go's form (`{{.number}}`) or the old one (`{{number}}`).
pub(super) fn number(template: &str, name: &str) -> Read {
    // What other parameters were is not known: the number is sure only if it is the same whatever they took.
    let Some((lazy, greedy)) = read(template, name, ".*?").zip(read(template, name, ".*")) else {
        return Read::Nothing;
    };
    if lazy == greedy { Read::Number(lazy) } else { Read::Ambiguous }
}

fn read(template: &str, name: &str, other: &str) -> Option<u64> {
    let (mut pattern, mut rest, mut numbers) = (String::from("^"), template, 0);
    while let Some((literal, tail)) = rest.split_once("{{") {
        let (expression, tail) = tail.split_once("}}")?;
        pattern += &regex::escape(literal);
        if is_number(expression) {
            pattern += "([0-9]{1,10})";
            numbers += 1;
        } else {
            pattern += other;
        }
        rest = tail;
    }
    pattern += &regex::escape(rest);
    pattern.push('$');
    if numbers == 0 {
        return None;
    }
    let captures = Regex::new(&pattern).ok()?.captures(name)?;
    let mut found = captures.iter().skip(1).flatten().map(|number| number.as_str().parse::<u64>().ok());
    let first = found.next()??;
    // Named twice, it is the same both times.
    found.all(|number| number == Some(first)).then_some(first)
}

/// `.number`, `number`, `- .number | toString -`.
fn is_number(expression: &str) -> bool {
    let plain = expression.trim_matches(|c: char| c == '-' || c.is_whitespace());
    let first = plain.split('|').next().unwrap_or_default().trim();
    matches!(first, ".number" | "number" | "$.number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_number_back() {
        for (template, name, number) in [
            ("shop-pr-{{.number}}", "shop-pr-7", 7),
            ("shop-pr-{{ number }}", "shop-pr-7", 7),
            ("{{.number}}-shop", "42-shop", 42),
            ("shop-{{ .branch_slug }}-{{ .number }}", "shop-fix-12-7", 7),
            ("{{.number}}-{{.branch_slug}}", "7-fix-12", 7),
            ("{{.service}}-{{- .number | toString -}}", "web-pr-7", 7),
            ("pr{{.number}}-web-{{.number}}", "pr7-web-7", 7),
        ] {
            assert_eq!(super::number(template, name), Read::Number(number), "{template} {name}");
        }
    }

    #[test]
    fn never_guesses() {
        for (template, name) in
            [("shop-{{.branch_slug}}{{.number}}", "shop-fix12"), ("{{.a}}{{.number}}{{.b}}", "x12y")]
        {
            assert_eq!(super::number(template, name), Read::Ambiguous, "{template} {name}");
        }
        for (template, name) in [
            ("shop-pr-{{.number}}", "shop-7"),
            ("shop-{{.branch_slug}}", "shop-7"),
            ("pr{{.number}}-web-{{.number}}", "pr7-web-8"),
            ("shop-pr-{{.number", "shop-pr-7"),
            ("shop-pr-{{.number}}", "shop-pr-12345678901"),
        ] {
            assert_eq!(super::number(template, name), Read::Nothing, "{template} {name}");
        }
    }
}
