//! One stream of events for all visible tabs of a browser.
//!
//! Browsers allow six streams a host over HTTP/1.1, so tabs share one: whoever holds the Web Lock reads `/events` and tells
//! the others through a broadcast channel. A tab that is hidden gives the lock back, the next one takes over. Where there are
//! no locks (pages over plain HTTP from another machine), each visible tab reads for itself.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AbortController, BroadcastChannel, Event, EventSource, MessageEvent, VisibilityState};

use super::super::browser;

/// Name of lock and channel.
const NAME: &str = "landfall-events";

/// What the stream tells.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    Up,
    Down,
    /// The data of a `revision` event, as JSON.
    Revision(String),
}

type Hear = Rc<dyn Fn(News)>;

#[derive(Default)]
struct State {
    source: Option<EventSource>,
    /// Ends this tab's turn with the lock.
    release: Option<Function>,
    /// Ends its wait for the lock.
    abort: Option<AbortController>,
    /// The last revision heard, for tabs that come later.
    last: Option<String>,
    up: bool,
}

/// Follows the stream while the tab is visible.
pub fn follow(hear: impl Fn(News) + 'static) {
    let hear: Hear = Rc::new(hear);
    let state = Rc::new(RefCell::new(State::default()));
    let channel = BroadcastChannel::new(NAME).ok();
    if let Some(channel) = &channel {
        let (hear, state, answer) = (Rc::clone(&hear), Rc::clone(&state), channel.clone());
        browser::listen(channel, "message", move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            match text.split_once(' ').unwrap_or((text.as_str(), "")) {
                ("up", _) => hear(News::Up),
                ("down", _) => hear(News::Down),
                ("revision", data) => hear(News::Revision(data.to_owned())),
                ("hello", _) => {
                    let state = state.borrow();
                    if state.source.is_some() && state.up {
                        let _ = answer.post_message(&JsValue::from_str("up"));
                        if let Some(last) = &state.last {
                            let _ = answer.post_message(&JsValue::from_str(&format!("revision {last}")));
                        }
                    }
                }
                _ => {}
            }
        });
    }
    let Some(document) = browser::document() else { return };
    join(&state, &hear, channel.as_ref());
    let watched = document.clone();
    browser::listen(&document, "visibilitychange", move |_: Event| {
        if watched.visibility_state() == VisibilityState::Visible {
            join(&state, &hear, channel.as_ref());
        } else {
            leave(&state);
        }
    });
}

/// `navigator.locks` with its `request`. Not in `web-sys` without unstable parts, hence by name.
fn locks() -> Option<(JsValue, Function)> {
    let navigator = browser::window()?.navigator();
    let locks = Reflect::get(&navigator, &JsValue::from_str("locks")).ok()?;
    let request = Reflect::get(&locks, &JsValue::from_str("request")).ok()?.dyn_into().ok()?;
    Some((locks, request))
}

/// Waits for the turn to read, or reads at once where there are no locks.
fn join(state: &Rc<RefCell<State>>, hear: &Hear, channel: Option<&BroadcastChannel>) {
    if state.borrow().source.is_some() || state.borrow().abort.is_some() {
        return;
    }
    let Some((locks, request)) = locks() else {
        open(state, hear, None);
        return;
    };
    if let Some(channel) = channel {
        let _ = channel.post_message(&JsValue::from_str("hello"));
    }
    let Ok(controller) = AbortController::new() else { return };
    let options = Object::new();
    let _ = Reflect::set(&options, &JsValue::from_str("signal"), &controller.signal());
    state.borrow_mut().abort = Some(controller);
    let (mine, hear, channel) = (Rc::clone(state), Rc::clone(hear), channel.cloned());
    let turn = Closure::once_into_js(move |_lock: JsValue| -> Promise {
        mine.borrow_mut().abort = None;
        open(&mine, &hear, channel.as_ref());
        // The lock is held until this promise is kept.
        Promise::new(&mut |resolve, _| mine.borrow_mut().release = Some(resolve))
    });
    let Ok(granted) = request.call3(&locks, &JsValue::from_str(NAME), &options, &turn) else { return };
    // Giving up the wait rejects the promise; that is no error.
    let ignore = Closure::once_into_js(|_: JsValue| {});
    if let Some(catch) = Reflect::get(&granted, &JsValue::from_str("catch"))
        .ok()
        .and_then(|catch| catch.dyn_into::<Function>().ok())
    {
        let _ = catch.call1(&granted, &ignore);
    }
}

/// Closes the stream and lets another tab read.
fn leave(state: &Rc<RefCell<State>>) {
    let mut state = state.borrow_mut();
    if let Some(source) = state.source.take() {
        source.close();
    }
    if let Some(controller) = state.abort.take() {
        controller.abort();
    }
    if let Some(release) = state.release.take() {
        let _ = release.call0(&JsValue::NULL);
    }
    state.up = false;
}

fn open(state: &Rc<RefCell<State>>, hear: &Hear, channel: Option<&BroadcastChannel>) {
    let Ok(source) = EventSource::new("/events") else { return };
    let tell = {
        let (hear, channel) = (Rc::clone(hear), channel.cloned());
        move |news: News| {
            if let Some(channel) = &channel {
                let text = match &news {
                    News::Up => "up".to_owned(),
                    News::Down => "down".to_owned(),
                    News::Revision(data) => format!("revision {data}"),
                };
                let _ = channel.post_message(&JsValue::from_str(&text));
            }
            hear(news);
        }
    };
    let (up, mine) = (tell.clone(), Rc::clone(state));
    browser::listen(&source, "open", move |_: Event| {
        mine.borrow_mut().up = true;
        up(News::Up);
    });
    let (told, mine) = (tell.clone(), Rc::clone(state));
    browser::listen(&source, "revision", move |event: MessageEvent| {
        let data = event.data().as_string().unwrap_or_default();
        mine.borrow_mut().last = Some(data.clone());
        told(News::Revision(data));
    });
    let (mine, again, way, failed) = (Rc::clone(state), Rc::clone(hear), channel.cloned(), source.clone());
    browser::listen(&source, "error", move |_: Event| {
        mine.borrow_mut().up = false;
        tell(News::Down);
        // The browser tries again by itself, except after an answer that is no stream.
        if failed.ready_state() == EventSource::CLOSED {
            let (mine, again, way, old) = (Rc::clone(&mine), Rc::clone(&again), way.clone(), failed.clone());
            let jitter = js_sys::Math::random() * 3_000.0;
            #[expect(clippy::cast_possible_truncation, reason = "at most 5 000")]
            let wait = (2_000.0 + jitter) as i32;
            browser::after(wait, move || {
                let still = mine.borrow().source.as_ref() == Some(&old);
                if still {
                    open(&mine, &again, way.as_ref());
                }
            });
        }
    });
    state.borrow_mut().source = Some(source);
}
