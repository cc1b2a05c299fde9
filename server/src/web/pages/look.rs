//! Language and theme: asked for in the address, else remembered in a cookie, else as the browser says.

use axum::http::{HeaderMap, header};
use landfall_app::{data::Theme, lang::Lang, links::Params};

pub(super) const LANG_COOKIE: &str = "landfall_lang";
pub(super) const THEME_COOKIE: &str = "landfall_theme";

/// What the reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub lang: Lang,
    pub theme: Theme,
    /// `?lang=`: to be remembered.
    pub asked_lang: Option<Lang>,
    /// `?theme=`: to be remembered.
    pub asked_theme: Option<Theme>,
}

impl Look {
    pub fn of(headers: &HeaderMap, params: &Params) -> Self {
        let asked_lang = params.get("lang").and_then(Lang::parse);
        let asked_theme = params.get("theme").and_then(Theme::parse);
        let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let lang = asked_lang
            .or_else(|| cookie(headers, LANG_COOKIE).and_then(Lang::parse))
            .or_else(|| text(header::ACCEPT_LANGUAGE).and_then(Lang::negotiate))
            .unwrap_or_default();
        let theme =
            asked_theme.or_else(|| cookie(headers, THEME_COOKIE).and_then(Theme::parse)).unwrap_or_default();
        Self { lang, theme, asked_lang, asked_theme }
    }

    /// For the key of the page cache.
    pub fn key(self) -> String {
        format!("{}/{}/", self.lang.tag(), self.theme.as_str())
    }
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(headers: &[(&'static str, &'static str)], query: &str) -> Look {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        Look::of(&map, &Params::parse(query))
    }

    #[test]
    fn the_address_wins_then_the_cookie_then_the_browser() {
        let browser = ("accept-language", "ja,en;q=0.5");
        assert_eq!(look(&[browser], "").lang, Lang::Ja);
        assert_eq!(look(&[browser, ("cookie", "a=b; landfall_lang=en")], "").lang, Lang::En);
        assert_eq!(look(&[browser, ("cookie", "landfall_lang=en")], "lang=ja").lang, Lang::Ja);
        assert_eq!(look(&[("cookie", "landfall_theme=dark")], "").theme, Theme::Dark);
        assert_eq!(look(&[("cookie", "landfall_theme=\"><script>")], "").theme, Theme::System);
        assert_eq!(look(&[], "lang=xx").asked_lang, None);
    }
}
