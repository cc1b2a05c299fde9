//! Who an object is, where nothing else can be read.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

use super::{
    lax::{Must, Str},
    meta::{Meta, Strict},
};

/// Reads `metadata` alone, also from an object whose rest is broken or cut off. `None` where it is not whole, or
/// stands there twice: a name that is not certain is no name.
pub(super) fn recover(text: &str) -> Option<Meta> {
    struct Finder<'f>(&'f mut Option<Meta>);
    impl<'de> Visitor<'de> for Finder<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<Strict<'de>>()? {
                if key.0 != "metadata" {
                    map.next_value::<IgnoredAny>()?;
                } else if self.0.take().is_some() {
                    return Err(A::Error::custom("metadata stands there twice"));
                } else {
                    *self.0 = Some(map.next_value::<Must<Identity<'de>>>()?.meta());
                }
            }
            Ok(())
        }
    }
    let mut found = None;
    // The outcome is in `found`, whether or not the rest of the object could be read.
    let _ = serde_json::Deserializer::from_str(text).deserialize_map(Finder(&mut found));
    found.filter(|meta| !meta.name.is_empty())
}

/// The part of `metadata` that [`recover`] insists on.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Identity<'a> {
    #[serde(borrow)]
    name: Strict<'a>,
    #[serde(borrow, default)]
    namespace: Option<Strict<'a>>,
    #[serde(borrow, default)]
    uid: Str<'a>,
    #[serde(borrow, default)]
    resource_version: Str<'a>,
}

impl Identity<'_> {
    fn meta(&self) -> Meta {
        let namespace = self.namespace.as_ref().map_or("", |namespace| &namespace.0);
        Meta::new(namespace, &self.name.0, &self.uid.0, &self.resource_version.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovers_who_it_is_from_what_is_left() {
        let whole = r#"{"kind":"Pod","metadata":{"name":"a","namespace":"b","uid":"u","resourceVersion":"7"},"spec":{"x":1}}"#;
        let meta = recover(whole).expect("whole");
        assert_eq!((&*meta.name, &*meta.namespace, meta.resource_version), ("a", "b", 7));
        assert_eq!(recover(&whole[..whole.len() - 5]).expect("cut in spec").name, "a");
        assert_eq!(recover(&whole[..60]), None, "cut inside metadata");
        assert_eq!(recover(r#"{"metadata":{"name":"a"},"metadata":{"name":"b"}}"#), None);
        assert_eq!(recover(r#"{"metadata":{"name":"a","name":"b"}}"#), None);
        assert_eq!(recover(r#"{"metadata":{"name":""}}"#), None);
        assert_eq!(recover(r#"{"metadata":["a","b","u"]}"#), None);
        assert_eq!(recover(r#"[{"name":"a"}]"#), None);
        assert_eq!(recover("[]"), None);
    }
}
