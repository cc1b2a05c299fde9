//! Which Applications belong to a pull request, and to which.

use super::{Asked, origin::by_template, template::Read};
use crate::reduce::CHANGE_REQUEST;

/// Number of the pull request: what the set's template writes as a label, else what it makes of the name, else the
/// number in a name such as `shop-pr-7`. Never a guess between two.
pub(super) fn number(asked: &Asked<'_>) -> Option<u64> {
    if let Some((_, number)) = labelled(asked) {
        return Some(number);
    }
    match asked.previews.map_or(Read::Nothing, |set| by_template(asked, set)) {
        Read::Number(number) => Some(number),
        Read::Ambiguous => None,
        Read::Nothing => split(&asked.name.name).and_then(|(_, number)| number.parse().ok()),
    }
}

/// The label by which an Application says itself that it is a pull request's, and of which.
pub(super) fn labelled(asked: &Asked<'_>) -> Option<(&'static str, u64)> {
    let number = |key| asked.label(key).filter(|number| is_number(number)).and_then(|it| it.parse().ok());
    ["landfall.dev/pr", CHANGE_REQUEST].into_iter().find_map(|key| Some((key, number(key)?)))
}

/// Whether an Application says itself that it is a pull request's.
pub(super) fn is_labelled(asked: &Asked<'_>) -> Option<&'static str> {
    let has = |key: &&str| asked.label(key).is_some();
    ["landfall.dev/pr", CHANGE_REQUEST].into_iter().find(has)
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
