//! Which keys each list takes, with their allowed values.

use super::{Sort, images};
use crate::words::{
    Kind, PreviewState, Rule, Severity, SourceKind, SourceState, Standing, State, SubjectKind, TransitionKind,
};

/// Declares an enum of keys with its spelling in the query string.
macro_rules! keys {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every key, in the order in which links write them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its spelling in the query string.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The key with this spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

keys! {
    /// Keys that narrow a list; each may be repeated for *or*.
    FilterKey {
        Service = "service",
        /// Owner; `none` = nobody.
        Team = "team",
        /// Name of an environment; `preview` = any preview.
        Env = "env",
        State = "state",
        Flag = "flag",
        Rule = "rule",
        Severity = "severity",
        Kind = "kind",
        Cluster = "cluster",
        /// Name of an Argo CD instance.
        Instance = "instance",
        /// Strategy by which an image is kept up to date; `none` = by none.
        Policy = "policy",
    }
}

keys! {
    /// What a list can be ordered by.
    SortKey {
        Name = "name",
        Team = "team",
        State = "state",
        Since = "since",
        Severity = "severity",
        Rule = "rule",
        /// Time of a transition.
        At = "at",
        /// Last success of a source, oldest first.
        Age = "age",
        /// When a finding ended, newest first; those that are open stand before.
        Ended = "ended",
    }
}

keys! {
    /// What a list can be grouped by.
    GroupKey { Team = "team", State = "state", Rule = "rule", Service = "service", Kind = "kind" }
}

keys! {
    /// The lists that take a query.
    List {
        Services = "services", Findings = "findings", Sources = "sources", History = "history",
        Images = "images", Previews = "previews",
    }
}

/// Flags of an environment or service: beside the state, not instead of it.
pub const FLAGS: &[&str] = &[FLAG_STALE, FLAG_UNASSIGNED];
/// Rests on a source that is silent.
pub const FLAG_STALE: &str = "stale";
/// No rule placed the service.
pub const FLAG_UNASSIGNED: &str = "unassigned";
/// Value of `env` for every preview.
pub const ANY_PREVIEW: &str = "preview";
/// Value of `team` for services that nobody owns.
pub const NO_TEAM: &str = "none";
/// `state` of findings.
pub const OPEN: &str = "open";
pub const CLOSED: &str = "closed";

/// Which values a key may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A name that comes from the data.
    Name,
    /// One of these words.
    Words(Vec<&'static str>),
}

impl List {
    /// Keys that narrow this list, with their allowed values.
    pub fn filters(self) -> Vec<(FilterKey, Allowed)> {
        use FilterKey as K;
        let words = |all: Vec<&'static str>| Allowed::Words(all);
        let rules = || words(Rule::ALL.iter().map(|r| r.as_str()).collect());
        let severities = || words(Severity::ALL.iter().map(|s| s.as_str()).collect());
        match self {
            Self::Services => vec![
                (K::Service, Allowed::Name),
                (K::Team, Allowed::Name),
                (K::Env, Allowed::Name),
                (K::State, words(State::ALL.iter().map(|s| s.as_str()).collect())),
                (K::Flag, words(FLAGS.to_vec())),
                (K::Rule, rules()),
                (K::Severity, severities()),
                (K::Kind, words(Kind::ALL.iter().filter(|k| k.is_workload()).map(|k| k.as_str()).collect())),
                (K::Cluster, Allowed::Name),
                (K::Instance, Allowed::Name),
            ],
            Self::Findings => vec![
                (K::Service, Allowed::Name),
                (K::Team, Allowed::Name),
                (K::Env, Allowed::Name),
                (K::State, words(vec![OPEN, CLOSED])),
                (K::Rule, rules()),
                (K::Severity, severities()),
                (K::Kind, words(SubjectKind::ALL.iter().map(|k| k.as_str()).collect())),
            ],
            Self::Sources => vec![
                (K::State, words(SourceState::ALL.iter().map(|s| s.as_str()).collect())),
                (K::Kind, words(SourceKind::ALL.iter().map(|k| k.as_str()).collect())),
            ],
            Self::Images => vec![
                (K::Service, Allowed::Name),
                (K::Team, Allowed::Name),
                (K::Env, Allowed::Name),
                (K::State, words(Standing::ALL.iter().map(|it| it.as_str()).collect())),
                (K::Policy, words(images::policies())),
            ],
            Self::Previews => vec![
                (K::Service, Allowed::Name),
                (K::Team, Allowed::Name),
                (K::State, words(PreviewState::ALL.iter().map(|s| s.as_str()).collect())),
                (K::Flag, words(vec![FLAG_STALE])),
                (K::Instance, Allowed::Name),
            ],
            Self::History => vec![
                (K::Service, Allowed::Name),
                (K::Env, Allowed::Name),
                (K::Kind, words(TransitionKind::ALL.iter().map(|k| k.as_str()).collect())),
            ],
        }
    }

    /// What it can be ordered by.
    pub const fn sorts(self) -> &'static [SortKey] {
        match self {
            Self::Services => {
                &[SortKey::Name, SortKey::Team, SortKey::State, SortKey::Since, SortKey::Severity]
            }
            Self::Findings => {
                &[SortKey::Severity, SortKey::Since, SortKey::Rule, SortKey::Name, SortKey::Ended]
            }
            Self::Sources => &[SortKey::Name, SortKey::State, SortKey::Age],
            Self::History => &[SortKey::At],
            Self::Images => &[SortKey::State, SortKey::Name, SortKey::Since],
            Self::Previews => &[SortKey::State, SortKey::Since, SortKey::Name],
        }
    }

    /// What it can be grouped by.
    pub const fn groups(self) -> &'static [GroupKey] {
        match self {
            Self::Services => &[GroupKey::Team, GroupKey::State],
            Self::Findings => &[GroupKey::Rule, GroupKey::Service],
            Self::Sources => &[GroupKey::Kind],
            Self::History | Self::Images | Self::Previews => &[],
        }
    }

    /// The order without `sort`.
    pub const fn default_sort(self) -> Sort {
        Sort::by(match self {
            Self::Services | Self::Sources => SortKey::Name,
            Self::Images | Self::Previews => SortKey::State,
            Self::Findings => SortKey::Severity,
            Self::History => SortKey::At,
        })
    }

    /// Whether `until` is taken.
    pub const fn has_until(self) -> bool {
        matches!(self, Self::History | Self::Findings)
    }
}
