//! One's own saved views, kept in a cookie of the reader's browser until there is sign-in.
//!
//! The cookie is the reader's own, but anything may be written into it: what does not hold the limits is left out.

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use landfall_app::{data::WrongView, links::Params};

use crate::web::pages::look::cookie;

pub(in crate::web::pages) const COOKIE: &str = "landfall_views";

/// Views that one may have, characters of a name, bytes of a query string.
pub(super) const MOST: usize = 12;
const NAME: usize = 40;
const QUERY: usize = 600;
/// Browsers keep 4,096 bytes of a cookie, name and attributes included.
const COOKIE_BYTES: usize = 3_800;

/// Name and query string of each, in the order in which they were saved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::web::pages) struct OwnViews(Vec<(String, String)>);

impl OwnViews {
    /// The views of whoever asks.
    pub fn of(headers: &HeaderMap) -> Self {
        cookie(headers, COOKIE).map(Self::decode).unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, query)| (name.as_str(), query.as_str()))
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn decode(text: &str) -> Self {
        let read = || -> Option<Vec<(String, String)>> {
            (text.len() <= COOKIE_BYTES).then_some(())?;
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
        };
        let mut views = Self::default();
        for (name, query) in read().unwrap_or_default() {
            let _ = views.save(&name, &query);
        }
        views
    }

    /// The value of the cookie.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.0).unwrap_or_default())
    }

    /// Keeps a question under a name; one that has this name already is replaced.
    pub fn save(&mut self, name: &str, query: &str) -> Result<(), WrongView> {
        let name = cleaned(name)?;
        let query = Params::parse(query).question().on("").trim_start_matches('?').to_owned();
        if query.is_empty() {
            return Err(WrongView::NoQuestion);
        }
        if query.len() > QUERY {
            return Err(WrongView::LongQuestion { most: QUERY });
        }
        let mut next = self.clone();
        match next.0.iter().position(|(known, _)| *known == name) {
            Some(at) => next.0[at].1 = query,
            None if next.0.len() >= MOST => return Err(WrongView::TooMany { most: MOST }),
            None => next.0.push((name, query)),
        }
        self.replace(next)
    }

    /// Gives a view another name.
    pub fn rename(&mut self, name: &str, to: &str) -> Result<(), WrongView> {
        let to = cleaned(to)?;
        let mut next = self.clone();
        if name != to && next.0.iter().any(|(known, _)| *known == to) {
            return Err(WrongView::Taken(to));
        }
        let view = next.0.iter_mut().find(|(known, _)| known == name);
        view.ok_or_else(|| WrongView::Unknown(name.to_owned()))?.0 = to;
        self.replace(next)
    }

    /// Forgets a view.
    pub fn delete(&mut self, name: &str) -> Result<(), WrongView> {
        let at = self.0.iter().position(|(known, _)| known == name);
        self.0.remove(at.ok_or_else(|| WrongView::Unknown(name.to_owned()))?);
        Ok(())
    }

    /// Takes `next` where a cookie can hold it.
    fn replace(&mut self, next: Self) -> Result<(), WrongView> {
        if next.encode().len() > COOKIE_BYTES {
            return Err(WrongView::TooLarge);
        }
        *self = next;
        Ok(())
    }
}

/// A name without what cannot be seen, single spaces between its words.
fn cleaned(name: &str) -> Result<String, WrongView> {
    let visible: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(WrongView::NoName),
        n if n > NAME => Err(WrongView::LongName { most: NAME }),
        _ => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(views: &[(&str, &str)]) -> OwnViews {
        let mut own = OwnViews::default();
        for (name, query) in views {
            own.save(name, query).expect("a view that can be saved");
        }
        own
    }

    #[test]
    fn what_is_saved_is_the_question_without_moment_place_and_look() {
        let own = with(&[(
            "  My \n team ",
            "team=a&team=b&at=-1d&since=-2d&cursor=x&lang=ja&theme=dark&sort=since",
        )]);
        assert_eq!(own.iter().collect::<Vec<_>>(), [("My team", "team=a&team=b&sort=since")]);
        assert_eq!(OwnViews::decode(&own.encode()), own);
    }

    #[test]
    fn each_limit_says_so_and_changes_nothing() {
        let mut own = with(&[("a", "q=1"), ("b", "q=2")]);
        let before = own.clone();
        assert_eq!(own.save(" \u{7} ", "q=1"), Err(WrongView::NoName));
        assert_eq!(own.save(&"n".repeat(41), "q=1"), Err(WrongView::LongName { most: 40 }));
        assert_eq!(own.save("c", "at=-1d"), Err(WrongView::NoQuestion));
        assert_eq!(
            own.save("c", &format!("q={}", "x".repeat(600))),
            Err(WrongView::LongQuestion { most: 600 })
        );
        assert_eq!(own.rename("a", "b"), Err(WrongView::Taken("b".to_owned())));
        assert_eq!(own.rename("z", "c"), Err(WrongView::Unknown("z".to_owned())));
        assert_eq!(own.delete("z"), Err(WrongView::Unknown("z".to_owned())));
        assert_eq!(own, before);
        for n in 2..MOST {
            own.save(&format!("v{n}"), "q=1").expect("there is room");
        }
        assert_eq!(own.save("one more", "q=1"), Err(WrongView::TooMany { most: MOST }));
        own.save("a", "q=3").expect("replaces");
        let long = format!("q={}", "x".repeat(590));
        let full = (0..MOST).find_map(|n| own.save(&format!("v{n}"), &long).err());
        assert!(matches!(full, Some(WrongView::TooLarge | WrongView::TooMany { .. })), "{full:?}");
        assert!(own.encode().len() <= COOKIE_BYTES);
    }

    #[test]
    fn renamed_and_deleted() {
        let mut own = with(&[("a", "q=1"), ("b", "q=2")]);
        own.rename("a", "c").expect("there is an a");
        own.rename("c", "c").expect("its own name is free");
        own.delete("b").expect("there is a b");
        assert_eq!(own.iter().collect::<Vec<_>>(), [("c", "q=1")]);
    }

    proptest! {
        #[test]
        fn whatever_stands_in_the_cookie_holds_the_limits(text in ".{0,200}", names in prop::collection::vec(".{0,60}", 0..20)) {
            let _ = OwnViews::decode(&text);
            let raw: Vec<(String, String)> = names.into_iter().map(|n| (n.clone(), format!("q={n}"))).collect();
            let read = OwnViews::decode(&URL_SAFE_NO_PAD.encode(serde_json::to_vec(&raw).expect("JSON")));
            prop_assert!(read.0.len() <= MOST);
            prop_assert_eq!(OwnViews::decode(&read.encode()), read);
        }
    }
}
