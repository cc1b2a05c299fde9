//! The glyphs, drawn once per page and used by name. 16 × 16, shown at 14.

use leptos::prelude::*;

/// The glyph `name` of the sprite. It never stands alone: a word says the same.
pub fn icon(name: &'static str) -> AnyView {
    view! { <svg class="i" aria-hidden="true"><use_ href=format!("#i-{name}")/></svg> }.into_any()
}

/// Every glyph. Stands once in the page, before anything that uses it.
pub fn sprite() -> AnyView {
    view! {
        <svg hidden width="0" height="0" aria-hidden="true">
            <defs>
                <symbol id="i-ok" viewBox="0 0 16 16"><path fill="currentColor" fill-rule="evenodd" d="M8 1.2a6.8 6.8 0 1 0 0 13.6A6.8 6.8 0 0 0 8 1.2zm4 4.9-4.8 5.6L4 8.8l1.2-1.3 1.8 1.6 3.6-4.2z"/></symbol>
                <symbol id="i-move" viewBox="0 0 16 16"><path stroke="currentColor" stroke-width="2.2" d="M2.5 2.8 7 8l-4.5 5.2M8.8 2.8 13.3 8l-4.5 5.2"/></symbol>
                <symbol id="i-bad" viewBox="0 0 16 16"><path fill="currentColor" fill-rule="evenodd" d="M8 .4 15.6 8 8 15.6.4 8zM7 4v5.2h2V4zm0 6.4v2h2v-2z"/></symbol>
                <symbol id="i-pause" viewBox="0 0 16 16"><path fill="currentColor" d="M3.4 2.5h3.4v11H3.4zM9.2 2.5h3.4v11H9.2z"/></symbol>
                <symbol id="i-missing" viewBox="0 0 16 16"><rect x="2" y="2" width="12" height="12" stroke="currentColor" stroke-width="1.8" stroke-dasharray="3 1.5"/></symbol>
                <symbol id="i-unknown" viewBox="0 0 16 16"><path stroke="currentColor" stroke-width="2" d="M4.8 5.4c0-2 1.4-3 3.2-3s3.2 1 3.2 2.8c0 2.4-3.1 2.4-3.1 4.8"/><circle cx="8.1" cy="13" r="1.4" fill="currentColor"/></symbol>
                <symbol id="i-stale" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.6 1.3"/><path stroke="currentColor" stroke-width="1.7" d="M8 4v4.2l3 1.8"/></symbol>
                <symbol id="i-drift" viewBox="0 0 16 16"><path stroke="currentColor" stroke-width="2" d="M2 5.4h12M2 10.6h12M11.2 1.6 4.8 14.4"/></symbol>
                <symbol id="i-newer" viewBox="0 0 16 16"><path stroke="currentColor" stroke-width="2" d="M8 14.4V3M3.4 7.4 8 2.6l4.6 4.8"/></symbol>
                <symbol id="i-none" viewBox="0 0 16 16"><path stroke="currentColor" stroke-width="2" d="M3.5 8h9"/></symbol>
                <symbol id="i-wait" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.6" stroke="currentColor" stroke-width="1.8"/></symbol>
                <symbol id="i-crit" viewBox="0 0 16 16"><path fill="currentColor" fill-rule="evenodd" d="M8 .8 15.8 15H.2zM7 5.6v4.6h2V5.6zm0 5.8v2h2v-2z"/></symbol>
                <symbol id="i-warn" viewBox="0 0 16 16"><path stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" d="M8 1.8 14.8 14H1.2z"/><path fill="currentColor" d="M7.2 6h1.6v4H7.2zM7.2 11.2h1.6v1.5H7.2z"/></symbol>
                <symbol id="i-note" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.4" stroke="currentColor" stroke-width="1.4"/><path fill="currentColor" d="M7.1 7h1.8v5H7.1zM7.1 4h1.8v1.8H7.1z"/></symbol>
                <symbol id="i-closed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" stroke="currentColor" stroke-width="1.5"/><path stroke="currentColor" stroke-width="1.8" d="m4.8 8.2 2.3 2.3 4.2-4.8"/></symbol>
                <symbol id="i-live" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.3" stroke="currentColor" stroke-width="1.5"/><circle cx="8" cy="8" r="3" fill="currentColor"/></symbol>
                <symbol id="i-ext" viewBox="0 0 16 16"><path stroke="currentColor" stroke-width="2" d="M5.5 2.5h8v8M13.5 2.5 3 13"/></symbol>
                <symbol id="i-copy" viewBox="0 0 16 16"><rect x="5" y="5" width="9" height="9.5" rx="1" stroke="currentColor" stroke-width="1.5"/><path stroke="currentColor" stroke-width="1.5" d="M11 2.2V1.5H2v9h1"/></symbol>
                <symbol id="i-brand" viewBox="0 0 16 16"><path fill="currentColor" d="M1 10.4 8.6 2l6.4 8.4z"/><path stroke="currentColor" stroke-width="1.8" d="M0 13.6h16"/></symbol>
            </defs>
        </svg>
    }
    .into_any()
}
