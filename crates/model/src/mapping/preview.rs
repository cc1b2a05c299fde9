//! Which Applications belong to a pull request, and to which.

use super::Asked;

/// Number of the pull request: the label that the set's template writes, else the number in a name such as
/// `shop-pr-7`. Never a guess between two.
pub(super) fn number<'a>(asked: &'a Asked<'_>) -> Option<&'a str> {
    let label = asked.label("landfall.dev/pr").filter(|number| is_number(number));
    label.or_else(|| split(&asked.name.name).map(|(_, number)| number))
}

/// Whether an Application says itself that it is a pull request's.
pub(super) fn is_labelled(asked: &Asked<'_>) -> bool {
    asked.label("landfall.dev/pr").is_some()
}

/// `shop-pr-7` as `shop` and `7`; `pr-7-shop` as well.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    for marker in ["-pr-", "-pr", "-mr-", "-pull-", "-preview-"] {
        if let Some((rest, number)) = name.rsplit_once(marker)
            && is_number(number)
        {
            return Some((rest, number));
        }
    }
    let (number, rest) = name.strip_prefix("pr-")?.split_once('-')?;
    is_number(number).then_some((rest, number))
}

fn is_number(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_number_in_a_name() {
        assert_eq!(split("shop-pr-7"), Some(("shop", "7")));
        assert_eq!(split("shop-web-pr123"), Some(("shop-web", "123")));
        assert_eq!(split("pr-7-shop"), Some(("shop", "7")));
        assert_eq!(split("shop-preview-12"), Some(("shop", "12")));
        for name in ["shop", "shop-pr-", "shop-pr-x7", "shop-product", "pr-7", "shop-pr-12345678901"] {
            assert_eq!(split(name), None, "{name}");
        }
    }
}
