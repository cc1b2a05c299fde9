//! What a badge says: the state in a word, and the tag that runs.

use landfall_app::{
    components::{attribute, short_digest, state_word},
    lang::Lang,
    tr,
};
use landfall_model::{
    view::{Environment, Snapshot},
    words::State,
};

/// Characters of the two halves; with all of them escaped the picture is still below 2 KB.
const LABEL: usize = 40;
const TAG: usize = 28;

/// The two halves of a badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// Which environment that is, as it was asked for.
    pub label: String,
    pub message: String,
    pub tone: Tone,
    pub glyph: Glyph,
    /// Nothing is known, or may be told.
    pub is_unknown: bool,
}

/// Ground under the message. White on each is at least 5.9:1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Moving,
    Odd,
    Bad,
    Quiet,
}

impl Tone {
    pub const fn color(self) -> &'static str {
        match self {
            Self::Good => "#0d6a3a",
            Self::Moving => "#0a4db0",
            Self::Odd => "#875200",
            Self::Bad => "#b21f1c",
            Self::Quiet => "#5f656d",
        }
    }
}

/// A shape that says the state without its colour: a path on 16 by 16, filled or drawn with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    pub path: &'static str,
    pub is_filled: bool,
}

const fn filled(path: &'static str) -> Glyph {
    Glyph { path, is_filled: true }
}

const fn line(path: &'static str) -> Glyph {
    Glyph { path, is_filled: false }
}

const OK: Glyph = line("M2.5 8.6 6.3 12.4 13.5 3.8");
const MOVING: Glyph = line("M2.5 2.8 7 8l-4.5 5.2M8.8 2.8 13.3 8l-4.5 5.2");
const BAD: Glyph = filled("M8 .4 15.6 8 8 15.6.4 8zM7 4v5.2h2V4zm0 6.4v2h2v-2z");
const MISSING: Glyph = line("M2 2h12v12H2z");
const DRIFTED: Glyph = line("M2 5.4h12M2 10.6h12M11.2 1.6 4.8 14.4");
const SUSPENDED: Glyph = filled("M3.4 2.5h3.4v11H3.4zM9.2 2.5h3.4v11H9.2z");
const UNKNOWN: Glyph = line("M4.8 5.4c0-2 1.4-3 3.2-3s3.2 1 3.2 2.8c0 2.4-3.1 2.4-3.1 4.8M8.1 12v2");
const STALE: Glyph = line("M1.8 8a6.2 6.2 0 1 0 12.4 0A6.2 6.2 0 1 0 1.8 8M8 4v4.2l3 1.8");
const NONE: Glyph = line("M3.5 8h9");

impl Face {
    /// The environment of this name; of several with it, on other clusters, the worst.
    pub fn of(snapshot: &Snapshot, service: &str, environment: &str, lang: Lang) -> Self {
        let found = snapshot.service(service).and_then(|service| {
            let here = service.environments.iter().filter(|e| *e.name == *environment);
            here.min_by_key(|e| (e.state, std::cmp::Reverse(snapshot.is_stale(e)), e.id.clone()))
        });
        let Some(found) = found.filter(|e| e.state != State::Unknown) else {
            return Self::unknown(service, environment, lang);
        };
        let word = state_word(lang, found.state).into_owned();
        let (tone, glyph, word) = if snapshot.is_stale(found) {
            (Tone::Quiet, STALE, tr!(lang, "state-was", state = word).into_owned())
        } else {
            let (tone, glyph) = look(found.state);
            (tone, glyph, word)
        };
        let message = match tag(found) {
            Some(tag) => format!("{word} {}", cut(&tag, TAG)),
            None => word,
        };
        Self { label: label(service, environment), message, tone, glyph, is_unknown: false }
    }

    /// What is said of an environment that is not there, not readable, or not for whoever asks.
    pub fn unknown(service: &str, environment: &str, lang: Lang) -> Self {
        Self {
            label: label(service, environment),
            message: state_word(lang, State::Unknown).into_owned(),
            tone: Tone::Quiet,
            glyph: UNKNOWN,
            is_unknown: true,
        }
    }
}

const fn look(state: State) -> (Tone, Glyph) {
    match state {
        State::Healthy => (Tone::Good, OK),
        State::Progressing => (Tone::Moving, MOVING),
        State::Degraded => (Tone::Bad, BAD),
        State::Missing => (Tone::Bad, MISSING),
        State::Drifted => (Tone::Odd, DRIFTED),
        State::Suspended => (Tone::Odd, SUSPENDED),
        State::Unknown => (Tone::Quiet, UNKNOWN),
        State::None => (Tone::Quiet, NONE),
    }
}

/// What most pods run, else what is meant to; without a tag the beginning of the digest.
fn tag(environment: &Environment) -> Option<String> {
    let image = environment.image.as_ref()?;
    let running = image.running.first().map(|r| (&r.tag, &r.digest));
    let meant = image.meant.first().map(|m| (&m.tag, &m.digest));
    let (tag, digest) = running.or(meant)?;
    tag.as_deref().map(str::to_owned).or_else(|| digest.as_deref().map(short_digest))
}

fn label(service: &str, environment: &str) -> String {
    cut(&format!("{service} {environment}"), LABEL)
}

/// The beginning of a text from outside, with what hides made visible.
fn cut(text: &str, characters: usize) -> String {
    let shown = attribute(text);
    // Two code points that no XML document may hold.
    let mut clean = shown.chars().map(|c| if matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c });
    let mut out: String = clean.by_ref().take(characters).collect();
    if clean.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}
