//! Loads the catalogues once and looks texts up.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::Lang;
use crate::format::number;

/// Lists the parts of the catalogue once for both languages.
macro_rules! parts {
    ($($part:literal),+ $(,)?) => {
        /// Every file of the catalogue: language, part, text.
        pub(super) const FILES: &[(Lang, &str, &str)] = &[
            $((Lang::En, $part, include_str!(concat!("../../locales/en/", $part, ".ftl"))),)+
            $((Lang::Ja, $part, include_str!(concat!("../../locales/ja/", $part, ".ftl"))),)+
        ];
    };
}
parts!(
    "words", "shell", "board", "service", "findings", "history", "sources", "images", "previews", "views",
    "other", "said"
);

type Bundle = FluentBundle<FluentResource>;

static EN: LazyLock<Bundle> = LazyLock::new(|| load(Lang::En));
static JA: LazyLock<Bundle> = LazyLock::new(|| load(Lang::Ja));

fn load(lang: Lang) -> Bundle {
    let tag: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Text from outside stands in `bdi` elements; marks inside attributes would only be noise.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::En => |value, _| group(value, Lang::En),
        Lang::Ja => |value, _| group(value, Lang::Ja),
    }));
    for (of, _, text) in FILES {
        if *of == lang {
            // The files are compiled in and a test proves that they parse; what parsed is used in any case.
            let resource = match FluentResource::try_new((*text).to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            let _ = bundle.add_resource(resource);
        }
    }
    bundle
}

/// Numbers inside texts, grouped as the language groups them.
fn group(value: &FluentValue<'_>, lang: Lang) -> Option<String> {
    match value {
        FluentValue::Number(n) if n.value.fract() == 0.0 && n.value.abs() < 9.0e15 => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and in range, checked above")]
            let whole = n.value as i64;
            Some(number::whole(whole, lang))
        }
        _ => None,
    }
}

/// The text of a key that is only known while running, `None` where there is none.
pub fn find(lang: Lang, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let bundle = of(lang);
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
    errors.is_empty().then_some(text)
}

fn of(lang: Lang) -> &'static Bundle {
    match lang {
        Lang::En => &EN,
        Lang::Ja => &JA,
    }
}

/// The text of `key` with `args` filled in. A key that does not exist gives the key itself, which a reader can report.
pub fn lookup(lang: Lang, key: &'static str, args: &[(&'static str, FluentValue<'_>)]) -> Cow<'static, str> {
    let bundle = of(lang);
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        debug_assert!(false, "no text for {key} in {}", lang.tag());
        return Cow::Borrowed(key);
    };
    let mut errors = Vec::new();
    if args.is_empty() {
        return bundle.format_pattern(pattern, None, &mut errors);
    }
    let mut filled = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        filled.set(*name, value.clone());
    }
    Cow::Owned(bundle.format_pattern(pattern, Some(&filled), &mut errors).into_owned())
}
