//! What the browser loads: the islands of `landfall-app`, and the function that wakes them.
//!
//! A `cdylib` only: with an `rlib` beside it, cargo would switch link-time optimisation off.

use landfall_app as _; // the islands' exports live there
use wasm_bindgen::prelude::wasm_bindgen;

/// Prepares the page; `boot.js` calls it once, before any island.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
