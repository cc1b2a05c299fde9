//! What can go wrong at a registry.

/// One thing that goes wrong, for all requests of its sort until it is used up or healed. Sorts are those of
/// [`RegistryCounters`](super::RegistryCounters); `""` means all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryFault {
    /// So many requests get this status, with `Retry-After` where given.
    Status { of: &'static str, code: u16, retry_after: Option<String>, times: u32 },
    /// So many requests of the sort work, then one gets 500.
    After { of: &'static str, working: u32 },
    /// The challenge names this place to sign in at.
    Realm(String),
    /// Each page of a list has a next one, at a new address, with the same tags.
    EndlessPages,
    /// Each page of a list says that it is its own next one.
    SamePage,
    /// No digest in any header.
    NoDigest,
    /// The digest in the headers is not that of the content.
    WrongDigest,
    /// A page of HTML with 200 in place of what was asked for.
    Html { of: &'static str },
    /// Every answer waits so many milliseconds first.
    Slow { ms: u64 },
    /// So many bodies are cut in the middle.
    Cut { of: &'static str, times: u32 },
    /// Blobs are at this URL.
    Redirect(String),
    /// Errors repeat the credentials that were sent.
    Echo,
}
