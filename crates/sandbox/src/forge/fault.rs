//! What can go wrong at a forge.

/// One thing that goes wrong, for all requests of its sort until it is used up or healed. Sorts are those of
/// [`ForgeCounters`](super::ForgeCounters); `""` means all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForgeFault {
    /// So many requests get this status.
    Status { of: &'static str, code: u16, times: u32 },
    /// So many requests get 403 as GitHub's secondary limit does, with `Retry-After` where given.
    Secondary { of: &'static str, retry_after: Option<u64>, times: u32 },
    /// So many requests of the sort work, then all others get this status.
    After { of: &'static str, working: u32, code: u16 },
    /// Every answer waits so many milliseconds first.
    Slow { ms: u64 },
    /// So many bodies are cut in the middle.
    Cut { of: &'static str, times: u32 },
    /// So many answers are a page of HTML with 200.
    Html { of: &'static str, times: u32 },
    /// In each list the first object has a number where a text belongs.
    Broken { of: &'static str },
    /// Each page says that there is a next one.
    EndlessPages,
    /// All that is asked is sent on to this address.
    Redirect(String),
    /// What is written is kept, and then the connection breaks.
    WriteUnheard { times: u32 },
}
