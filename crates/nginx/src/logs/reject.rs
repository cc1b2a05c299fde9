//! Why lines are rejected.

/// Why a line is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reject {
    /// The line does not have the format's shape.
    Format,
    /// It holds a byte that nginx's escaping cannot have written.
    Impossible,
    /// The time is none.
    Time,
    /// It is longer than any line nginx writes.
    TooLong,
    /// The compressed file ends within it.
    Truncated,
}

impl Reject {
    /// Every reason.
    pub(crate) const ALL: [Self; 5] =
        [Self::Format, Self::Impossible, Self::Time, Self::TooLong, Self::Truncated];

    /// The reason's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Format => "does-not-fit-format",
            Self::Impossible => "impossible-byte",
            Self::Time => "impossible-time",
            Self::TooLong => "line-too-long",
            Self::Truncated => "file-cut-off",
        }
    }
}
