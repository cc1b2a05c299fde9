//! Values that may be missing, `null` or of another type than the API says.
//!
//! A wrong type in a field that only adds to the picture must not cost the whole object: such a value counts as
//! absent and is counted. Fields without which an object would say something wrong are declared with plain types
//! instead, and make it unreadable. All of it in one pass, borrowing text that has no escapes.

use std::{borrow::Cow, cell::Cell, fmt, marker::PhantomData};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

thread_local! {
    /// Values left out since the last [`take_left_out`]. A side channel because a visitor cannot return two things.
    static LEFT_OUT: Cell<u32> = const { Cell::new(0) };
}

/// How many values of an unexpected type were left out on this thread since the last call.
pub(super) fn take_left_out() -> u32 {
    LEFT_OUT.take()
}

pub(super) fn leave_out<T: Default>() -> T {
    LEFT_OUT.set(LEFT_OUT.get().saturating_add(1));
    T::default()
}

/// What a lenient type makes of each JSON type; by default nothing.
pub(super) trait Lax<'de>: Default {
    fn text(_: Cow<'de, str>) -> Self {
        leave_out()
    }
    fn flag(_: bool) -> Self {
        leave_out()
    }
    fn integer(_: i64) -> Self {
        leave_out()
    }
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(leave_out())
    }
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(leave_out())
    }
}

struct LaxVisitor<T>(PhantomData<T>);

impl<'de, T: Lax<'de>> Visitor<'de> for LaxVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_borrowed_str<E: Error>(self, v: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(v)))
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(v.to_owned())))
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<T, E> {
        Ok(T::flag(v))
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<T, E> {
        Ok(T::integer(v))
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<T, E> {
        Ok(i64::try_from(v).map_or_else(|_| leave_out(), T::integer))
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<T, E> {
        Ok(leave_out())
    }
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }
}

macro_rules! lax_deserialize {
    ($($ty:ty [$($generics:tt)*]);+ $(;)?) => {$(
        impl<$($generics)*> Deserialize<'de> for $ty {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(LaxVisitor(PhantomData))
            }
        }
    )+};
}

lax_deserialize! {
    Str<'a> ['de: 'a, 'a];
    Flag ['de];
    Int ['de];
    Time ['de];
    Present ['de];
    List<T> ['de, T: Deserialize<'de>];
    Obj<T> ['de, T: Deserialize<'de> + Default];
    Entries<'a, K> ['de: 'a, 'a, K: Keys];
}

/// Text; empty where absent.
#[derive(Debug, Default, Clone)]
pub(super) struct Str<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Lax<'de> for Str<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(text)
    }
}

impl Str<'_> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// `None` where empty.
    pub fn get(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&*self.0)
    }
}

/// A boolean.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Flag(pub Option<bool>);

impl Lax<'_> for Flag {
    fn flag(flag: bool) -> Self {
        Self(Some(flag))
    }
}

impl Flag {
    pub fn is_true(self) -> bool {
        self.0 == Some(true)
    }
}

/// An integer, also one written as text (a Rollout's `observedGeneration`).
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Int(pub Option<i64>);

impl<'de> Lax<'de> for Int {
    fn integer(number: i64) -> Self {
        Self(Some(number))
    }
    fn text(text: Cow<'de, str>) -> Self {
        if text.is_empty() {
            return Self(None);
        }
        text.parse().map_or_else(|_| leave_out(), |n| Self(Some(n)))
    }
}

impl Int {
    /// As a count: negative or too large is absent.
    pub fn count(self) -> Option<u32> {
        self.0.and_then(|n| u32::try_from(n).ok())
    }
}

/// An RFC 3339 time.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Time(pub Option<Timestamp>);

impl<'de> Lax<'de> for Time {
    fn text(text: Cow<'de, str>) -> Self {
        if text.is_empty() {
            return Self(None);
        }
        text.parse().map_or_else(|_| leave_out(), |t| Self(Some(t)))
    }
}

/// Whether an object or a list stands there at all, empty or not.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Present(pub bool);

impl<'de> Lax<'de> for Present {
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self(true))
    }
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self(true))
    }
}

/// A list; empty where absent.
#[derive(Debug)]
pub(super) struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Lax<'de> for List<T> {
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Self(items))
    }
}

/// An object; its default where absent. What its own fields demand still holds.
#[derive(Debug, Default)]
pub(super) struct Obj<T>(pub T);

impl<'de, T: Deserialize<'de> + Default> Lax<'de> for Obj<T> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Self)
    }
}

/// An object that must be one. serde's own structs would also take a list, field by field, and so a name out of
/// nowhere.
#[derive(Debug, Default)]
pub(super) struct Must<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Must<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MustVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for MustVisitor<T> {
            type Value = Must<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Must<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Must)
            }
        }
        deserializer.deserialize_map(MustVisitor(PhantomData))
    }
}

impl<T> std::ops::Deref for Must<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// Which keys of a free-form map are read.
pub(super) trait Keys {
    /// No more entries than this are kept, whatever the object holds.
    const LIMIT: usize;
    fn wanted(key: &str) -> bool;
    /// Keys that are kept even beyond the limit.
    fn always(_: &str) -> bool {
        false
    }
}

/// Entries of a free-form map (labels, annotations) whose keys are wanted and whose values are text.
#[derive(Debug)]
pub(super) struct Entries<'a, K>(pub Vec<(Str<'a>, Str<'a>)>, PhantomData<K>);

impl<K> Default for Entries<'_, K> {
    fn default() -> Self {
        Self(Vec::new(), PhantomData)
    }
}

impl<'de: 'a, 'a, K: Keys> Lax<'de> for Entries<'a, K> {
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Str<'a>>()? {
            let room = entries.len() < K::LIMIT || (entries.len() < 2 * K::LIMIT && K::always(&key.0));
            if room && K::wanted(&key.0) {
                entries.push((key, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Self(entries, PhantomData))
    }
}

impl<K> Entries<'_, K> {
    /// Value of a key, where there is one that is not empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k.0 == key).and_then(|(_, v)| v.get())
    }
}
