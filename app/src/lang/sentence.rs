//! Sentences of the model in the reader's language, in pieces: our words, and what stands in their gaps.

use fluent_bundle::{FluentArgs, FluentValue};
use landfall_model::phrase::{Arg, LIST, Phrase, Said};

use super::{Lang, bundle::find};

/// First of the private-use characters that stand for arguments other than numbers until the sentence is cut at them.
const MARK: u32 = 0xE000;

/// A part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Piece<'a> {
    /// From the catalogue.
    Ours(&'a str),
    /// What an argument holds: its name and the text from outside.
    Theirs(&'a str, &'a str),
    /// Sentences of their own, one after the other or alone.
    Several(&'a [Said]),
}

/// Cuts the sentence into pieces, in the order of the language, and hands them to `show`. `None` where the catalogue
/// does not know the sentence: a newer version told it.
pub fn sentence<T>(lang: Lang, phrase: &Phrase, show: impl FnOnce(&[Piece<'_>]) -> T) -> Option<T> {
    let mut args = FluentArgs::with_capacity(phrase.args.len());
    let mut kept = Vec::new();
    for (name, arg) in &phrase.args {
        let piece = match arg {
            Arg::Number(number) => {
                args.set(&**name, *number);
                continue;
            }
            Arg::Text(text) => Piece::Theirs(name, text),
            Arg::Phrases(parts) if *phrase.id == *LIST => return Some(show(&[Piece::Several(parts)])),
            Arg::Phrases(parts) => Piece::Several(parts),
        };
        let at = u32::try_from(kept.len()).ok()?;
        args.set(&**name, FluentValue::from(char::from_u32(MARK + at)?.to_string()));
        kept.push(piece);
    }
    let text = find(lang, &format!("said-{}", phrase.id), &args)?;
    let mut pieces = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let Some(piece) = (c as u32).checked_sub(MARK).and_then(|nth| kept.get(nth as usize)) else {
            continue;
        };
        if at > from {
            pieces.push(Piece::Ours(&text[from..at]));
        }
        pieces.push(*piece);
        from = at + c.len_utf8();
    }
    if from < text.len() {
        pieces.push(Piece::Ours(&text[from..]));
    }
    Some(show(&pieces))
}

#[cfg(test)]
mod tests {
    use landfall_model::{Text, said};

    use super::*;

    #[test]
    fn each_language_has_its_own_order() {
        let (name, reason) = (Text::from("web"), Text::from("\u{e001}\u{202e}"));
        let said = said!(
            "rollout-stands-because",
            "The rollout of {name} does not end, {updated} of {desired} pods updated: {reason}",
            name = name,
            updated = 1_i32,
            desired = 1_200_i32,
            reason = reason,
        );
        let phrase = said.phrase.expect("ours");
        let pieces = |lang| sentence(lang, &phrase, |pieces| format!("{pieces:?}")).expect("known");
        let english = pieces(Lang::En);
        assert!(
            english.starts_with(
                r#"[Ours("The rollout of "), Theirs("name", "web"), Ours(" does not end, 1 of 1"#
            ),
            "{english}"
        );
        let japanese = pieces(Lang::Ja);
        assert!(
            japanese
                .starts_with(r#"[Theirs("name", "web"), Ours(" のロールアウトが終わらない（Pod 1/1,200 "#),
            "{japanese}"
        );
    }

    #[test]
    fn a_sentence_of_a_newer_version_is_none_of_ours() {
        let said = Said::ours("New words", "of-tomorrow", []);
        assert_eq!(sentence(Lang::Ja, &said.phrase.expect("ours"), |_| ()), None);
    }
}
