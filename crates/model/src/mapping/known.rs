//! Names of environments that everybody uses, in their spellings.

/// The name, and what else it is called; in the order of the columns.
const KNOWN: [(&str, &[&str]); 6] = [
    ("production", &["production", "prod", "prd", "live"]),
    ("canary", &["canary"]),
    ("staging", &["staging", "stage", "stg", "preprod", "pre-prod"]),
    ("test", &["test", "testing", "qa", "uat"]),
    ("development", &["development", "develop", "dev"]),
    ("sandbox", &["sandbox", "sbx"]),
];

/// The one name of an environment that has several spellings.
pub(super) fn canonical(word: &str) -> Option<&'static str> {
    let is = |spelling: &&str| spelling.eq_ignore_ascii_case(word);
    KNOWN.iter().find(|(_, spellings)| spellings.iter().any(is)).map(|(name, _)| *name)
}

/// The environment that a dashed name ends or begins with, and the name without it.
pub(super) fn split(name: &str) -> Option<(&'static str, &str)> {
    suffix(name).or_else(|| {
        let (first, rest) = name.split_once(['-', '_', '.'])?;
        Some((canonical(first)?, rest)).filter(|(_, rest)| !rest.is_empty())
    })
}

fn suffix(name: &str) -> Option<(&'static str, &str)> {
    // `pre-prod` holds a dash itself.
    let whole = name.strip_suffix("-pre-prod").map(|rest| ("staging", rest));
    whole
        .or_else(|| {
            let (rest, last) = name.rsplit_once(['-', '_', '.'])?;
            Some((canonical(last)?, rest))
        })
        .filter(|(_, rest)| !rest.is_empty())
}

/// Place among the columns that no rule orders; names that nobody knows come after, what has none last.
pub(super) fn order(name: &str) -> i32 {
    let known = KNOWN.iter().position(|(known, _)| *known == name).and_then(|at| i32::try_from(at).ok());
    known.unwrap_or(if name == super::environment::NONE { 1001 } else { 1000 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_spellings() {
        for (word, name) in [
            ("prod", "production"),
            ("PRD", "production"),
            ("stg", "staging"),
            ("qa", "test"),
            ("dev", "development"),
        ] {
            assert_eq!(canonical(word), Some(name));
        }
        assert_eq!(canonical("product"), None);
        assert_eq!(split("checkout-prod"), Some(("production", "checkout")));
        assert_eq!(split("control-panel-pre-prod"), Some(("staging", "control-panel")));
        assert_eq!(split("prod-checkout"), Some(("production", "checkout")));
        assert_eq!(split("dev-tools-staging"), Some(("staging", "dev-tools")));
        assert_eq!(split("reproduction"), None);
        assert_eq!(split("-prod"), None);
        assert_eq!(split("prod"), None);
    }
}
