//! Which of the possible ways of a request the log speaks for.

use super::counts::RouteKey;
use super::router::{Routed, passes};
use super::setup::Setup;
use super::time::Moment;
use crate::route::Outcome;

impl Setup<'_> {
    /// The time that a line says.
    pub(super) fn time(&self, raw: &[u8]) -> Option<Moment> {
        if self.wanted.local.is_some() {
            return Moment::local(raw);
        }
        if self.wanted.iso.is_some() {
            return Moment::iso(raw);
        }
        if self.wanted.msec.is_some() {
            return Moment::msec(raw);
        }
        // a format without a time: everything counts as 1970
        Some(Moment { epoch: 0, offset: 0 })
    }

    pub(super) fn route_key(
        &self,
        routed: &Routed,
        host: Option<Vec<u8>>,
        tried: Option<&[u8]>,
        status: &[u8],
    ) -> RouteKey {
        let outcomes: Vec<&Outcome> = routed.ways.iter().filter_map(|way| way.outcome.as_ref()).collect();
        let logged = self.wanted.upstream.is_some();
        let destination = match tried {
            Some(tried) => self.destination(tried, &outcomes),
            None if !logged && routed.certain => outcomes
                .first()
                .filter(|outcome| passes(outcome))
                .and_then(|outcome| outcome.upstream.clone()),
            None => None,
        };
        let status: Option<u16> = std::str::from_utf8(status).ok().and_then(|text| text.parse().ok());
        let as_logged = |outcome: &Outcome| i32::from(outcome.status.is_some() && outcome.status == status);
        let fits = |outcome: &Outcome| match (&destination, logged) {
            (Some(name), _) => {
                2 * i32::from(outcome.upstream.as_ref() == Some(name)) + i32::from(passes(outcome))
            }
            (None, true) => 2 * i32::from(!passes(outcome)) + as_logged(outcome),
            (None, false) => as_logged(outcome),
        };
        // of the possible ways the one that the log speaks for; the first where it does not tell
        let way = routed
            .ways
            .iter()
            .enumerate()
            .max_by_key(|(index, way)| (way.outcome.as_ref().map_or(-1, fits), std::cmp::Reverse(*index)))
            .map(|(_, way)| way);
        RouteKey {
            host,
            server: way.and_then(|way| way.server),
            loc: way.and_then(|way| way.loc),
            destination,
        }
    }
}
